"""The experiments as a user runs them, the figures small, and that neither depends on anything but the seed."""

import json
import time

import pytest

from compiled_models.cli import main
from compiled_models.elicit import Table
from compiled_models.elicit.figures import figure
from compiled_models.elicit.learning.fixed_networks import fixed_network, sha256_of
from tests.compiled_models.elicit.intervals import estimated

COMMANDS = {
    "text": ["--contexts", "3", "--vocabulary", "2", "--epsilon", "0.2", "--seeds", "20"],
    "sequence": ["--length", "8", "--vocabulary", "2", "--epsilon", "0.2", "--seeds", "10"],
    "retrieval": ["--store", "500", "--queries", "2", "--seeds", "5", "--matches", "20"],
    "tuning": ["--contexts", "2", "--vocabulary", "2", "--sizes", "10", "--updates", "300"],
}


MEANS = {
    "text": {"mean TV", "share of datasets of that size that missed epsilon (delta allowed)"},
    "sequence": {"mean TV", "mean TV, demonstrations", "  mean TV of whole runs"},
    "retrieval": {"TV to all matches", "nearest: mean TV", "random: mean TV", "missed", "nearest: best token"},
    "tuning": set(),
    "machine": {"mean TV of runs", "steps on average"},
}


def elicit(capsys, *arguments):
    status = main(["elicit", *arguments])
    return status, capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_json_and_files(name, capsys, tmp_path):
    plot = tmp_path / "plot.png"
    status, out = elicit(capsys, name, *COMMANDS[name], "--json", "-o", str(plot))
    report = json.loads(out)
    assert (status, report["holds"], report["experiment"]) == (0, True, name)
    assert report["networks"] == {"A": sha256_of(fixed_network())}  # the same weights in every experiment
    assert plot.read_bytes().startswith(b"\x89PNG")
    table = Table.read(plot.with_suffix(".csv"))
    assert table.columns == tuple(report["measurements"][0])
    assert {f"{mean}, 95 % from" for mean in MEANS[name]} <= {*table.columns, *report["facts"]}
    assert f"elicit {name}" in plot.with_suffix(".csv").read_text().splitlines()[0]


def test_the_seed_decides(capsys):
    arguments = ["text", "--contexts", "1", "--vocabulary", "2", "--epsilon", "0.3", "--seeds", "5", "--json"]
    one, again, other = (elicit(capsys, *arguments, "--seed", seed)[1] for seed in "115")
    assert one == again != other


def test_text_says_what_was_asked_for(capsys):
    status, out = elicit(capsys, "text", *COMMANDS["text"])
    assert status == 0
    for phrase in ("constant is not stated", "bound with its constants", "nothing here falsifies", "network A"):
        assert phrase in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["text", "--epsilon", "2"],
        ["text", "--vocabulary", "100000"],
        ["tuning", "--sizes", "ten"],
        ["sequence", "--machine", "no such machine"],
        ["sequence", "--vocabulary", "100000"],
        ["retrieval", "--vocabulary", "100000"],
        ["retrieval", "--queries", "1000000"],
        ["text", "-o", "no_such_folder/plot.png"],
        ["neighbours", "-o", "no_such_folder/plot.png"],
        ["nothing"],
    ],
)
def test_bad_input_is_said_at_once(arguments, capsys):
    began = time.monotonic()
    assert main(["elicit", *arguments]) == 2
    assert time.monotonic() - began < 10
    said = capsys.readouterr().err
    assert said.startswith("tapehead: ")


@pytest.mark.parametrize("name", ["bounded_context", "decide_head", "machine", "sequence"])
def test_no_falsifier_fires(name):
    """The figures at a tenth of their size; text, retrieval and tuning are the experiments above."""
    done = figure(name, 0.1)
    assert done.holds, (done.facts, done.table.records())
    assert MEANS.get(name, set()) - {"  mean TV of whole runs"} <= estimated(done)


def test_text_figure_small(tmp_path):
    done = figure("text", 0.1)
    assert done.holds, done.facts
    assert {"mean TV", "slope of log TV over log n, V = 8"} <= estimated(done)
    done.draw(tmp_path / "one.svg")
    done.draw(tmp_path / "two.svg")
    assert (tmp_path / "one.svg").stat().st_size > 10_000

"""What puzzled newcomers: where a tape begins, rates of a moment, sentences cut short, errors that do not help."""

from __future__ import annotations

import json
import re

import pytest
import torch

from compiled_models import run
from compiled_models.bench.measure import Measurement
from compiled_models.cli import bench, main
from construction import base_network
from tm import Machine, MachineError, library
from tm.registry import readers, writers

NETWORK = base_network(states=8, symbols=4, tapes=2)


@pytest.mark.parametrize(
    ("text", "input", "head", "first", "at", "marked"),
    [
        ("a 1 -> b 1 S\na 0 -> a 0 S", "1000", 0, 0, 0, "[1]000"),
        ("a 1 -> b 1 L\nb 0 -> b 0 L", "1000", 0, 0, -1, "[_]1000"),
        ("a _ -> b 1 R", "", -7, -7, -6, "1[_]"),
        ("a 1 -> b _ R", "1", 0, None, 1, "[_]"),
        ("a _ -> a _ L\na 0 -> a 1 L\na 1 -> b 1 L", "10", -1, 0, -4, "[_]___10"),
    ],
)
def test_where_a_tape_begins(capsys, tmp_path, text, input, head, first, at, marked):
    machine = Machine.read(text)
    result = run(NETWORK, machine, input, head=head, max_steps=3)
    assert (result.first_cell, result.head) == (first, at)
    path = tmp_path / "machine.tm"
    path.write_text(text)
    asked = ["run", str(path), input, f"--head={head}", "--max-steps=3"]
    assert main(asked) == 0
    assert f"tape     {marked}    head on cell {at}" in capsys.readouterr().out
    assert main([*asked, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["first_cell"], report["head"]) == (first, at)


def test_where_several_tapes_begin():
    result = run(NETWORK, library.load("two_tape_copy"), ["101", ""], head=[0, 5])
    assert result.first_cell == [0, 5]
    assert run(NETWORK, library.load("two_tape_copy"), ["", ""]).first_cell == [None, None]


def test_no_rate_of_a_moment(capsys):
    assert main(["run", "increment", "1011"]) == 0
    assert "steps/s" not in capsys.readouterr().out


def test_descriptions_are_whole_sentences(capsys):
    assert main(["library", "--json"]) == 0
    machines = json.loads(capsys.readouterr().out)["machines"]
    assert len(machines) == len(library.names())
    assert [machine["name"] for machine in machines if not machine["does"].endswith(".")] == []


def test_the_notations_offered_can_be_written(capsys):
    for wrong in ("foo", "table"):
        assert main(["convert", "bb2", "--to", wrong]) == 2
        offered = capsys.readouterr().err.split("expected: ")[1].splitlines()[0].split(" or ")
        assert sorted(offered) == sorted(writers())
    assert "table" in readers()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["increment", "1011"], "did you mean `tapehead run increment 1011`?"),
        (["librari"], "did you mean `tapehead library`?"),
        (["run", "nosuch"], "`tapehead library` lists"),
        (["elicit", "nosuch"], "`tapehead elicit --help` lists them"),
        (["run"], "`tapehead run --help`"),
        (["run", "bb2", "--decoder", "none"], "`tapehead run --help`"),
        (["certify", "--no-such-option"], "`tapehead certify --help`"),
    ],
)
def test_every_error_says_what_to_do(capsys, arguments, said):
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert err.startswith("tapehead: ")
    assert "Usage" not in err
    assert said in err
    assert "problems" not in err  # one slip, one message
    assert out == ""


@pytest.mark.parametrize("tokens", [torch.zeros(4, dtype=torch.int64), torch.zeros(2, 4, dtype=torch.int64)])
def test_tokens_of_another_shape(tokens):
    with pytest.raises(ValueError, match=r"\[batch, positions, fields\].*of shape \("):
        NETWORK(tokens)
    with pytest.raises(ValueError, match=r"integers.*float32"):
        NETWORK(torch.zeros(1, 2, 4))


def test_a_lemma_that_fails_by_far_says_how_many_times(capsys):
    assert main(["certify", "--states=4", "--symbols=2", "--tapes=1", "--tokens=40000000000"]) == 1
    out = capsys.readouterr().out
    assert " times" in out
    assert not re.search(r"-\d{3,}(\.\d+)? ?%", out)


@pytest.mark.parametrize(
    ("notation", "text"),
    [
        ("turingmachinesimulator", "name: x\ninit: a\naccept: b\n\na,0\nb,1,>\n\na,0\na,0,<\n"),
        ("tapehead", "a 0 -> b 1 R\na 0 -> a 0 L\n"),
    ],
)
def test_a_weight_is_advised_only_where_one_can_be_written(notation, text):
    with pytest.raises(MachineError, match="as our own notation can"):
        Machine.parse(text, notation)


def test_a_benchmark_that_nobody_watches_says_what_it_measures(capsys, monkeypatch):
    monkeypatch.setattr(bench, "start_times", dict)
    measured = Measurement("kernels", "bb4", 1_000, 0.1, 0.5, 50.0)
    monkeypatch.setattr(bench, "measurements", lambda chosen, **_: [("kernels", name, measured) for name in chosen])
    monkeypatch.setattr(bench, "lengths", lambda: [("dense", "bb5", None)])
    monkeypatch.setattr(bench, "measured_rows", lambda counts: [])
    assert main(["bench", "--workload", "bb4"]) == 0
    assert capsys.readouterr().err.splitlines() == ["bb4: kernels: 2,000 steps/s", "bb5: dense: cannot run it"]

"""Pictures for lectures: they show what the network computed, names are text, and what cannot be drawn is told."""

from __future__ import annotations

import copy
import re
from collections import Counter
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import torch
from defusedxml import ElementTree

from compiled_models import run
from compiled_models.view.pictures import Recording, attention_map, ledger, residual_map, weight_map
from compiled_models.view.pictures.ledger import read_ledger
from compiled_models.view.pictures.picture import COLOURS, number_text
from construction import base_network, compile_machine
from tests.commands import tapehead
from tm import FileError, InputError, Machine, Rule, library, simulate

NETWORK = base_network(8, 4, 2)
RUNS = [("increment", "1011"), ("two_tape_add", "101,11"), ("bb3", ""), ("palindrome", "0110")]


@cache
def recorded(name: str, text: str) -> Recording:
    """The recording of a run of the table, made once."""
    return recording_of(name, text.split(",") if "," in text else text)


def recording_of(name, text="", network=NETWORK, **options) -> Recording:
    return Recording.of(run(network, library.load(name), text, **options))


def test_the_colours_are_the_pages():
    style = files("compiled_models.view.page").joinpath("page.css").read_text(encoding="utf-8")
    light = dict(re.findall(r"--([\w-]+): (#\w{6});", style[: style.index("}")]))
    assert light | COLOURS == light


def test_a_number_is_written_so_that_it_can_be_read():
    written = [0, 1, -1, 0.5, 1 / 3, -2 / 3, 16, 1e6, 0.123, 1e-30, 2.0**52]
    assert number_text(float("nan")) == "nan"
    told = ["0", "1", "−1", "1/2", "1/3", "−2/3", "16", "1,000,000", "0.123", "1e−30", "4.5e+15"]
    assert [number_text(number) for number in written] == told


@pytest.mark.parametrize(("name", "text"), RUNS)
def test_an_attention_map_has_every_weight_of_the_trace(name, text):
    result = run(NETWORK, library.load(name), text.split(",") if "," in text else text)
    steps = list(result.trace())
    expected = Counter(
        number_text(token.weight) for step in steps for head in (*step.read, step.decide) for token in head
    )
    recording = Recording.of(result)
    texts = attention_map(recording).texts
    if len(recording.texts) <= 41:  # else cells are too small for numbers
        assert Counter(text for text in texts if re.fullmatch(r"[\d/.]+", text)) == expected
    assert texts.count("→") == len(steps) * (len(steps[0].read) + 1)
    assert all(step.text in texts for step in steps)


@pytest.mark.parametrize(("name", "text"), RUNS)
def test_a_ledger_is_what_the_tokens_on_this_cell_did(name, text):
    machine, recording = library.load(name), recorded(name, text)
    text = text.split(",") if machine.tapes > 1 else text
    configurations = list(simulate(machine, text, max_steps=1_000))
    heads = [configuration.heads for configuration in configurations]
    for tape in range(machine.tapes):
        for step, configuration in enumerate(configurations, 1):
            entries, cell = read_ledger(recording, step, tape + 1), configuration.heads[tape]
            assert entries.cell == cell
            assert machine.symbols[int(entries.symbols.argmax())] == configuration.symbols[tape]
            inputs = text if machine.tapes == 1 else text[tape]
            wrote = [number for number in range(1, step) if heads[number - 1][tape] == cell]
            visits = len(wrote) + (0 <= cell < len(inputs))
            np.testing.assert_allclose(entries.weights, [1 / (visits or 1)] * (visits or 1), rtol=1e-12)
            assert (
                sorted(place - recording.prompt + 1 for place in entries.places if place >= recording.prompt) == wrote
            )
            np.testing.assert_allclose(entries.weights @ entries.postings, entries.found, atol=1e-12)
            for place, posting in zip(entries.places, entries.postings, strict=True):
                if place >= recording.prompt:
                    rule = configurations[place - recording.prompt + 1].rule
                    assert rule is not None
                    told = [(rule.write[tape] == s) - (rule.read[tape] == s) for s in machine.symbols[1:]]
                    assert posting.tolist() == told


def test_the_ledger_that_is_drawn_is_the_one_with_most_entries():
    texts = ledger(recorded("increment", "1011")).texts
    assert "What is in cell 1? Its ledger, as READ finds it at step 9" in texts
    assert texts.count("× 1/3") == 3
    assert Counter(text for text in texts if re.fullmatch(r"[+−≈]?[\d/]+", text)) == Counter(
        {"+1": 2, "−1": 1, "0": 7, "+1/3": 1, "1": 2}  # one 1 and one 0 are names of symbols
    )
    assert "The head stands on cell 1. It holds 1." in texts


def test_a_cell_that_nobody_wrote_to_has_bos_for_its_ledger():
    assert (
        "No token wrote to cell 4: <bos> is attended to. It holds _."
        in ledger(recorded("increment", "1011"), step=5).texts
    )


@pytest.mark.parametrize(("name", "text"), RUNS)
def test_the_residual_stream_has_the_machines_names_and_its_run(name, text):
    recording = recorded(name, text)
    text = text.split(",") if "," in text else text
    configurations = list(simulate(library.load(name), text, max_steps=1_000))
    begin, end = recording.prompt - 1, recording.prompt - 1 + len(configurations)
    seen = [recording.direction_name(direction) for direction in recording.network.stream["state"]]
    states = recording.residual("state")[begin:end]
    assert [seen[column] for column in states.argmax(1)] == [f"state[{each.state}]" for each in configurations]
    texts = residual_map(recording, spaces=["state", "head 1"]).texts
    assert {f"state[{each.state}]" for each in configurations} <= set(texts)
    cells = Counter(number_text(float(each.heads[0])) for each in configurations if each.heads[0])
    cells[number_text(float(configurations[-1].heads[0]))] += bool(configurations[-1].heads[0])  # STOP moves nothing
    cells["1"] += len(configurations)
    assert Counter(text for text in texts if re.fullmatch(r"−?\d+", text)) == cells


def test_the_directions_stand_under_the_block_that_writes_them_last():
    texts = residual_map(recorded("increment", "1011")).texts
    order = [text for text in texts if text in ("the embedding", "LOCATE", "ADDRESS", "READ", "DECIDE")]
    assert order == ["the embedding", "LOCATE", "ADDRESS", "READ", "DECIDE"]
    assert texts.index("READ") < texts.index("symbol 1[1]") < texts.index("DECIDE") < texts.index("stop")
    before = residual_map(recorded("increment", "1011"), at=("resid_post", 0)).texts
    assert "cell 1" in before
    assert "symbol 1[1]" not in before


@pytest.mark.parametrize(
    ("network", "name", "text"),
    [
        pytest.param(compile_machine(library.load("increment")), "increment", "1011", id="tuned"),
        pytest.param(base_network(4, 3, dtype=torch.float32), "increment", "11", id="float32"),
        pytest.param(base_network(4, 4), "gambler", "<...>", id="stochastic"),
    ],
)
def test_every_network_can_be_drawn(network, name, text):
    recording = recording_of(name, text, network, **({"head": 2, "seed": 1} if name == "gambler" else {}))
    for draw in (attention_map, ledger):
        assert draw(recording).texts
    assert not [text for text in residual_map(recording, prompt=True).texts if re.search(r"\[\d+,", text)]


def test_what_is_drawn_is_what_was_computed_and_not_what_should_have_been():
    network = copy.deepcopy(NETWORK)
    with network.hooks([("blocks.2.attn.hook_pattern", lambda pattern, hook: torch.zeros_like(pattern))]):
        recording = recording_of("increment", "11", network, uncertified=True)
    assert not recording.numbers("pattern", 2).any()
    assert "1/2" not in attention_map(recording).texts
    assert "It holds _." in ledger(recording, step=1).texts[-2]


@pytest.mark.parametrize("tensor", [name for name, _ in base_network(2, 2).named_parameters()])
def test_every_weight_of_a_matrix_is_drawn(tensor):
    network = base_network(2, 2)
    weight = network.get_parameter(tensor)
    if not weight.count_nonzero():
        with pytest.raises(InputError, match="cannot be drawn"):
            weight_map(network, tensor)
        return
    cells = [text for text in weight_map(network, tensor).figure.axes[0].texts if text.get_fontsize() in (7, 9)]
    assert len(cells) == int(weight.count_nonzero())
    assert {text.get_color() for text in cells} == {COLOURS["ink"]}


def test_a_weight_that_is_not_the_constructions_is_drawn_in_red():
    network = copy.deepcopy(base_network(4, 3))
    network.get_parameter("blocks.2.attn.W_K").data[0, 3, 0] = 7.25
    picture = weight_map(network, "blocks.2.attn.W_K")
    red = [text.get_text() for text in picture.figure.axes[0].texts if text.get_color() == "#b3261e"]
    assert red == ["7.25"]


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_equal_pictures_are_equal_files_and_none_is_lost(tmp_path, ending):
    for name in "ab":
        ledger(recorded("increment", "1011")).save(tmp_path / f"{name}.{ending}")
    assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()
    with pytest.raises(FileError, match="--force"):
        ledger(recorded("increment", "1011")).save(tmp_path / f"a.{ending}")
    ledger(recorded("increment", "1011")).save(tmp_path / f"a.{ending}", force=True)


NASTY = '<script>alert(1)</script>&"$x^2$\x1b\x00\n\u202e'


def test_names_are_text_and_a_notebook_shows_the_picture():
    machine = Machine(name=NASTY, start="a", rules=[Rule("a", (NASTY,), "漢", (NASTY,), ("R",))])
    recording = Recording.of(run(NETWORK, machine, [NASTY]))
    for draw in (attention_map, ledger, residual_map):
        tree = ElementTree.fromstring(draw(recording)._repr_svg_())
        assert "<script>alert(1)" in "".join(tree.itertext())
        assert not [each for each in tree.iter() if each.tag.endswith("script")]


@pytest.mark.parametrize(
    "arguments",
    [
        ["attention", "increment", "1011"],
        ["ledger", "increment", "1011", "--step", "6"],
        ["residual", "increment", "1011", "--space", "head 1", "--at", "blocks.0.hook_resid_post", "--prompt"],
        ["weights", "blocks.3.mlp.W_gate", "--tuned", "increment"],
        ["weights", "blocks.2.attn.W_Q", "--head", "2"],
    ],
    ids=" ".join,
)
def test_the_command(tmp_path, capsys, arguments):
    file = tmp_path / "x.png"
    status, out, err = tapehead(capsys, "picture", *arguments, "-o", str(file))
    assert (status, err) == (0, "")
    assert re.fullmatch(rf"{re.escape(str(file))}: [\d.]+ × [\d.]+ inches\n", out)
    assert file.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("attention increment 1011 -o x.jpg", "the file's ending says no format"),
        ("attention increment 1011 -o nowhere/x.svg", "nowhere"),
        ("attention increment 1012 -o x.svg", "2"),
        ("attention nothing -o x.svg", "nothing"),
        ("attention increment 1011", "-o"),
        ("attention multiply 111x1111 -o x.svg", "too many tokens"),
        ("ledger increment 1011 --step 0 -o x.svg", "expected: 1 to 9"),
        ("ledger increment 1011 --step 10 -o x.svg", "expected: 1 to 9"),
        ("ledger increment 1011 --tape 2 -o x.svg", "no such tape"),
        ("residual increment 1011 --space heads -o x.svg", "such as"),
        ("residual increment 1011 --space state[1] -o x.svg", "a direction, not a space"),
        ("residual increment 1011 --at hook_z -o x.svg", "no activation"),
        ("residual increment 1011 --at blocks.2.attn.hook_z -o x.svg", "not in the residual stream"),
        ("residual increment 1011 --at hook_pos_embed --space stop -o x.svg", "directions"),
        ("weights blocks.2.attn.W_X -o x.svg", "such as blocks.2.attn.W_"),
        ("weights blocks.2.attn.W_K --head 3 -o x.svg", "no such head"),
        ("weights blocks.2.mlp.W_in --head 1 -o x.svg", "no such head"),
        ("weights embed.W_E -o x.svg", "take a smaller network"),
        ("weights blocks.3.mlp.W_in -o x.svg", "cannot be drawn"),
        ("weights blocks.3.mlp.W_in --tuned nothing -o x.svg", "nothing"),
    ],
)
def test_bad_input_is_told_once(tmp_path, monkeypatch, capsys, arguments, told):
    monkeypatch.chdir(tmp_path)
    status, out, err = tapehead(capsys, "picture", *arguments.split(" "))
    assert (status, out) == (2, "")
    assert told in err
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


ROOT = Path(__file__).parents[3]
PICTURES = re.findall(r"tapehead (picture .*) -o docs/figures/(.*)\.\$\$kind --force", (ROOT / "Makefile").read_text())


def test_make_draws_every_kind_of_picture():
    assert {command.split()[1] for command, _ in PICTURES} == {"attention", "ledger", "residual", "weights"}


@pytest.mark.parametrize(("command", "name"), PICTURES)
def test_the_pictures_of_the_docs_are_those_that_make_draws(tmp_path, capsys, command, name):
    assert tapehead(capsys, *command.split(), "-o", str(tmp_path / "x.svg"))[0] == 0
    drawn, kept = (
        [
            text
            for text in ElementTree.parse(file).getroot().itertext()
            if not text.isspace() and "Matplotlib" not in text
        ]
        for file in (tmp_path / "x.svg", ROOT / f"docs/figures/{name}.svg")
    )
    assert drawn == kept
    assert (ROOT / f"docs/figures/{name}.png").read_bytes().startswith(b"\x89PNG")
    assert f"figures/{name}.png" in (ROOT / "docs/construction.md").read_text(encoding="utf-8")

"""`check`, `graph`, `convert`; the networks that machines share; machines of other tools on the command line."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree

import pytest
import torch

from compiled_models import changed_weights
from compiled_models.cli import main
from compiled_models.cli.capacity import Capacity
from construction import NetworkConfig, base_network
from tests.commands import tapehead
from tm import Machine, library
from tm.registry import writers

MORPHETT = "0 1 1 r 0\n0 * * * halt\n0 1 0 r 0\n"


def test_check(capsys, tmp_path):
    status, out, _ = tapehead(capsys, "check", "increment")
    assert (status, out.splitlines()[0]) == (0, "nothing stands out")
    assert "3 states, 3 symbols, 1 tape" in out
    assert "slots for 16 states, 8 symbols, 2 tapes" in out
    path = tmp_path / "wrong.tm"
    path.write_text("start: a\na 0 -> a 0 S\nlost 1 -> a 1 R\n")
    status, out, _ = tapehead(capsys, "check", str(path))
    assert status == 1
    assert "state lost is never reached" in out
    assert "goes on for ever without moving" in out


def test_check_json(capsys):
    status, out, _ = tapehead(capsys, "check", "brackets", "--json")
    report = json.loads(out)
    assert (status, report["sound"]) == (0, True)
    assert {"state": "match", "read": [")"]} in report["without_rule"]
    assert report["needs"] == {"states": 5, "symbols": 4, "tapes": 1, "examples": 10, "actions": 8}
    assert report["network"] == {"states": 16, "symbols": 8, "tapes": 2, "code": "factored"}


def test_check_shortens_a_long_list(capsys, tmp_path):
    path = tmp_path / "long.tm"
    path.write_text("start: s0\n" + "\n".join(f"s{i} 0 -> s{i} 0 R" for i in range(60)))
    out = tapehead(capsys, "check", str(path))[1]
    assert "more; --json lists more" in out


@pytest.mark.parametrize("name", ["bb5", "three_tape_add", "coin_flips"])
def test_graph_as_a_picture(capsys, tmp_path, name):
    path = tmp_path / "states.svg"
    status, out, _ = tapehead(capsys, "graph", name, "-o", str(path))
    assert (status, f"{len(library.load(name).states)} states" in out) == (0, True)
    text = path.read_text(encoding="utf-8")
    ElementTree.fromstring(text)  # noqa: S314 - our own file
    assert all(f">{state}<" in text for state in library.load(name).states)
    tapehead(capsys, "graph", name, "-o", str(path))
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("suffix", "begin"),
    [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("dot", b"digraph"), ("mmd", b"stateDiagram"), ("graphml", b"<?xml")],
)
def test_graph_by_its_ending(capsys, tmp_path, suffix, begin):
    path = tmp_path / f"states.{suffix}"
    status, out, _ = tapehead(capsys, "graph", "bb2", "-o", str(path), "--json")
    assert (status, json.loads(out)["states"]) == (0, 3)
    assert path.read_bytes().startswith(begin)


def test_graph_of_awkward_names(capsys, tmp_path):
    path = tmp_path / "awkward.tm"
    machine = Machine.read(
        '"$a$ <b>" 0 -> "$a$ <b>" "&" R\n"$a$ <b>" "&" -> "\\n" "$" L\nfar 0 -> far 0 S\nalone 0 -> alone 0 S'
    )
    path.write_text(machine.write(), encoding="utf-8")
    assert tapehead(capsys, "graph", str(path), "-o", str(tmp_path / "awkward.svg"))[0] == 0
    assert tapehead(capsys, "graph", str(path), "-o", str(tmp_path / "awkward.dot"))[0] == 0


def test_an_ending_that_says_no_format(capsys, tmp_path):
    status, _, err = tapehead(capsys, "graph", "bb2", "-o", str(tmp_path / "states.txt"))
    assert (status, "the file's ending says no format" in err) == (2, True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("notation", writers())
def test_convert_writes_every_notation(capsys, notation):
    status, out, err = tapehead(capsys, "convert", "bb3", "--to", notation)
    assert (status, err) == (0, "")
    assert out.strip()


def test_a_warning_is_text_on_stderr(capsys, tmp_path):
    path = tmp_path / "two.txt"
    path.write_text(MORPHETT)
    status, out, err = tapehead(capsys, "run", str(path), "11x")
    assert status == 0
    assert "tape     00[x]" in out
    assert err.startswith(f"tapehead: warning: {path}:3:1: a second rule for state 0 and symbol 1; this one applies\n")
    assert "Warning" not in err


def test_a_mistake_in_another_tools_file(capsys, tmp_path):
    path = tmp_path / "machine.yaml"
    path.write_text("blank: _\nstart state: a\ntable:\n  a: {0: {R: carryy}}\n  carry:\n")
    status, _, err = tapehead(capsys, "check", str(path))
    assert status == 2
    assert f"{path}:4:14: state carryy is never defined" in err
    assert "did you mean carry?" in err


# -- the default network ---------------------------------------------------------------------------------------------


def test_nearly_all_of_the_library_shares_one_network():
    usual = Capacity().config()
    others = {name for name in library.names() if Capacity().config(library.load(name)) != usual}
    assert others == {"three_tape_add", "three_tape_multiply", "three_tape_xor", "coin_flips", "gambler"}
    grown = {Capacity().config(library.load(name)) for name in others}
    assert grown == {
        NetworkConfig.of(states=16, symbols=8, tapes=3),
        NetworkConfig.of(states=8, symbols=4, tapes=1, code="joint"),  # stochastic
    }


def test_base_and_tuned_are_a_pair_that_differs_in_one_layer(capsys, tmp_path):
    machine, file = library.load("increment"), str(tmp_path / "increment.safetensors")
    base, tuned = Capacity().base(machine), Capacity().tuned(machine)
    layer = ["blocks.3.mlp.W_gate", "blocks.3.mlp.W_in", "blocks.3.mlp.W_out"]
    assert changed_weights(base, tuned) == layer
    assert changed_weights(base, base) == []
    assert changed_weights(base_network(2, 2), base_network(2, 2, dtype=torch.float32)) == [
        name for name, _ in base_network(2, 2).named_parameters()
    ]
    assert main(["compile", "increment", "-o", file]) == 0
    message = (
        f"differs from the base network of its size in 3 of {len(list(base.parameters()))} tensors: {', '.join(layer)}"
    )
    assert message in capsys.readouterr().out

"""Traces: what the heads attended to, however far the attention is spread, as objects, as a table and as JSON."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

from compiled_models import run
from compiled_models.cli import main
from compiled_models.view.steps import attended_text, step_json, step_table
from compiled_models.view.trace import _attended
from construction import base_network
from tm import Machine, library

STAYS = Machine.read("a 1 -> a 1 S")
WEIGHTS = Machine.read("a 1 -> b 1 R x 300\na 1 -> c 1 R x 1")
NETWORK, NETWORK3 = base_network(states=4, symbols=2), base_network(states=4, symbols=3)


def lines_of(result, machine: Machine, width: int) -> list[str]:
    written = io.StringIO()
    Console(file=written, width=width).print(step_table(result.trace(), machine, width=width))
    return written.getvalue().splitlines()


def table_of(result, machine: Machine) -> str:
    return " ".join(" ".join(lines_of(result, machine, 300)).split())


def test_attention_that_is_spread_over_hundreds_of_tokens():
    result = run(NETWORK, STAYS, "1", max_steps=260)
    steps = list(result.trace())
    for step in steps:
        (read,) = step.read
        assert len(read) == step.number  # the input's cell, and every step before wrote to it
        assert sum(token.weight for token in read) == pytest.approx(1, abs=1e-9)
        assert {round(token.weight * step.number, 6) for token in read} == {1}
    assert steps[-1].read[0][0].text == "[1]"
    assert "[1] + steps 1–259" in table_of(result, STAYS)


def test_weights_of_hundreds():
    result = run(NETWORK, WEIGHTS, "1", seed=1)
    first, *_ = result.trace()
    assert len(first.decide) == 301
    assert sum(token.weight for token in first.decide) == pytest.approx(1, abs=1e-9)
    assert "0.997 a1:1Rb + 0.00332 a1:1Rc" in table_of(result, WEIGHTS)


def test_many_light_tokens_are_one_group_before_light_ones_are_left_out():
    """300 equal tokens have a half together, each less than a two-hundredth of the heaviest."""
    texts = [f"heavy {i}" for i in range(2)] + ["light"] * 300 + ["lone"]
    weights = np.array([0.3, 0.2] + [0.5 / 300] * 300 + [1e-4])
    names = {token.text for token in _attended(weights, texts, prompt=len(texts))}
    assert names == {"heavy 0", "heavy 1", "light"}
    attended = _attended(weights, texts, prompt=len(texts))
    assert len(attended) == 302
    assert attended_text(attended) == "0.5 light + 0.3 heavy 0 + 0.2 heavy 1"


def test_a_step_equal_to_one_attended_to_is_not_taken_along():
    """Steps with the same text that wrote other cells have next to no weight, and are not named."""
    machine = library.load("increment")
    seventh = list(run(NETWORK3, machine, "1011").trace())[6]
    assert [str(token) for token in seventh.read[0]] == ["[1]", "step 3"]


LONG = Machine.read("tapes: 2\na_long_name 11,_ -> another_long_name 11,11 R,R\nanother_long_name 11,_ -> a 11,_ R,S")
RUNS = {
    "increment": (library.load("increment"), "1011"),
    "a long tape": (library.load("increment"), "10" * 40),
    "two tapes": (library.load("two_tape_add"), ["1011", "110"]),
    "long names": (LONG, [["11"] * 9, []]),
    "wide letters": (Machine.read("a 漢 -> a 字 R\na 字 -> a 漢 L"), "漢字" * 9),
    "spread": (STAYS, "1"),
}


@pytest.mark.parametrize("width", [60, 80, 100, 160])
@pytest.mark.parametrize("name", RUNS)
def test_a_table_fits_and_keeps_step_token_and_symbol(name, width):
    machine, text = RUNS[name]
    states, symbols = max(4, len(machine.states)), max(3, len(machine.symbols))
    result = run(base_network(states, symbols, machine.tapes), machine, text, max_steps=12, uncertified=True)
    lines, steps = lines_of(result, machine, width), list(result.trace())
    assert max(map(cell_len, lines)) <= width
    columns = [lines[0].index(name) for name in ("tape", "token", "READ")]
    whole = "".join(cells(line, columns[1], columns[2]).strip() for line in lines[1:])
    assert whole == "".join(step.text for step in steps)  # also where it is folded
    assert [line.split()[0] for line in lines[1:] if line[: columns[0]].strip()] == [str(step.number) for step in steps]
    tapes = [cells(line, columns[0], columns[1]) for line in lines[1:]]
    marked = [line[line.index("[") + 1 : line.index("]")] for line in tapes if "[" in line]
    assert marked == [
        dict(enumerate(symbols, first)).get(step.before.heads[k], machine.blank)
        for step in steps
        for k, (first, symbols) in enumerate(step.before.tapes)
    ]
    assert not any("tape after" in line for line in lines)


def cells(line: str, begin: int, end: int) -> str:
    """What stands in a line from one screen column to another: a wide letter takes two."""
    found, at = "", 0
    for letter in line:
        if begin <= at < end:
            found += letter
        at += cell_len(letter)
    return found


@pytest.mark.parametrize("arguments", [["a 1 -> a 1 S", "1"], ["a 1 -> b 1 R x 300", "1", "--seed", "1"]])
def test_a_trace_on_the_command_line_however_spread(capsys, arguments):
    assert main(["run", *arguments, "--trace", "--max-steps", "230"]) == 0
    assert "nothing" not in capsys.readouterr().out


def test_json_has_the_trace_where_it_is_asked_for(capsys):
    assert main(["run", "increment", "11", "--json"]) == 0
    assert "trace" not in json.loads(capsys.readouterr().out)
    assert main(["run", "increment", "11", "--trace", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    result = run(base_network(16, 8, 2), library.load("increment"), "11")
    assert len(report["trace"]) == report["steps"] + 1
    assert report["trace"] == [json.loads(json.dumps(step_json(step))) for step in result.trace()]
    first, *_, last = report["trace"]
    assert (first["step"], first["token"]) == (1, "right/1>1/R/right")
    assert first["before"]["tapes"][0] == {"first_cell": 0, "symbols": ["1", "1"]}
    (read,) = first["read"][0]
    assert (read["token"], read["step"], read["weight"]) == ("[1]", None, 1.0)
    assert (last["token"], last["before"]) == ("<stop>", last["after"])
    assert last["after"] == {"state": "done", "tapes": [{"first_cell": -1, "symbols": ["1", "0", "0"]}], "heads": [-1]}

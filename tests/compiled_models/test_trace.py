"""Traces: what the heads attended to, however far the attention is spread, as objects, as a table and as JSON."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from compiled_models import run
from compiled_models.cli import main
from compiled_models.view.steps import step_json, step_table
from construction import base_network
from tm import Machine, library

STAYS = Machine.read("a 1 -> a 1 S")
WEIGHTS = Machine.read("a 1 -> b 1 R x 300\na 1 -> c 1 R x 1")
NETWORK = base_network(states=4, symbols=2)


def table_of(result, machine: Machine) -> str:
    written = io.StringIO()
    Console(file=written, width=300).print(step_table(result.trace(), machine))
    return " ".join(written.getvalue().split())


def test_attention_that_is_spread_over_hundreds_of_tokens():
    result = run(NETWORK, STAYS, "1", max_steps=260)
    steps = list(result.trace())
    for step in steps:
        (read,) = step.read
        assert len(read) == step.number  # the input's cell, and every step before wrote to it
        assert sum(token.weight for token in read) == pytest.approx(1, abs=1e-9)
        assert {round(token.weight * step.number, 6) for token in read} == {1}
    assert steps[-1].read[0][0].text == "[1]"
    assert "[1] + step 1 + step 2 + step 3 + 256 more" in table_of(result, STAYS)


def test_weights_of_hundreds():
    result = run(NETWORK, WEIGHTS, "1", seed=1)
    first, *_ = result.trace()
    assert len(first.decide) == 301
    assert sum(token.weight for token in first.decide) == pytest.approx(1, abs=1e-9)
    assert "0.997 a1:1Rb + 0.00332 a1:1Rc" in table_of(result, WEIGHTS)


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

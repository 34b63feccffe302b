"""A step in a terminal: it fits, on every screen, and says what the trace says."""

from __future__ import annotations

import re
from itertools import pairwise, product

import pytest
from rich.cells import cell_len

from compiled_models import run
from compiled_models.view.frame import frame
from compiled_models.view.steps import attended_text
from construction import base_network
from tests.compiled_models.test_trace import RUNS

SIZES = [(30, 12), (60, 24), (60, 8), (200, 50)]


@pytest.mark.parametrize("name", RUNS)
def test_a_frame_fits_and_says_what_the_trace_says(name):
    machine, text = RUNS[name]
    states, symbols = max(4, len(machine.states)), max(3, len(machine.symbols))
    result = run(base_network(states, symbols, machine.tapes), machine, text, max_steps=12, uncertified=True)
    for step, (width, height) in product(result.trace(), SIZES):
        lines = frame(step, machine, width=width, height=height, title=machine.name).plain.splitlines()
        assert max(map(cell_len, lines)) <= width
        assert len(lines) <= max(height, 5 + 2 * machine.tapes)
        said = {line[:9].strip(): line[9:] for line in lines if line[:9].strip()}
        assert said["token"] in (step.text, step.text[: width - 10] + "…")
        assert said["DECIDE"] == attended_text(step.decide, width - 9)
        for tape in range(machine.tapes):
            which = f" {tape + 1}" if machine.tapes > 1 else ""
            assert said[f"READ{which}"] == attended_text(step.read[tape], width - 9)
        rows = re.findall(r"\[(\S+) *\]", "\n".join(line[9:] for line in lines if line[:9].strip()[:4] in ("", "tape")))
        assert rows == [
            dict(enumerate(symbols, first)).get(step.before.heads[k], machine.blank)
            for k, (first, symbols) in enumerate(step.before.tapes)
        ]


def test_the_tape_stands_still_while_the_head_moves_on_it():
    """In two frames after each other only the head's cell changes place, unless the tape turns a page."""
    machine, text = RUNS["a long tape"]
    steps = list(run(base_network(4, 3), machine, text, max_steps=80).trace())
    rows = [frame(step, machine, width=60).plain.splitlines()[2][9:] for step in steps]
    cells = [re.sub(r"[\[\] ]", "", row) for row in rows]
    turned = [one != other for one, other in pairwise(cells)]
    assert 1 <= sum(turned[:70]) <= 8  # to the right nothing is changed: pages alone
    heads = [row.index("[") for row in rows]
    assert all(5 <= head <= 45 for head in heads)


def test_what_the_head_does_is_said_in_words():
    machine, text = RUNS["increment"]
    steps = list(run(base_network(4, 3), machine, text).trace())
    words = [frame(step, machine, width=60).plain.splitlines()[3].strip() for step in steps]
    assert words[0] == "cell 0: reads 1, writes 1, moves right"
    assert words[-2:] == ["cell 1: reads 0, writes 1, stays", "cell 1: reads 1"]

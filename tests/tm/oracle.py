"""A second simulator, as slow and plain as can be: a dictionary of cells, and every rule looked at in every step."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

import numpy

from tests.machines import Case

Cells = list[dict[int, str]]


def plain_run(case: Case) -> Iterator[tuple[str, tuple[int, ...], Cells]]:
    """State, heads and cells that are not blank, before the first step and after each."""
    machine = case.machine
    inputs = [case.input] + [""] * (machine.tapes - 1) if isinstance(case.input, str) else case.input
    cells = [{x: s for x, s in enumerate(symbols) if s != machine.blank} for symbols in inputs]
    heads = [case.head] * machine.tapes if isinstance(case.head, int) else list(case.head)
    state, random = machine.start, numpy.random.default_rng(case.seed)
    for step in range(case.max_steps + 1):
        yield state, tuple(heads), [dict(tape) for tape in cells]
        reads = [tape.get(head, machine.blank) for tape, head in zip(cells, heads, strict=True)]
        rules = [rule for rule in machine.rules if rule.state == state and list(rule.read) == reads]
        if not rules or step == case.max_steps:
            return
        rules.sort(key=lambda rule: machine.states.index(rule.next_state) * 10**9 + _rank(machine, rule))
        rule = rules[0]
        if machine.stochastic:
            bounds = list(accumulate(rule.weight or 1 for rule in rules))
            rule = rules[bisect_right([bound / bounds[-1] for bound in bounds], random.random())]
        state = rule.next_state
        for i, head in enumerate(heads):
            cells[i][head] = rule.write[i]
            if rule.write[i] == machine.blank:
                del cells[i][head]
            heads[i] += {"L": -1, "S": 0, "R": 1}[rule.moves[i]]
    raise AssertionError("unreachable")


def _rank(machine, rule) -> int:
    """The number whose digits are the symbols written, then the moves."""
    rank = 0
    for symbol in rule.write:
        rank = rank * len(machine.symbols) + machine.symbols.index(symbol)
    for move in rule.moves:
        rank = rank * 3 + "LSR".index(move)
    return rank

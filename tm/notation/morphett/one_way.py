"""A tape that ends at the left, on one that does not."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from tm.machine import Machine
from tm.rule import Rule

__all__ = ["WALL", "one_way"]

WALL = "⊢"


def one_way(machine: Machine) -> Machine:
    """A machine that does, step for step, what `machine` does on tapes that end at the left of cell 0.

    Every symbol has a second form, `⊢` before its name, for cell 0. The first step, in a start state of its own,
    writes that form, so from then on cell 0 is known by its symbol: there a left move stays put. Steps, states and
    acceptance are the same; on the tape cell 0 keeps its `⊢`. The heads must start on cell 0,
    and a symbol that the machine does not name must not stand there unless its first step overwrites it.

    >>> print(*one_way(Machine.read("a 0 -> a 1 L")).rules, sep="\\n")
    ⊢a 0 -> a ⊢1 S
    a 0 -> a 1 L
    a ⊢0 -> a ⊢1 S
    """
    symbols = {symbol: _fresh(symbol, machine.symbols) for symbol in machine.symbols}
    start = _fresh(machine.start, machine.states)
    rules = [_first(rule, start, symbols) for rule in machine.rules if rule.state == machine.start]
    for rule in machine.rules:
        for ends in product((False, True), repeat=machine.tapes):
            at_end = [_at_end(*tape, symbols) if end else tape for tape, end in zip(_tapes(rule), ends, strict=True)]
            read, write, moves = zip(*at_end, strict=True)
            rules.append(replace(rule, read=read, write=write, moves=moves))
    others = [*machine.others]  # at a wall only what is named has a form of its own
    others += [
        _first(rule, start, symbols) for rule in machine.others if rule.state == machine.start and all(rule.write)
    ]
    ruled = any(rule.state == machine.start for rule in machine.rules + machine.others)
    return Machine(
        name=machine.name,
        tapes=machine.tapes,
        blank=machine.blank,
        start=start if ruled else machine.start,
        accept=machine.accept,
        reject=machine.reject,
        rules=rules,
        others=others,
        states=machine.states,
        symbols=[*machine.symbols, *symbols.values()],
        decides=machine.decides,
        nondeterministic=machine.nondeterministic,
        inputs=machine.inputs,
    )


def _tapes(rule: Rule) -> list[tuple[str, str, str]]:
    return list(zip(rule.read, rule.write, rule.moves, strict=True))


def _at_end(read: str, write: str, move: str, symbols: dict[str, str]) -> tuple[str, str, str]:
    return symbols[read], symbols[write], "S" if move == "L" else move


def _first(rule: Rule, start: str, symbols: dict[str, str]) -> Rule:
    """The rule for the first step, which finds cell 0 in its plain form."""
    write = tuple(symbols[symbol] for symbol in rule.write)
    return replace(rule, state=start, write=write, moves=tuple("S" if move == "L" else move for move in rule.moves))


def _fresh(name: str, names: tuple[str, ...]) -> str:
    fresh = WALL + name
    while fresh in names:
        fresh = WALL + fresh
    return fresh

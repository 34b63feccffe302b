"""Rules for symbols that a machine does not name: what some notations' wildcards match beyond the file's own symbols.

Such a rule holds the empty string: where it reads, for any symbol that the machine does not name, and where it writes,
for the one read on that tape. An input that declares such symbols turns it into plain rules for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product

from tm.errors import Problem
from tm.machine import Machine, Rule

__all__ = ["OTHER", "declared", "others_problems"]

OTHER = ""
"""Stands in a rule for a symbol that the machine does not name; never a name itself."""


def declared(machine: Machine, symbols: Iterable[str]) -> Machine:
    """The machine with more symbols, and with the rules that its rules for others stand for there.

    >>> machine = Machine(rules=[Rule("a", ("0",), "a", ("1",), ("R",))], others=[Rule("a", ("",), "a", ("",), ("R",))])
    >>> print(*declared(machine, ["x"]).rules, sep="\\n")
    a 0 -> a 1 R
    a x -> a x R
    """
    new = [symbol for symbol in dict.fromkeys(symbols) if symbol not in machine.symbols]
    if not new:
        return machine
    rules = [rule for other in machine.others for rule in _expanded(other, new)]
    return replace(machine, symbols=(*machine.symbols, *new), rules=(*machine.rules, *rules))


def _expanded(other: Rule, new: list[str]) -> Iterator[Rule]:
    for read in product(*(new if symbol == OTHER else [symbol] for symbol in other.read)):
        write = tuple(seen if said == OTHER else said for said, seen in zip(other.write, read, strict=True))
        yield replace(other, read=read, write=write)


def others_problems(others: Iterable[Rule]) -> Iterator[Problem]:
    """A problem for each rule for others that says nothing sensible; the rest of it is checked as in any rule.

    >>> [problem.message for problem in others_problems([Rule("a", ("0",), "a", ("",), ("R",))])]
    ['a rule for symbols not named reads none of them', 'a rule writes a symbol that it does not read']
    """
    for rule in others:
        if OTHER not in rule.read:
            yield Problem("a rule for symbols not named reads none of them", found=str(rule), about=rule)
        if any(said == OTHER != seen for said, seen in zip(rule.write, rule.read, strict=False)):
            yield Problem("a rule writes a symbol that it does not read", found=str(rule), about=rule)

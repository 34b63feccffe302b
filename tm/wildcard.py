"""Rules for symbols that a machine does not name: what some notations' wildcards match beyond the file's own symbols.

Such a rule holds the empty string: where it reads, for any symbol that the machine does not name, and where it writes,
for the one read on that tape. An input that declares such symbols turns it into plain rules for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product

from tm.machine import Machine
from tm.rule import OTHER, Rule

__all__ = ["declared"]


def declared(machine: Machine, symbols: Iterable[str]) -> Machine:
    """The machine with more symbols, and with the rules that its rules for others stand for there.

    >>> from tm import Machine, Rule
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

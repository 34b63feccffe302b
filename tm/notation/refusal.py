"""What the simpler notations cannot say, and no other machine could say for them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from tm.errors import Problem
from tm.machine import Machine
from tm.others import OTHER

__all__ = ["unsayable"]

_MEND = "write it in another notation: tapehead says every machine"


def unsayable(machine: Machine, notation: str, *, tapes: int = 1, others: bool = False) -> Iterator[Problem]:
    """A problem for more tapes than the notation has, for rules drawn by weight and, mostly, for symbols not named.

    `others` says that the notation has a wildcard, which matches what the machine does not name and, besides, what it
    names without a rule: so a machine must have a rule for every symbol in a state with rules for others.

    >>> [problem.message for problem in unsayable(Machine(start="a", tapes=2), "morphett")]
    ['morphett cannot say it: several tapes']
    """
    if machine.tapes > tapes:
        wanted = "one tape" if tapes == 1 else f"at most {tapes} tapes"
        what = "several tapes" if tapes == 1 else "so many tapes"
        yield Problem(f"{notation} cannot say it: {what}", wanted, str(machine.tapes), _MEND)
    for other in machine.others:
        said = {rule.situation for rule in machine.rules + machine.others}
        reads = product([*machine.symbols, OTHER], repeat=machine.tapes)
        if not others or any((other.state, read) not in said for read in reads):
            message = f"{notation} cannot say it: rules for symbols that the machine does not name"
            yield Problem(message, "none", str(other), _MEND)
            break
    weighted = [rule for rule in machine.rules if rule.weight is not None]
    if weighted:
        found = str(weighted[0]) + (f" and {len(weighted) - 1} more" if len(weighted) > 1 else "")
        yield Problem(f"{notation} cannot say it: rules drawn by weight", "no weights", found, _MEND)

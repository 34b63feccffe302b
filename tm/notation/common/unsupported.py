"""What the simpler notations cannot say, and no other machine could say for them."""

from __future__ import annotations

from collections.abc import Iterator

from tm.errors import Problem
from tm.machine import Machine

__all__ = ["unsupported"]

_MEND = "write it in another notation: tapehead says every machine"


def unsupported(machine: Machine, notation: str, *, tapes: int = 1, choices: bool = False) -> Iterator[Problem]:
    """A problem for more tapes than the notation has, for rules drawn by weight, and for choices if it has none.

    >>> [problem.message for problem in unsupported(Machine(start="a", tapes=2), "morphett")]
    ['morphett cannot say it: several tapes']
    """
    if machine.tapes > tapes:
        wanted = "one tape" if tapes == 1 else f"at most {tapes} tapes"
        what = "several tapes" if tapes == 1 else "so many tapes"
        yield Problem(f"{notation} cannot say it: {what}", wanted, str(machine.tapes), _MEND)
    weighted = [rule for rule in machine.rules + machine.others if rule.weight is not None]
    if weighted and machine.nondeterministic:
        if not choices:
            count = len({rule.situation for rule in weighted})
            found = f"{count} situation{'s' * (count > 1)} with several, such as {weighted[0].state}"
            yield Problem(f"{notation} cannot say it: nondeterminism", "one rule for a situation", found, _MEND)
    elif weighted:
        found = str(weighted[0]) + (f" and {len(weighted) - 1} more" if len(weighted) > 1 else "")
        yield Problem(f"{notation} cannot say it: rules drawn by weight", "no weights", found, _MEND)

"""What the name of a state says in Morphett's notation and in two dialects of it."""

from __future__ import annotations

from collections.abc import Iterable

from tm.notation.morphett.lines import Line

__all__ = ["dialect", "final_states", "halts"]

_ACCEPTING = ("accept",)  # also of accepte, accepté
_REJECTING = ("reject", "rejet", "refus", "erreur", "error")


def dialect(lines: Iterable[Line]) -> str:
    """The dialect that the directions of the lines are of: "french", "pryor" or, the simulator's own, "".

    >>> dialect([Line(1, 1, "0", "1", "0", "d", "0")])
    'french'
    """
    said = {line.direction for line in lines}
    return "french" if said & {"g", "d"} else "pryor" if said - {"l", "r", "*"} else ""


def halts(state: str, dialect: str = "") -> bool:
    """Whether the simulator of a dialect halts in a state, by its name: it begins with halt, in French also with stop.

    >>> halts("halt-accept"), halts("Halted"), halts("stop"), halts("stop", "french"), halts("accept", "pryor")
    (True, True, False, True, True)
    """
    name = state.lower()
    if dialect == "pryor" and name in ("accept", "reject"):
        return True
    return name.startswith("halt") or (dialect == "french" and name.startswith("stop"))


def final_states(halting: Iterable[str]) -> tuple[list[str], list[str]]:
    """The states, all without rules, whose names say that they accept, and those whose names say that they reject.

    One that does not begin with halt or stop has to say just that: `accept`.

    >>> final_states(["halt", "halt-accept", "stop-accepté", "halt-reject"])
    (['halt-accept', 'stop-accepté'], ['halt-reject'])
    """
    halting = [state for state in halting if state.lower().startswith(("halt", "stop", "accept", "reject"))]
    accept = [state for state in halting if any(word in state.lower() for word in _ACCEPTING)]
    reject = [state for state in halting if any(word in state.lower() for word in _REJECTING) and state not in accept]
    return accept, reject

"""A machine that always moves: each stay becomes a move to the right and one back."""

from __future__ import annotations

from dataclasses import replace

from tm.machine import Machine
from tm.rule import Rule

__all__ = ["without_stays"]


def without_stays(machine: Machine) -> tuple[Machine, list[str]]:
    """A machine of one tape that does the same and always moves, and the states that it has more.

    Where a rule stays and goes to q, the new one moves right, to a state `q back`; from there every symbol leads left,
    to q, and is kept. Tapes, heads, states and acceptance are those of the machine at the end, only the steps are more.

    >>> moving, added = without_stays(Machine.read("a 0 -> b 1 S"))
    >>> print(*moving.rules, added, sep="\\n")
    a 0 -> "b back" 1 R
    "b back" _ -> b _ L
    "b back" 0 -> b 0 L
    "b back" 1 -> b 1 L
    ['b back']
    """
    back: dict[str, str] = {}
    rules = []
    for rule in machine.rules:
        if rule.moves == ("S",):
            if rule.next_state not in back:
                back[rule.next_state] = _fresh(f"{rule.next_state} back", machine.states)
            rule = replace(rule, next_state=back[rule.next_state], moves=("R",))
        rules.append(rule)
    for target, state in back.items():
        rules += [Rule(state, (symbol,), target, (symbol,), ("L",)) for symbol in machine.symbols]
    return replace(machine, rules=tuple(rules), states=(*machine.states, *back.values())), list(back.values())


def _fresh(name: str, taken: tuple[str, ...]) -> str:
    while name in taken:
        name += "'"
    return name

"""What the notations that draw a machine have in common: one arrow from a state to another, all rules written at it."""

from __future__ import annotations

from collections.abc import Iterator

from tm.machine import Machine
from tm.name import quoted
from tm.rule import Rule

__all__ = ["arrows", "label"]


def arrows(machine: Machine) -> Iterator[tuple[str, str, list[str]]]:
    """Every pair of states with rules between them, in the order of the rules, and these rules' labels.

    >>> list(arrows(Machine.read("1RB1LB_1LA1RZ")))[0]
    ('A', 'B', ['0/1,R', '1/1,L'])
    """
    labels: dict[tuple[str, str], list[str]] = {}
    for rule in machine.rules + machine.others:
        labels.setdefault((rule.state, rule.next_state), []).append(label(rule, chosen=machine.nondeterministic))
    for (state, next_state), texts in labels.items():
        yield state, next_state, texts


def label(rule: Rule, *, chosen: bool = False) -> str:
    """What a rule reads, writes and how it moves: `0/1,R`; for several tapes `0 1/1 1,R S`; its weight, unless chosen.

    >>> label(Rule("a", ("0", " "), "b", ("1", "1"), ("R", "S"), 3))
    '0 " "/1 1,R S x 3'
    """
    read, write = (" ".join(quoted(symbol) if symbol else "?" for symbol in part) for part in (rule.read, rule.write))
    weight = "" if rule.weight is None or chosen else f" x {rule.weight}"
    return f"{read}/{write},{' '.join(rule.moves)}{weight}"

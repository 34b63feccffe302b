"""JFLAP's variables: a symbol that one transition reads may be written by a later one."""

from __future__ import annotations

from collections.abc import Mapping

from tm.notation.jflap.diagram import BLANK
from tm.notation.jflap.flat import FlatState, Step
from tm.notation.jflap.pattern import ANY
from tm.rule import OTHER

__all__ = ["Kept", "live_variables", "written"]

Kept = tuple[tuple[str, str], ...]
"""The variables that have a value, each with it, sorted."""


def live_variables(flat: Mapping[str, FlatState]) -> dict[str, frozenset[str]]:
    """For every state the variables that may still be written from there before they get another value.

    >>> live_variables({"0": FlatState("q0", False, [])})
    {'0': frozenset()}
    """
    bound = {pattern.variable for state in flat.values() for step in state.steps for pattern in step.read}
    live: dict[str, frozenset[str]] = {path: frozenset() for path in flat}
    changed = any(variable is not None for variable in bound)
    while changed:
        changed = False
        for path, state in flat.items():
            steps = [] if state.final else state.steps
            after = frozenset().union(*(_before(step, bound, live[step.target]) for step in steps))
            changed |= after != live[path]
            live[path] = after
    return live


def _before(step: Step, bound: set[str | None], after: frozenset[str]) -> frozenset[str]:
    used = frozenset(text for text in step.write if text in bound)
    return (used | after) - {pattern.variable for pattern in step.read if pattern.variable is not None}


def written(
    step: Step, read: tuple[str, ...], kept: dict[str, str], live: frozenset[str]
) -> tuple[tuple[str, ...], Kept]:
    """What a step writes for what it reads, and what is kept after it, of the variables that matter."""
    for pattern, symbol in zip(step.read, read, strict=True):
        if pattern.variable is not None:
            kept[pattern.variable] = symbol
    write = []
    for text, symbol in zip(step.write, read, strict=True):
        said = symbol if text == ANY else kept.get(text, text) or BLANK
        write.append(OTHER if said == OTHER else said)
    return tuple(write), tuple(sorted((name, value) for name, value in kept.items() if name in live))

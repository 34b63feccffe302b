"""What tests of readers look at: where the problems and warnings of a text are, and what they say."""

from __future__ import annotations

import warnings

import pytest

from tm import Machine, MachineError, NotationWarning
from tm.registry import read

__all__ = ["problems", "rules", "warned"]


def problems(text: str, notation: str) -> list[str]:
    """Line, column and message of each problem of a text that is no machine."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotationWarning)
        with pytest.raises(MachineError) as caught:
            read(text, notation)
    return [f"{p.line}:{p.column} {p.message}" for p in caught.value.problems]


def warned(text: str, notation: str) -> tuple[Machine, list[str]]:
    """The machine of a text, and line and message of each warning."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        machine = read(text, notation)
    messages = [warning.message for warning in caught]
    assert all(isinstance(message, NotationWarning) for message in messages)
    return machine, [f"{w.problem.line} {w.problem.message}" for w in messages if isinstance(w, NotationWarning)]


def rules(machine: Machine) -> set[str]:
    """The rules of a machine in our own notation."""
    return {str(rule) for rule in machine.rules}

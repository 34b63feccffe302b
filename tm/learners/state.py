"""What a learner's policy is made of: states that know what their heads can meet, and what they do then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

__all__ = ["Action", "State", "left", "step"]

Action = tuple[Any, Any, str]
"""Next state, what to write, moves: see `tm.tabulate`."""


class State:
    """A state of a policy; one that says no more than this halts.

    Attributes:
        reads: tape by tape, the symbols that the heads can meet in it, an invariant of the policy: there is no rule for
            others.
        act: what it does, from the symbols under the heads; None where those cannot stand there together.
    """

    reads: Sequence[str] = ()
    act: ClassVar[Callable[..., Action | None]]


def step(state: State, symbols: tuple[str, ...]) -> Action | None:
    """The policy that such states make: see `tm.tabulate`.

    >>> from dataclasses import dataclass
    >>> from tm import tabulate
    >>> @dataclass(frozen=True)
    ... class Flip(State):
    ...     reads = ("01",)
    ...     def act(self, digit):
    ...         return self, "10"[int(digit)], "R"
    >>> [str(rule) for rule in tabulate(step, start=Flip(), symbols="01").rules]
    ['flip 0 -> flip 1 R', 'flip 1 -> flip 0 R']
    """
    possible = bool(state.reads) and all(s in reads for s, reads in zip(symbols, state.reads, strict=True))
    return state.act(*symbols) if possible else None


def left(symbol: str, over: str) -> str:
    """The move of a head that goes left over some symbols and waits at any other.

    >>> left("0", over="01"), left("_", over="01")
    ('L', 'S')
    """
    return "L" if symbol in over else "S"

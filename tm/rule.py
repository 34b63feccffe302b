"""A rule: what a machine does in a situation, the state that it is in and the symbols under its heads."""

from __future__ import annotations

from dataclasses import dataclass

from tm.text import quoted

__all__ = ["MOVES", "OTHER", "Rule", "Situation"]

MOVES = ("L", "S", "R")
"""Left, stay, right: the moves of a head, in the order in which a seeded draw runs through them."""

Situation = tuple[str, tuple[str, ...]]
"""What a rule is looked up by: the state and the symbols under the heads."""


OTHER = ""
"""Stands in a rule for a symbol that the machine does not name (see tm.start.declared); never a name itself."""


@dataclass(frozen=True)
class Rule:
    """In `state`, with the symbols `read` under the heads: write `write`, move by `moves`, go to `next_state`.

    `weight` is a positive integer where the rule is one of several for its situation, drawn in proportion.

    >>> print(Rule("right", ("0",), "right", ("1",), ("R",)))
    right 0 -> right 1 R
    """

    state: str
    read: tuple[str, ...]
    next_state: str
    write: tuple[str, ...]
    moves: tuple[str, ...]
    weight: int | None = None

    @property
    def situation(self) -> Situation:
        """The state and the symbols read: what the rule is looked up by."""
        return self.state, self.read

    @property
    def action(self) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        """The next state, the symbols written and the moves: all that the rule does."""
        return self.next_state, self.write, self.moves

    def __str__(self) -> str:
        read, write = (",".join(map(quoted, symbols)) for symbols in (self.read, self.write))
        text = f"{quoted(self.state)} {read} -> {quoted(self.next_state)} {write} {','.join(self.moves)}"
        return text if self.weight is None else f"{text} x {self.weight}"

"""What is said of a machine's inputs beside its rules: how they are typed, and the one that its file brings along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

__all__ = ["UNKNOWN", "Inputs", "Sample"]

UNKNOWN = ("refuse", "reject")
"""What may become of an input with a symbol that the machine does not name."""


@dataclass(frozen=True)
class Sample:
    """An input that a machine's file brings along: the symbols on each tape, and the start cell of each head.

    >>> Sample((("1", "0"),)).renamed({"1": "one"}).tapes
    (('one', '0'),)
    """

    tapes: tuple[tuple[str, ...], ...]
    heads: tuple[int, ...] | int = 0

    def renamed(self, symbols: Mapping[str, str]) -> Sample:
        """The same with other names for some symbols."""
        return replace(self, tapes=tuple(tuple(symbols.get(name, name) for name in tape) for tape in self.tapes))


@dataclass(frozen=True)
class Inputs:
    """How a machine's inputs are taken; no part of what the machine does, so machines are equal whatever stands here.

    Attributes:
        unknown: what becomes of a string with a character that the machine does not name. "refuse": it is an error,
            for it is nearly always a slip; "reject": it is a symbol without rules, on which the machine halts.
        blank: a character that, typed, means the blank; empty where none does.
        mark: a character that, typed, marks the start cell of the head and is taken out; empty where none does.
        sample: the file's own input, if it has one.

    A character that the machine has as a symbol always means that symbol.
    """

    unknown: str = "refuse"
    blank: str = ""
    mark: str = ""
    sample: Sample | None = field(default=None)

"""A tape that is never changed: every step gives a new one, at once, and the old one stays valid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tm.text import shown

__all__ = ["Tape"]

Cells = tuple[str, Any] | None
"""A linked list of symbols, nearest the head first: None, or a symbol and the rest (of the same type)."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Tape:
    """An infinite tape with its head: a zipper, so that a step is O(1) and shares all other cells.

    `symbol` stands under the head, which stands on the cell `head`; `left` and `right` are linked lists of the cells
    beside it, nearest first; all else is `blank`.

    >>> tape = Tape.of("101", blank="_")
    >>> later = tape.step("0", "L").step("_", "L").step("1", "S")
    >>> later, later.cells(), later.first, later[2], tape.cells()
    (<Tape from cell -2: 1 _ 0 0 1, head on -2>, ['1', '_', '0', '0', '1'], -2, '1', ['1', '0', '1'])
    """

    blank: str
    head: int
    symbol: str
    left: Cells = None
    right: Cells = None

    @classmethod
    def of(cls, symbols: Sequence[str], *, blank: str, first: int = 0, head: int = 0) -> Tape:
        """The tape with `symbols` from the cell `first` on and its head on the cell `head`."""

        def at(cell: int) -> str:
            return symbols[cell - first] if 0 <= cell - first < len(symbols) else blank

        begin, end = (first, first + len(symbols)) if symbols else (head, head)
        left = _linked(at(cell) for cell in range(begin, head))
        right = _linked(at(cell) for cell in range(end - 1, head, -1))
        return cls(blank, head, at(head), left, right)

    def step(self, write: str, move: str) -> Tape:
        """The tape with `write` under its head and then the head moved to the left (L), the right (R) or not (S)."""
        if move == "R":
            symbol, right = self.right or (self.blank, None)
            return Tape(self.blank, self.head + 1, symbol, (write, self.left), right)
        if move == "L":
            symbol, left = self.left or (self.blank, None)
            return Tape(self.blank, self.head - 1, symbol, left, (write, self.right))
        return Tape(self.blank, self.head, write, self.left, self.right)

    def cells(self) -> list[str]:
        """The symbols from the first to the last cell that is not blank; none where all are."""
        symbols, blank = self._known(), self.blank
        end = next((end for end in range(len(symbols), 0, -1) if symbols[end - 1] != blank), 0)
        return symbols[self.first - self._edge() : end] if end else []

    @property
    def first(self) -> int:
        """The first cell that is not blank; 0 where all are."""
        return next((self._edge() + i for i, symbol in enumerate(self._known()) if symbol != self.blank), 0)

    def __getitem__(self, cell: int) -> str:
        """The symbol on a cell, in time proportional to its distance from the head."""
        if cell == self.head:
            return self.symbol
        side = _run(self.left if cell < self.head else self.right)
        return next((symbol for steps, symbol in enumerate(side, 1) if steps == abs(cell - self.head)), self.blank)

    def _edge(self) -> int:
        return self.head - sum(1 for _ in _run(self.left))

    def _known(self) -> list[str]:
        return [*reversed(list(_run(self.left))), self.symbol, *_run(self.right)]

    def _key(self) -> tuple[object, ...]:
        return self.blank, self.head, self.first, tuple(self.cells())

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Tape) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (
            self.cells(),
            self.blank,
            self.first,
            self.head,
        )  # linked lists nest too deep to pickle

    def __repr__(self) -> str:
        return f"<Tape from cell {self.first}: {' '.join(map(shown, self.cells()))}, head on {self.head}>"


def _restored(symbols: list[str], blank: str, first: int, head: int) -> Tape:
    return Tape.of(symbols, blank=blank, first=first, head=head)


def _linked(symbols: Iterable[str]) -> Cells:
    """The linked list whose last symbol is the first of `symbols`."""
    cells: Cells = None
    for symbol in symbols:
        cells = (symbol, cells)
    return cells


def _run(cells: Cells) -> Iterator[str]:
    while cells is not None:
        symbol, cells = cells
        yield symbol

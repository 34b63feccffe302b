"""Tapes as text: the symbols in a row, the cell under the head in brackets."""

from __future__ import annotations

from compiled_models.view.trace import Snapshot
from tm.shown import shown

__all__ = ["tape_text"]

WINDOW = 24  # cells shown at most, around the head


def tape_text(snapshot: Snapshot, tape: int, blank: str) -> str:
    """One tape of a snapshot, with the head's cell in brackets; long tapes are cut around the head.

    >>> tape_text(Snapshot("A", ((0, ("1", "0")),), (2,)), 0, "_"), tape_text(Snapshot("A", ((0, ()),), (0,)), 0, "_")
    ('1 0[_]', '[_]')
    """
    first, symbols = snapshot.tapes[tape]
    head = snapshot.heads[tape]
    low, high = min(first, head) if symbols else head, max(first + len(symbols) - 1, head)
    left, right = max(low, head - WINDOW // 2), min(high, head + WINDOW // 2)
    cells = {first + i: symbol for i, symbol in enumerate(symbols)}
    text = "".join(_cell(shown(cells.get(cell, blank)), cell, head, left) for cell in range(left, right + 1))
    return ("… " if left > low else "") + text + (" …" if right < high else "")


def _cell(symbol: str, cell: int, head: int, left: int) -> str:
    if cell == head:
        return f"[{symbol}]"
    return symbol if cell in (left, head + 1) else f" {symbol}"

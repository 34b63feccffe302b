"""Tapes as text: the symbols in a row, the cell under the head in brackets."""

from __future__ import annotations

from collections.abc import Sequence

from compiled_models.view.step import Moment
from tm.text import shown

__all__ = ["marked_tape", "tape_text"]

WHOLE, EDGE = 120, 56  # characters of a tape that is shown whole; of either end of a longer one
WINDOW = 24  # cells shown at most, around the head


def tape_text(moment: Moment, tape: int, blank: str, most: int = WINDOW) -> str:
    """One tape at a moment of a run, with the head's cell in brackets, and so many other cells around it at most.

    >>> tape_text(Moment("A", ((0, ("1", "0")),), (2,)), 0, "_"), tape_text(Moment("A", ((0, ()),), (0,)), 0, "_")
    ('1 0[_]', '[_]')
    """
    first, symbols = moment.tapes[tape]
    head = moment.heads[tape]
    low, high = min(first, head) if symbols else head, max(first + len(symbols) - 1, head)
    left, right = max(low, head - most // 2), min(high, head + most // 2)
    cells = {first + i: symbol for i, symbol in enumerate(symbols)}
    text = "".join(_cell(shown(cells.get(cell, blank)), cell, head, left) for cell in range(left, right + 1))
    return ("… " if left > low else "") + text + (" …" if right < high else "")


def marked_tape(tape: Sequence[str], first: int | None, head: int, blank: str) -> str:
    """A whole tape whose first symbol is on a cell (None: a blank tape), with the head's cell in brackets.

    Of a long tape both ends and what is around the head, and how long it is.

    >>> marked_tape("1000", 0, 0, "_"), marked_tape("1000", 0, -1, "_"), marked_tape("", None, 7, "_")
    ('[1]000', '[_]1000', '[_]')
    >>> marked_tape("01" * 100, 0, 99, "0").count("…")
    2
    """
    names = {symbol: shown(symbol) for symbol in {*tape, blank}}
    glue = "" if all(len(name) == 1 for name in names.values()) else " "
    width = max(map(len, names.values())) + len(glue)
    start = head if first is None else first
    low, high = min(start, head), max(start + len(tape) - 1, head)
    cells: Sequence[int] = range(low, high + 1)
    long = len(cells) * width > WHOLE
    if long:
        around = range(max(low, head - WINDOW // 2), min(high, head + WINDOW // 2) + 1)
        edge = max(1, EDGE // width)
        cells = sorted({*range(low, low + edge), *around, *range(high - edge + 1, high + 1)})
    text, before = "", low - 1
    for cell in cells:
        name = names[tape[cell - start] if 0 <= cell - start < len(tape) else blank]
        text += (" … " if cell > before + 1 else glue if text else "") + (f"[{name}]" if cell == head else name)
        before = cell
    return text + (f" ({len(tape):,} cells, {len(tape) - list(tape).count(blank):,} not blank)" if long else "")


def _cell(symbol: str, cell: int, head: int, left: int) -> str:
    if cell == head:
        return f"[{symbol}]"
    return symbol if cell in (left, head + 1) else f" {symbol}"

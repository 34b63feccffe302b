"""Attention maps of READ and DECIDE over a run: a row for each token that asks, a column for each that it can see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compiled_models.view.pictures.picture import (
    DECIDE,
    EMPTY,
    INK,
    MADE,
    NAME,
    NOTE,
    NUMBER,
    PAPER,
    READ,
    SOFT,
    Picture,
    Sheet,
    letters,
    number_text,
    tint,
)
from compiled_models.view.pictures.recording import Recording
from construction.base_network import BLOCKS

__all__ = ["attention_map"]

MANY = 40  # columns above which cells are small
LEAST = 0.005  # a weight that is written out
GAP = 0.45
GRID = "#e6e8eb"
SAYS = (
    "A row is a token that asks, a column one that it can see; the weights of a row add up to 1. Grey: not there yet."
)


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a map: where its left edge is, their width and height, in inches, and the points of a name."""

    left: float
    side: float
    high: float
    size: float


KINDS = {"EXAMPLE": "examples", "CELL": "input", "STEP": "run", "STOP": "run"}


def attention_map(recording: Recording) -> Picture:
    """Where the attention of READ (a map for each tape) and of DECIDE went, after RUN and after each step of a run.

    A row is a query, a column a key, the colour their weight in `hook_pattern`; rows add up to 1. What a query could
    not see yet is grey. At the right stands the token that was generated after it.

    >>> from compiled_models import run
    >>> from construction import base_network
    >>> from tm import library
    >>> recording = Recording.of(run(base_network(states=4, symbols=3), library.load("increment"), "1011"))
    >>> {"READ", "DECIDE"} <= {*attention_map(recording).texts}
    True
    """
    maps = [(f"READ, tape {tape + 1}", READ, "READ", tape) for tape in range(recording.codec.machine.tapes)]
    if len(maps) == 1:
        maps = [("READ", READ, "READ", 0)]
    maps.append(("DECIDE", DECIDE, "DECIDE", 0))
    keys, rows = recording.texts[:-1], recording.queries
    names, small = [recording.texts[row] for row in rows], len(keys) > MANY
    size = NAME * 0.7 if small else NAME
    grid = Grid(0.95 + letters(names, size), *((0.2, 0.15) if small else (0.44, 0.3)), size)
    right = 0.8 + letters([recording.texts[row + 1] for row in rows], size)
    below, high = 0.3 + letters(keys, size), grid.high * len(rows)
    width = grid.left + grid.side * len(keys) + right
    sheet = Sheet(width, 1.4 + len(maps) * (high + GAP) - GAP + below, SAYS)
    sheet.heading(recording.title, SAYS)
    top = 1.4
    _kinds(sheet, recording, grid, top - 0.3)
    for title, colour, block, head in maps:
        pattern = recording.numbers("pattern", BLOCKS.index(block))[head]
        _map(sheet, recording, pattern, colour, title, top, grid)
        top += high + GAP
    for column, text in enumerate(keys):
        x = grid.left + grid.side * (column + 0.5)
        look = {"rotation": 90, "va": "top", "ha": "center", "size": grid.size}
        sheet.name(x, top - GAP + 0.1, text, color=_ink(recording, column), **look)
    return sheet.picture()


def _kinds(sheet: Sheet, recording: Recording, grid: Grid, y: float) -> None:
    """Over the columns: what kind of tokens they are."""
    kinds = [KINDS.get(kind, "") for kind in recording.kinds[:-1]]
    for kind in dict.fromkeys(kinds):
        first = kinds.index(kind)
        last = first + kinds.count(kind)
        if kind:
            sheet.bracket(grid.left + grid.side * first, grid.left + grid.side * last, y, kind)


def _ink(recording: Recording, place: int) -> str:
    return MADE if place >= recording.prompt else INK


def _map(
    sheet: Sheet,
    recording: Recording,
    pattern: NDArray[np.float64],
    colour: str,
    title: str,
    top: float,
    grid: Grid,
) -> None:
    left, rows = grid.left, recording.queries
    right, high = left + grid.side * (len(recording.texts) - 1), grid.high * len(rows)
    sheet.box(left, top, right - left, high, EMPTY)
    sheet.box(0.25, top, 0.07, high, colour)
    sheet.text(0.42, top + high / 2, title, size=NAME + 2, color=colour, rotation=90, weight="bold", ha="center")
    for number, row in enumerate(rows):
        _row(sheet, pattern[row, : row + 1], colour, top + grid.high * number, grid)
        middle = top + grid.high * (number + 0.5)
        sheet.name(left - 0.12, middle, recording.texts[row], ha="right", color=_ink(recording, row), size=grid.size)
        sheet.name(right + 0.42, middle, recording.texts[row + 1], color=MADE, size=grid.size)
        sheet.text(right + 0.12, middle, "→", color=SOFT, size=grid.size)
    for number in range(len(rows) + 1):
        sheet.line((left, right), (top + grid.high * number,) * 2, GRID, 0.6)
    for column in range(len(recording.texts)):
        heavy = column in (recording.prompt, 0, len(recording.texts) - 1)
        sheet.line((left + grid.side * column,) * 2, (top, top + high), SOFT if heavy else GRID, 0.6)
    sheet.text(left - 0.12, top - 0.14, "after the token", size=NOTE, color=SOFT, ha="right")
    sheet.text(right + 0.42, top - 0.14, "comes", size=NOTE, color=SOFT)


def _row(sheet: Sheet, weights: NDArray[np.float64], colour: str, y: float, grid: Grid) -> None:
    """The weights of one query on the tokens that it can see."""
    sheet.box(grid.left, y, grid.side * len(weights), grid.high, PAPER)
    for column in np.flatnonzero(weights >= LEAST).tolist():
        weight, x = float(weights[column]), grid.left + grid.side * column
        sheet.box(x, y, grid.side, grid.high, tint(colour, 0.15 + 0.85 * weight))
        if grid.size == NAME:
            ink = PAPER if weight > 0.6 else INK
            sheet.text(x + grid.side / 2, y + grid.high / 2, number_text(weight), size=NUMBER, color=ink, ha="center")

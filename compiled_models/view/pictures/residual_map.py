"""The residual stream by direction, token by token: which block writes what, and what stands there in the end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from compiled_models.view.pictures.picture import (
    DECIDE,
    INK,
    MADE,
    MINUS,
    NAME,
    NOTE,
    PLUS,
    READ,
    SOFT,
    Picture,
    Sheet,
    letters,
    number_text,
    tint,
)
from compiled_models.view.pictures.recording import Recording
from construction.activations import UnknownActivation
from construction.base_network import BLOCKS
from construction.residual import Direction
from tm import InputError, Problem

__all__ = ["residual_map"]

SIDE, HIGH = 0.5, 0.235  # inches of a cell
MOST_ROWS = 150
TINY = 1e-12  # what is written as all but nothing: the leak of a softmax
EMBEDDING = "the embedding"
INKS = {EMBEDDING: SOFT, "LOCATE": INK, "ADDRESS": INK, "READ": READ, "DECIDE": DECIDE}


def residual_map(
    recording: Recording,
    *,
    at: str | tuple[str, int] | None = None,
    spaces: Sequence[str] = (),
    prompt: bool = False,
) -> Picture:
    """The numbers in the named directions of the residual stream, for RUN and each step of a run.

    Directions stand in the order in which the network writes them: those of the embedding first, then those to which
    each block adds. A direction that is 0 everywhere, or all but 0, is left out; a position is drawn as p, not p + M.

    Args:
        recording: of the run.
        at: the activation, as for `ActivationCache.residual`; None: the stream after the last block.
        spaces: the spaces to draw, such as "state" or "found 1"; none: all.
        prompt: draw the tokens of the prompt as well.

    Raises:
        InputError: for a name that is none, for an activation that is not in the stream, and where nothing, or too
            much, would be drawn.

    >>> from compiled_models import run
    >>> from construction import base_network
    >>> from tm import library
    >>> recording = Recording.of(run(base_network(states=4, symbols=3), library.load("increment"), "1011"))
    >>> {"head 1", "symbol 1[_]"} <= {*residual_map(recording, spaces=["head 1", "symbol 1"]).texts}
    True
    """
    stream = recording.network.stream
    for name in spaces:
        recording.cache.residual(name, at)  # an unknown one is told with near ones
        if name not in stream.spaces:
            raise UnknownActivation(Problem("this is a direction, not a space of them", name.split("[")[0], name))
    columns = range(len(recording.texts)) if prompt else range(recording.prompt - 1, len(recording.texts))
    groups: dict[str, list[tuple[Direction, NDArray[np.float64]]]] = {name: [] for name in INKS}
    writers = _writers(recording, columns)
    for name in spaces or stream.spaces:
        values = recording.residual(name, at)[columns.start : columns.stop]
        for direction, numbers in zip(stream[name], values.T, strict=True):
            if (abs(numbers) >= TINY).any():
                groups[writers[direction.column]].append((direction, numbers))
    rows = sum(map(len, groups.values()))
    if not 0 < rows <= MOST_ROWS:
        hint = "choose others (--space)" if rows else "choose others (--space), or a later activation (--at)"
        found = f"{rows} that are not 0"
        raise InputError(Problem("no such number of directions can be drawn", f"1 to {MOST_ROWS}", found, hint))
    return _drawn(recording, groups, columns, at)


def _writers(recording: Recording, columns: range) -> list[str]:
    """Of each direction, the last part of the network that adds to it, at the tokens that are drawn."""
    writers = [EMBEDDING] * recording.network.stream.width
    for block, name in enumerate(BLOCKS):
        added = [recording.numbers(point, block)[columns.start : columns.stop] for point in ("attn_out", "mlp_out")]
        for column in np.flatnonzero(added[0].any(0) | added[1].any(0)):
            writers[column] = name
    return writers


def _drawn(
    recording: Recording,
    groups: dict[str, list[tuple[Direction, NDArray[np.float64]]]],
    columns: range,
    at: str | tuple[str, int] | None,
) -> Picture:
    names = [recording.direction_name(direction) for group in groups.values() for direction, _ in group]
    point = (
        "after the last block" if at is None else f"at {at if isinstance(at, str) else ' of block '.join(map(str, at))}"
    )
    note = f"The residual stream {point}: a row is a direction, a column a token. ≈0: less than {TINY:.0e}."
    left, gap = 1.75 + letters(names), 0.14
    below = 0.3 + letters([recording.texts[column] for column in columns])
    drawn = {name: group for name, group in groups.items() if group}
    top = 1.0
    high = HIGH * len(names) + gap * (len(drawn) - 1)
    sheet = Sheet(left + SIDE * len(columns) + 0.3, top + high + 0.1 + below, note)
    sheet.heading(recording.title, note)
    y = top
    for name, group in drawn.items():
        sheet.box(0.25, y, 0.07, HIGH * len(group), INKS[name])
        sheet.text(0.45, y + HIGH / 2, name, size=NAME, color=INKS[name], weight="bold")
        for direction, numbers in group:
            sheet.name(left - 0.12, y + HIGH / 2, recording.direction_name(direction), ha="right", color=INKS[name])
            _row(sheet, numbers, left, y)
            y += HIGH
        y += gap
    for number, column in enumerate(columns):
        ink = MADE if column >= recording.prompt else INK
        x = left + SIDE * (number + 0.5)
        sheet.name(x, y - gap + 0.1, recording.texts[column], rotation=90, va="top", ha="center", color=ink)
    return sheet.picture()


def _row(sheet: Sheet, numbers: NDArray[np.float64], left: float, y: float) -> None:
    most = float(np.abs(numbers).max())
    for column, value in enumerate(numbers.tolist()):
        x = left + SIDE * column
        tiny = abs(value) < TINY
        share = 0.0 if tiny else 0.1 + 0.5 * abs(value) / most
        sheet.box(x, y, SIDE, HIGH, tint(PLUS if value > 0 else MINUS, share), edgecolor="#e6e8eb", linewidth=0.5)
        if value:
            text, ink = ("≈0", SOFT) if tiny else (number_text(value), INK)
            sheet.text(x + SIDE / 2, y + HIGH / 2, text, size=NOTE - 1.5, color=ink, ha="center")

"""A weight matrix with the names of its rows and columns, and each weight as the construction writes it."""

from __future__ import annotations

import difflib

import numpy as np

from compiled_models.view.pictures.picture import (
    INK,
    MINUS,
    NOTE,
    PAPER,
    PLUS,
    SOFT,
    Picture,
    Sheet,
    cut,
    letters,
    tint,
)
from construction.activations import UnknownActivation
from construction.blueprint import Entry
from construction.fingerprint import fingerprint
from construction.number_format import Constants
from construction.transformer import Transformer
from construction.tuned_network import draw_network
from tm import InputError, Problem

__all__ = ["weight_map"]

ALARM = "#b3261e"
SIDE, HIGH = 0.62, 0.3  # inches of a cell
MOST_ROWS, MOST_COLUMNS = 120, 60


def weight_map(network: Transformer, tensor: str, *, head: int | None = None) -> Picture:
    """One of a network's weight matrices: only the rows and columns that are not zero, each under its name.

    A weight is written as the construction has it, `-2 beta M` say; one that is not the construction's is red.

    Args:
        network: from `base_network`, `compile_machine` or `load`.
        tensor: its name, such as "blocks.2.attn.W_K".
        head: of an attention matrix, which head's, counted from 1; None: the first.

    Raises:
        InputError: for a name that is no weight's, a head that there is not, a matrix of zeros, or too large a one.

    >>> from construction import base_network
    >>> picture = weight_map(base_network(states=4, symbols=3), "blocks.2.attn.W_K")
    >>> {"READ 1 key", "cell 1 squared", "−2 M"} <= {*picture.texts}
    True
    """
    weights = dict(network.named_parameters())
    if tensor not in weights:
        near = difflib.get_close_matches(tensor, weights, 3, 0.4) or list(weights)[:3]
        raise UnknownActivation(Problem("no weight has this name", f"such as {', '.join(near)}", repr(tensor)))
    matrix = weights[tensor].detach().double().cpu().numpy()
    first = _head(matrix.shape, tensor, head)
    matrix = matrix[first] if first else matrix
    blueprint = draw_network(network.config)
    rows, columns = (np.flatnonzero(matrix.any(axis)).tolist() for axis in (1, 0))
    if not rows or len(rows) > MOST_ROWS or len(columns) > MOST_COLUMNS:
        found = f"{len(rows)} × {len(columns)}"
        expected = f"1 × 1 to {MOST_ROWS} × {MOST_COLUMNS} rows and columns that are not zero"
        hint = "take a smaller network (--states, --symbols, --tapes)" if rows else "take another matrix"
        raise InputError(Problem(f"{tensor} cannot be drawn", expected, found, hint))
    drawn = {entry.index: entry for entry in blueprint.entries if entry.tensor == tensor}
    names = [blueprint.joins(tensor, (*first, row, 0))[0] for row in rows]
    tops = [blueprint.joins(tensor, (*first, 0, column))[1] for column in columns]
    (down, names), (across, tops) = _titled(names), _titled(tops)
    left, above = 0.5 + letters([*names, down]), 1.4 + letters(tops)
    size = f"{matrix.shape[0]} × {matrix.shape[1]}"
    note = f"{size}; without rows and columns of zeros. Blue: positive, orange: negative."
    sheet = Sheet(left + SIDE * len(columns) + 0.4, above + HIGH * len(rows) + 0.75, note)
    sheet.heading(tensor + (f", head {first[0] + 1}" if first else ""), note)
    for x, y, name, side in ((left, 1.05, across, "left"), (left - 0.12, above - 0.15, down, "right")):
        if name:
            sheet.name(x, y, name, ha=side, color=SOFT)
    for number, name in enumerate(tops):
        x = left + SIDE * (number + 0.5)
        sheet.name(x, above - 0.1, name, rotation=90, va="bottom", ha="center")
    constants = Constants.of(network.dtype)
    sheet.box(left, above, SIDE * len(columns), HIGH * len(rows), "#f4f4f1")
    for number in range(1, len(rows)):
        sheet.line((left, left + SIDE * len(columns)), (above + HIGH * number,) * 2, PAPER)
    for number in range(1, len(columns)):
        sheet.line((left + SIDE * number,) * 2, (above, above + HIGH * len(rows)), PAPER)
    for number, row in enumerate(rows):
        y = above + HIGH * number
        sheet.name(left - 0.12, y + HIGH / 2, names[number], ha="right")
        for place, column in enumerate(columns):
            entry = drawn.get((*first, row, column))
            _cell(sheet, float(matrix[row, column]), entry, constants, (left + SIDE * place, y))
    says = f"{network.config}; sha256 {fingerprint(network).sha256[:16]}…"
    sheet.text(0.25, above + HIGH * len(rows) + 0.4, says, size=NOTE, color=SOFT)
    return sheet.picture()


def _head(shape: tuple[int, ...], tensor: str, head: int | None) -> tuple[int, ...]:
    """The first index of a matrix in its tensor: a head's number, from 0, or none."""
    heads = shape[0] if len(shape) == 3 else 0
    if head is not None and not 1 <= head <= heads:
        expected = f"1 to {heads}" if heads else "none: it has no heads"
        raise InputError(Problem(f"{tensor} has no such head", expected, str(head)))
    return ((head or 1) - 1,) if heads else ()


def _titled(names: list[str]) -> tuple[str, list[str]]:
    """What all names have before their brackets, and what stands in these; names that differ there are left whole.

    >>> _titled(["READ 1 key [cell]", "READ 1 key [sink]"]), _titled(["one", "state[0]"])
    (('READ 1 key', ['cell', 'sink']), ('', ['one', 'state[0]']))
    """
    parts = [name.partition(" [") for name in names]
    if len({begin for begin, _, _ in parts}) > 1 or not all(name.endswith("]") for name in names):
        return "", names
    return parts[0][0], [name.removesuffix("]") for _, _, name in parts]


def _cell(sheet: Sheet, value: float, entry: Entry | None, constants: Constants, corner: tuple[float, float]) -> None:
    x, y = corner
    expected = float(entry.weight.value(constants)) if entry else 0.0
    if value:
        sheet.box(x, y, SIDE, HIGH, tint(PLUS if value > 0 else MINUS, 0.3), edgecolor=PAPER, linewidth=0.8)
    if value != expected:
        sheet.text(x + SIDE / 2, y + HIGH / 2, f"{value:.4g}", size=NOTE, color=ALARM, weight="bold", ha="center")
    elif entry is not None:
        text = str(entry.weight).replace("-", "−").replace("beta", "β")
        small = 7.0 if len(text) > 6 else NOTE - 0.5
        sheet.text(x + SIDE / 2, y + HIGH / 2, cut(text, 12), size=small, color=INK, ha="center")

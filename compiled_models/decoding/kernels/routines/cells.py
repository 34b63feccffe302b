"""Keys (2c, f - c^2, rest) in cells by c for each offset (f, rest): take a token in, find the nearest."""

from __future__ import annotations

import math
from math import inf
from typing import NamedTuple

from compiled_models.decoding.kernels.routines import Doubles, Integers

__all__ = ["FAR", "ROUTINES", "Cells"]

FAR = 2.0**52  # no c beyond it


class Cells(NamedTuple):
    """A parabola's cells: `cells[at]` is the number of tokens with a key, `cells[at + 1]` that of their values' sum.

    There are `known[0]` offsets; offset j has `width[j]` cells, for c from `first[j]` on, at `start[j]` and after. It
    has `distinct[j]` keys; if only one, `only[j]` is its c and `single[j]` its cell, otherwise `single[j]` is -1.
    `latest[0]` is the offset of the last token, `undo` what it changed, `asked` the c nearest to what the last query
    asked for and the cell that answered. For `part`, `sums`, `after` and `held` see `SumTable`; `mean` is all 0 but for
    a moment.
    """

    cells: Integers
    start: Integers
    first: Integers
    width: Integers
    distinct: Integers
    single: Integers
    only: Doubles
    offsets: Doubles
    known: Integers
    latest: Integers
    undo: Integers
    asked: Integers
    part: Integers
    sums: Doubles
    after: Integers
    held: Integers
    mean: Doubles


def is_parabola(half: float, f: float, square: float) -> bool:
    """Whether a key is one: an integer c = half, and f - c^2 without rounding."""
    return abs(half) < FAR and math.floor(half) == half and f - half * half == square


def is_offset(h: Cells, j: int, offset: tuple[float, ...]) -> bool:
    """Whether offset j is this one."""
    same = True
    for i, wanted in enumerate(offset):
        same &= h.offsets[len(offset) * j + i] == wanted
    return same


def offset_number(h: Cells, offset: tuple[float, ...]) -> int:
    """The number of an offset, or -1."""
    j = h.latest[0]
    if is_offset(h, j, offset):
        return j
    for j in range(h.known[0]):
        if is_offset(h, j, offset):
            h.latest[0] = j
            return j
    return -1


def place(h: Cells, j: int, c: int) -> int:
    """Where the cell for c of offset j is, or -1."""
    if j < 0:
        return -1
    i = c - h.first[j]
    if i < 0 or i >= h.width[j]:
        return -1
    return 2 * (h.start[j] + i)


def take_in(
    h: Cells,
    parts: int,
    half: float,
    offset: tuple[float, ...],
    rows: tuple[int, ...],
    wanted: Integers,
    wanted_offset: Doubles,
) -> bool:
    """Add the values of a token's rows to its key's cell; False, and what is wanted, where there is no room yet."""
    c = int(half)
    j = offset_number(h, offset)
    at = place(h, j, c)
    if at < 0:
        wanted[1], wanted[2] = c, -1
        for i, part in enumerate(offset):
            wanted_offset[i] = part
        return False
    before = h.cells[at + 1]
    number = before
    for row in rows:
        number = h.after[parts * number + h.part[row]]
    if number == 1:
        wanted[2] = before
        return False
    count = h.cells[at]
    h.undo[0], h.undo[1], h.undo[2], h.undo[3] = 1, at, count, before
    if count == 0:
        h.undo[4], h.undo[5] = j, h.single[j]
        h.distinct[j] += 1
        h.single[j] = -1
        if h.distinct[j] == 1:
            h.single[j], h.only[j] = at, half
    h.cells[at], h.cells[at + 1] = count + 1, number
    return True


def take_back(h: Cells) -> None:
    """Undo what the last `take_in` did if its token is not done with."""
    if h.undo[0] == 1:
        at, count = h.undo[1], h.undo[2]
        h.cells[at], h.cells[at + 1] = count, h.undo[3]
        if count == 0:
            h.distinct[h.undo[4]] -= 1
            h.single[h.undo[4]] = h.undo[5]
        h.undo[0] = 0


def nearest(h: Cells, linear: float, query: tuple[float, ...], gap: float) -> int:
    """The cell of the key with all the weight: an offset's only one, or the one nearest to r; -1 if there is none.

    The query is `linear` on 2c and `query` on (f - c^2, rest). No key of an offset but the nearest one is less than
    `far` from r.
    """
    square = query[0]
    r = linear / square if square > 0.0 else inf
    if not abs(r) < FAR:
        return -1
    p = int(math.floor(r + 0.5))  # noqa: RUF046 (numba's floor of a double is one)
    far = 1.0 - abs(r - p)
    best, following, top = -inf, -inf, -1
    for j in range(h.known[0]):
        constant = 0.0
        for i, amount in enumerate(query):
            constant += amount * h.offsets[len(query) * j + i]
        at, c = h.single[j], h.only[j]
        if at < 0:
            following = max(following, linear * r - square * far * far + constant)
            at, c = place(h, j, p), float(p)
            if at < 0 or h.cells[at] == 0:
                continue
        score = linear * (2.0 * c) - square * (c * c) + constant
        if score > best:
            following = max(following, best)
            best, top = score, at
        elif score > following:
            following = score
    h.asked[0], h.asked[1] = p, top
    return top if best - following >= gap else -1


def write_mean(h: Cells, at: int, channels: int) -> None:
    """Write the mean value of a cell's tokens into `mean`."""
    count, number = float(h.cells[at]), h.cells[at + 1]
    i = (channels + 1) * number
    c = h.held[i]
    while c >= 0:
        h.mean[c] = h.sums[channels * number + c] / count
        i += 1
        c = h.held[i]


def forget_mean(h: Cells, at: int, channels: int) -> None:
    """Clear it."""
    i = (channels + 1) * h.cells[at + 1]
    c = h.held[i]
    while c >= 0:
        h.mean[c] = 0.0
        i += 1
        c = h.held[i]


ROUTINES = (
    is_parabola,
    is_offset,
    offset_number,
    place,
    take_in,
    take_back,
    nearest,
    write_mean,
    forget_mean,
)

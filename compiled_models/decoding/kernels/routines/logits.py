"""What wide directions add to logits, and the largest logit of a field."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from compiled_models.decoding.kernels.routines import Flags, Floats, Integers

__all__ = ["ROUTINES", "SELDOM", "Landing", "Noted", "Wide"]


class Noted(NamedTuple):
    """What was noted for a group of rows: the first n rows and values, where n is kept by who notes."""

    rows: Integers
    values: Floats


class Landing(NamedTuple):
    """What something adds to logits: see `lists`."""

    start: Integers
    target: Integers
    weight: Floats


class Wide(NamedTuple):
    """What was gathered: `wide[row]` is valid where `marked[row]` is the present position.

    `special` rows have scalar weights that are not like the rest of their field's.
    """

    wide: Floats
    marked: Integers
    special: Flags


def land(lists: Landing, noted: Noted, n: int, row: int, value: float, source: int) -> tuple[int, int, float]:
    """Note what a source adds to the logits of a group of rows."""
    e = lists.start[source]
    u = lists.target[e]
    while u >= 0:
        row, value = u, lists.weight[e]
        noted.rows[n], noted.values[n] = row, value
        n += 1
        e += 1
        u = lists.target[e]
    return n, row, value


def larger(one: float, row: int, two: float, later: int) -> tuple[float, int]:
    """The larger logit and its row; of equals the first."""
    if two > one:
        return two, later
    return one, row


def earlier(one: float, row: int, two: float, other: int) -> tuple[float, int]:
    """The larger logit and its row; of equals the one with the smaller row."""
    if two > one or (two == one and other < row):
        return two, other
    return one, row


def likeliest_row(
    noted: Noted, n: int, row: int, value: float, w: Wide, base: float, first: int, stop: int, position: int
) -> tuple[float, int]:
    """The largest logit of a field without special rows, where rows for which nothing was noted have `base`.

    A branch, not a choice between two results: a processor goes on with the row before it knows the logit.
    """
    if n == 1 and base + value > base:
        return base + value, row
    return likeliest_gathered(noted, n, row, value, w, base, first, stop, position)


def likeliest_gathered(
    noted: Noted, n: int, row: int, value: float, w: Wide, base: float, first: int, stop: int, position: int
) -> tuple[float, int]:
    """The same, leaving special rows out, from any number of notes."""
    gather(n, noted.rows, noted.values, w.wide, w.marked, position)
    return largest(base, first, stop, n, noted.rows, w.wide, w.marked, w.special, position)


def gather(n: int, rows: Integers, values: Floats, wide: Floats, marked: Integers, position: int) -> None:
    """Add up what was noted for each row."""
    for i in range(n):
        u = rows[i]
        if marked[u] != position:
            marked[u] = position
            wide[u] = 0.0
        wide[u] += values[i]


def largest(
    base: float,
    first: int,
    stop: int,
    n: int,
    rows: Integers,
    wide: Floats,
    marked: Integers,
    special: Flags,
    position: int,
) -> tuple[float, int]:
    """The largest logit of rows with notes and of the first of the others, and its row."""
    row = first
    while row < stop and (marked[row] == position or special[row]):
        row += 1
    logit = base if row < stop else base - inf
    for i in range(n):
        u = rows[i]
        other = base + wide[u]
        if not special[u] and (other > logit or (other == logit and u < row)):
            logit, row = other, u
    return logit, row


ROUTINES = (land, larger, earlier, likeliest_row, likeliest_gathered)
SELDOM = (gather, largest)

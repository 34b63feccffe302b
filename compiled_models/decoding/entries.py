"""Merged cache entries: for each distinct key the sum of its values and their number.

Merging loses nothing. Softmax attention over tokens j with keys k_j and values v_j gives

    sum_j exp(q.k_j) v_j / sum_j exp(q.k_j).

Tokens with equal keys have equal exp(q.k); group them by key k, with V_k the sum of their values and n_k their number:

    sum_k exp(q.k) V_k / sum_k exp(q.k) n_k.

So (k, V_k, n_k) is all that any query, now or later, can tell of them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Entries", "EntryTable", "attention", "scores_of", "softmax_mean"]

Floats = NDArray[np.floating]
Doubles = NDArray[np.float64]


class Entries(NamedTuple):
    """Distinct keys [s c], the sums of their values [s v] and their numbers [s]."""

    keys: Floats
    sums: Doubles
    counts: Doubles

    def copy(self) -> Entries:
        """The same, in arrays of their own."""
        return Entries(self.keys.copy(), self.sums.copy(), self.counts.copy())


def attention(query: Floats, entries: Entries) -> Doubles:
    """The attention output [v] of a query [c]: the full softmax over the entries.

    >>> entries = Entries(np.array([[0.0], [9.0]]), np.array([[6.0], [5.0]]), np.array([3.0, 1.0]))
    >>> attention(np.array([0.0]), entries)  # the same as over the values 2, 2, 2, 5 of four tokens
    array([2.75])
    """
    return softmax_mean(scores_of(query, entries.keys), entries.sums, entries.counts)


def softmax_mean(scores: Doubles, sums: Doubles, counts: Doubles) -> Doubles:
    """The mean value [v] of entries with these scores [s], sums [s v] and counts [s], by the softmax of all tokens.

    >>> softmax_mean(np.array([7.0, 7.0]), np.array([[6.0], [5.0]]), np.array([3.0, 1.0]))
    array([2.75])
    """
    weights = np.exp(scores - scores.max())
    return (weights @ sums) / (weights @ counts)


def scores_of(query: Floats, keys: Floats) -> Doubles:
    """The scores [s] of a query [c] with keys [s c]; channels in which the query is 0 are left out.

    >>> scores_of(np.array([0.0, 2.0]), np.array([[5.0, 1.0], [7.0, 3.0]]))
    array([2., 6.])
    """
    channels = np.flatnonzero(query)
    if 2 * len(channels) < len(query):
        keys, query = keys[:, channels], query[channels]
    return np.asarray(keys.astype(np.float64, copy=False) @ query)


class EntryTable:
    """A growing table of entries; sums and counts are kept in double precision whatever the network's format.

    >>> table = EntryTable(1, 2, np.dtype(np.float64))
    >>> table.append(np.array([7.0]), np.array([1.0, 2.0]), 1)
    0
    >>> table.merge(0, np.array([1.0, 0.0]), 2)
    >>> table.entries().sums, table.entries().counts
    (array([[2., 2.]]), array([3.]))
    """

    def __init__(self, channels: int, values: int, dtype: np.dtype[np.floating]) -> None:
        self.size = 0
        self.keys: Floats = np.empty((16, channels), dtype, order="F")  # a channel's keys side by side
        self.sums = np.empty((16, values))
        self.counts = np.empty(16)
        self.largest = 0.0  # no entry's mean value has an element beyond it

    def append(self, key: Floats, total: Floats, count: float) -> int:
        """Add an entry; return its row."""
        if self.size == len(self.keys):
            self.keys = _doubled(self.keys)
            self.sums, self.counts = _doubled(self.sums), _doubled(self.counts)
        row = self.size
        self.keys[row], self.sums[row], self.counts[row] = key, 0.0, 0.0
        self.size += 1
        self.merge(row, total, count)
        return row

    def merge(self, row: int, total: Floats, count: float) -> None:
        """Add `count` tokens, whose values sum to `total`, to an entry."""
        self.sums[row] += total
        self.counts[row] += count
        if total.size:
            self.largest = max(self.largest, float(total.max()) / count, -float(total.min()) / count)

    def entries(self) -> Entries:
        """All of them (views)."""
        return Entries(self.keys[: self.size], self.sums[: self.size], self.counts[: self.size])


def _doubled(array: NDArray[Any]) -> NDArray[Any]:
    grown = np.empty((2 * len(array), *array.shape[1:]), array.dtype, order="F" if array.flags.f_contiguous else "C")
    grown[: len(array)] = array
    return grown

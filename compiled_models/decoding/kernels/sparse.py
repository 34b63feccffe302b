"""Lists of lists in flat arrays, and the joins of sparse matrices that fill them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Links", "joined", "links", "lists"]

Integers = NDArray[np.int64]


class Links(NamedTuple):
    """The non-zero weights of a matrix: from where, to where, and how much."""

    sources: Integers
    targets: Integers
    weights: NDArray[Any]

    def of(self, chosen: NDArray[np.bool_]) -> Links:
        """Some of them."""
        return Links(self.sources[chosen], self.targets[chosen], self.weights[chosen])


def links(matrix: NDArray[np.floating]) -> Links:
    """The non-zero weights of a matrix [s d], by source."""
    sources, targets = np.nonzero(matrix)
    return Links(np.ascontiguousarray(sources), np.ascontiguousarray(targets), matrix[sources, targets])


def joined(first: Links, second: Links) -> Links:
    """Every path of a weight of `first` and one of `second` (which is by source), with the two weights' product.

    >>> one, two = links(np.array([[0.0, 5.0]])), links(np.array([[1.0, 0.0], [2.0, 3.0]]))
    >>> [part.tolist() for part in joined(one, two)]
    [[0, 0], [0, 1], [10.0, 15.0]]
    """
    low = np.searchsorted(second.sources, first.targets, "left")
    lengths = np.searchsorted(second.sources, first.targets, "right") - low
    left = np.repeat(np.arange(len(lengths)), lengths)
    right = np.arange(len(left)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + np.repeat(low, lengths)
    return Links(first.sources[left], second.targets[right], first.weights[left] * second.weights[right])


def lists(from_to: Links, n: int) -> tuple[Integers, Integers, NDArray[Any]]:
    """A list for each of n sources, of links that are by source: `start`, `target`, `weight`.

    List i begins at `start[i]` of the targets and the weights and goes on up to a target of -1. (A loop up to a mark is
    quicker than one whose length can be computed: the lists are short, and compilers unroll what they can count.)

    >>> [part.tolist() for part in lists(Links(np.array([0, 0, 2]), np.array([7, 8, 9]), np.array([0.5, 1, 2])), 3)]
    [[0, 3, 4], [7, 8, -1, -1, 9, -1], [0.5, 1.0, 0.0, 0.0, 2.0, 0.0]]
    """
    lengths = np.bincount(from_to.sources, minlength=n)
    start = np.cumsum(lengths + 1) - lengths - 1
    size = len(from_to.sources)
    places = np.arange(size) + from_to.sources
    target, weight = np.full(size + n, -1, np.int64), np.zeros(size + n, from_to.weights.dtype)
    target[places], weight[places] = from_to.targets, from_to.weights
    return start.astype(np.int64), target, weight

"""Lists of lists in flat arrays, and the joins of sparse matrices that fill them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Links", "joined", "links", "starts"]

Integers = NDArray[np.int64]
Doubles = NDArray[np.float64]


class Links(NamedTuple):
    """The non-zero weights of a matrix: from where, to where, and how much."""

    sources: Integers
    targets: Integers
    weights: Doubles


def links(matrix: NDArray[np.floating]) -> Links:
    """The non-zero weights of a matrix [s d], by source."""
    sources, targets = np.nonzero(matrix)
    return Links(sources, targets, matrix[sources, targets].astype(np.float64))


def joined(first: Links, second: Links) -> tuple[Integers, Integers, Doubles, Doubles]:
    """Every path of a weight of `first` and one of `second` (which is by source): from, to, and the two weights.

    >>> one, two = links(np.array([[0.0, 5.0]])), links(np.array([[1.0, 0.0], [2.0, 3.0]]))
    >>> [part.tolist() for part in joined(one, two)]
    [[0, 0], [0, 1], [5.0, 5.0], [2.0, 3.0]]
    """
    low = np.searchsorted(second.sources, first.targets, "left")
    lengths = np.searchsorted(second.sources, first.targets, "right") - low
    left = np.repeat(np.arange(len(lengths)), lengths)
    right = np.arange(len(left)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + np.repeat(low, lengths)
    return first.sources[left], second.targets[right], first.weights[left], second.weights[right]


def starts(sources: Integers, n: int) -> Integers:
    """Where the items of each of n sources begin, of items sorted by source; one more for the end.

    >>> starts(np.array([0, 0, 2]), 3)
    array([0, 2, 2, 3])
    """
    return np.searchsorted(sources, np.arange(n + 1)).astype(np.int64)

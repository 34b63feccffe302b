"""Lists of lists in flat arrays, and the joins of sparse matrices that fill them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Links", "joined", "links", "lists"]

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
    weights = matrix[sources, targets].astype(np.float64)
    return Links(np.ascontiguousarray(sources), np.ascontiguousarray(targets), weights)


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


def lists(sources: Integers, n: int, targets: Integers, **others: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """A list for each of n sources, of items that are sorted by source.

    List i begins at `start[i]` of `target` and of the others and goes on up to a target of -1. (A loop up to a mark is
    quicker than one whose length can be computed: the lists are short, and compilers unroll what they can count.)

    >>> {name: array.tolist() for name, array in lists(np.array([0, 0, 2]), 3, np.array([7, 8, 9])).items()}
    {'start': [0, 3, 4], 'target': [7, 8, -1, -1, 9, -1]}
    """
    lengths = np.bincount(sources, minlength=n)
    start = np.cumsum(lengths + 1) - lengths - 1
    places = np.arange(len(sources)) + sources
    found: dict[str, NDArray[Any]] = {
        "start": start.astype(np.int64),
        "target": np.full(len(sources) + n, -1, np.int64),
    }
    found["target"][places] = targets
    for name, items in others.items():
        found[name] = np.zeros(len(sources) + n, items.dtype)
        found[name][places] = items
    return found

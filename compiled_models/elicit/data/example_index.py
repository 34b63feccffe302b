"""An index of a large store of examples: which of them stand nearest to a query? It never looks at their labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

__all__ = ["ExampleIndex"]


class ExampleIndex:
    """Exact nearest neighbours among stored contexts, by a k-d tree.

    Args:
        contexts: a point for each example [n d].
        labels: what was done there [n]; handed out, never looked at.

    >>> index = ExampleIndex(np.array([[0.0], [1.0], [1.0], [5.0]]), np.array([3, 4, 4, 5]))
    >>> index.nearest(np.array([[1.1]]), 2)[0].tolist(), index.matches(np.array([1.0])).tolist()
    ([[4, 4]], [4, 4])
    """

    def __init__(self, contexts: NDArray[np.float64], labels: NDArray[np.int64]) -> None:
        self.labels = labels
        self._tree = NearestNeighbors(algorithm="kd_tree").fit(contexts)

    def nearest(self, queries: NDArray[np.float64], k: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The labels [q k] of the k nearest examples to each query [q d], nearest first, and their distances."""
        distances, found = self._tree.kneighbors(queries, n_neighbors=k)
        return self.labels[found], distances

    def matches(self, query: NDArray[np.float64], radius: float = 0.0) -> NDArray[np.int64]:
        """The labels of all examples at a query, or no farther than a radius: with all of them, nothing is lost."""
        (found,) = self._tree.radius_neighbors(query[None], radius=radius, return_distance=False)
        matched: NDArray[np.int64] = self.labels[np.sort(found)]
        return matched

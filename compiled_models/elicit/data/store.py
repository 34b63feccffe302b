"""A large store of examples of a policy that changes smoothly over its contexts, and an index in front of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from compiled_models.elicit.report.total_variation import total_variation

__all__ = ["ExampleIndex", "SmoothPolicy"]

Numbers = NDArray[np.float64]


class SmoothPolicy:
    """Distributions at the corners of the unit square, bilinear between them.

    >>> policy = SmoothPolicy(np.eye(4).reshape(2, 2, 4))
    >>> policy(np.array([[0.5, 0.0]])).tolist(), round(policy.lipschitz, 4)
    ([[0.5, 0.0, 0.5, 0.0]], 1.4142)
    """

    def __init__(self, corners: Numbers) -> None:
        self.corners = corners  # [2 2 V]

    @classmethod
    def random(cls, vocabulary: int, random: np.random.Generator) -> SmoothPolicy:
        """One with random distributions at its corners."""
        return cls(random.dirichlet([0.2] * vocabulary, size=(2, 2)))

    def __call__(self, points: Numbers) -> Numbers:
        """The distributions [n V] at points [n 2]."""
        x, y = points[:, 0, None], points[:, 1, None]
        low = (1 - y) * self.corners[0, 0] + y * self.corners[0, 1]
        high = (1 - y) * self.corners[1, 0] + y * self.corners[1, 1]
        mixed: Numbers = (1 - x) * low + x * high
        return mixed

    @property
    def lipschitz(self) -> float:
        """How much TV a unit of distance can cost: the norm of the largest changes along both sides."""
        across = total_variation(self.corners[0], self.corners[1]).max()
        along = total_variation(self.corners[:, 0], self.corners[:, 1]).max()
        return float(np.hypot(across, along))

    def draw(self, points: Numbers, random: np.random.Generator) -> NDArray[np.int64]:
        """A label for each point."""
        cumulative = self(points).cumsum(1)
        level = random.random(len(points))[:, None] * cumulative[:, -1:]
        labels: NDArray[np.int64] = (level >= cumulative).sum(1)
        return labels


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
        from sklearn.neighbors import NearestNeighbors  # imported where it is used: it takes two seconds

        self._tree = NearestNeighbors(algorithm="kd_tree").fit(contexts)

    def nearest(self, queries: NDArray[np.float64], k: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The labels [q k] of the k nearest examples to each query [q d], nearest first, and their distances."""
        distances, indices = self._tree.kneighbors(queries, n_neighbors=k)
        return self.labels[indices], distances

    def matches(self, query: NDArray[np.float64], radius: float = 0.0) -> NDArray[np.int64]:
        """The labels of all examples at a query, or no farther than a radius: with all of them, nothing is lost."""
        (indices,) = self._tree.radius_neighbors(query[None], radius=radius, return_distance=False)
        matched: NDArray[np.int64] = self.labels[np.sort(indices)]
        return matched

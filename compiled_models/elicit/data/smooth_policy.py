"""A policy over a square of contexts that changes smoothly: near contexts have like distributions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from compiled_models.elicit.report.total_variation import total_variation

__all__ = ["SmoothPolicy"]

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
        drawn = random.random(len(points))[:, None] * cumulative[:, -1:]
        labels: NDArray[np.int64] = (drawn >= cumulative).sum(1)
        return labels

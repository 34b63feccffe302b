"""Half-spaces to be learnt, and points of them: whole numbers, as the margin machine is told them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from construction.classifiers.labelled_vectors import Integers

__all__ = ["LEVELS", "SIGMA", "HalfSpace"]

Numbers = NDArray[np.float64]
LEVELS, SIGMA = 16, 5.0


@dataclass(frozen=True)
class HalfSpace:
    """A half-space through the origin, and Gaussian points, rounded to whole numbers from -16 to 16 (sigma is 5).

    The label is that of the rounded point, so the examples are separable.

    >>> x, y = HalfSpace(np.array([1.0, 0.5])).draw(3, np.random.default_rng(0))
    >>> x.tolist(), y.tolist()
    ([[1, -1], [3, 1], [-3, 2]], [1, 1, -1])
    """

    normal: Numbers

    @classmethod
    def random(cls, dimension: int, random: np.random.Generator) -> HalfSpace:
        """One in a random direction."""
        return cls(random.normal(size=dimension))

    def draw(self, n: int, random: np.random.Generator) -> tuple[Integers, Integers]:
        """Points [n d], none on the border, and their labels, -1 or 1 [n]."""
        points = self._points(n, random)
        while (on_border := points @ self.normal == 0).any():  # the zero vector, if nothing else, is on no side
            points[on_border] = self._points(int(on_border.sum()), random)
        return points, np.where(points @ self.normal > 0, 1, -1)

    def _points(self, n: int, random: np.random.Generator) -> Integers:
        points = np.rint(SIGMA * random.normal(size=(n, len(self.normal))))
        return np.clip(points, -LEVELS, LEVELS).astype(np.int64)

    def error(self, w: NDArray[Any], n: int, random: np.random.Generator) -> float:
        """The share of n fresh points on which a separator through the origin errs."""
        points, labels = self.draw(n, random)
        return float(np.mean(np.where(points @ w >= 0, 1, -1) != labels))

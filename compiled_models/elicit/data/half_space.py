"""Half-spaces to be learnt, and what learns them: the margin machine and its simpler rivals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from construction.classifiers.labelled_vectors import Integers
from construction.classifiers.margin_machine import margin_machine
from construction.transformer import Transformer

__all__ = ["HalfSpace", "gradient_step", "least_squares", "network_b", "network_b_with_slack"]

Numbers = NDArray[np.float64]
LEVELS, SIGMA = 16, 5.0


@cache
def network_b() -> Transformer:
    """Network B: the margin machine of 64 dimensions and 512 examples, for every data set here.

    >>> network_b() is network_b(), network_b().config.levels
    (True, 16)
    """
    return margin_machine(dimensions=64, examples=512, levels=LEVELS)


@cache
def network_b_with_slack() -> Transformer:
    """The same with slack: a support vector machine with C = 1/32, for data that no half-space separates.

    >>> network_b_with_slack().config.slack
    4
    """
    return margin_machine(dimensions=64, examples=512, levels=LEVELS, slack=4)


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


def gradient_step(vectors: Integers, labels: Integers) -> Integers:
    """sum y x: one step of gradient descent from 0, which is what one layer of linear attention does.

    >>> gradient_step(np.array([[1, 2], [3, 0]]), np.array([1, -1])).tolist()
    [-2, 2]
    """
    step: Integers = labels @ vectors
    return step


def least_squares(vectors: Integers, labels: Integers) -> Numbers:
    """The w with the least sum of (<w, x> - y)^2.

    >>> least_squares(np.array([[2, 0], [0, 4]]), np.array([1, -1])).round(2).tolist()
    [0.5, -0.25]
    """
    solution: Numbers = np.linalg.lstsq(vectors.astype(float), labels.astype(float))[0]
    return solution

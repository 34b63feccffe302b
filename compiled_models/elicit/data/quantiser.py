"""Real vectors as whole numbers, a number of steps to the standard deviation, with a bias behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from construction.classifiers.labelled_vectors import Integers

__all__ = ["Quantiser"]

Numbers = NDArray[np.float64]
STEPS = 4  # to a standard deviation: 16 levels reach 4 sigma


@dataclass(frozen=True)
class Quantiser:
    """Centre and scale of each coordinate; constant coordinates are left out.

    >>> quantiser = Quantiser.fit(np.array([[0.0, 5.0], [2.0, 5.0]]), levels=16)
    >>> quantiser(np.array([[1.0, 5.0], [9.0, 5.0], [99.0, 5.0]])).tolist()
    [[0, 4], [16, 4], [16, 4]]
    """

    kept: NDArray[np.bool_]
    centre: Numbers
    scale: Numbers
    levels: int

    @classmethod
    def fit(cls, vectors: Numbers, *, levels: int) -> Quantiser:
        """The mean and standard deviation of each coordinate of vectors [n d]: of the examples, not the questions."""
        scale = vectors.std(axis=0)
        kept = scale > 0
        return cls(kept, vectors.mean(axis=0)[kept], scale[kept], levels)

    def __call__(self, vectors: Numbers) -> Integers:
        """Integers from -levels to levels [n d'], the last of them the bias, one standard deviation's worth."""
        steps = np.rint(STEPS * (vectors[:, self.kept] - self.centre) / self.scale)
        clipped = np.clip(steps, -self.levels, self.levels).astype(np.int64)
        return np.hstack([clipped, np.full((len(vectors), 1), STEPS)])

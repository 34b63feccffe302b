"""Real data: sets that come with scikit-learn, and a quantiser that makes whole numbers of their vectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from construction.classifiers.labelled_vectors import Integers

__all__ = ["DATA_SETS", "Quantiser", "real_data"]

Numbers = NDArray[np.float64]
DATA_SETS = ("breast cancer", "iris 0/1", "iris 1/2", "digits 1/7", "digits 3/8")
STEPS = 4  # to a standard deviation: 16 levels reach 4 sigma


@dataclass(frozen=True)
class Quantiser:
    """Real vectors as whole numbers, a number of steps to the standard deviation, with a bias behind them.

    It has the centre and scale of each coordinate; constant coordinates are left out.

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
        mask = scale > 0
        return cls(mask, vectors.mean(axis=0)[mask], scale[mask], levels)

    def __call__(self, vectors: Numbers) -> Integers:
        """Integers from -levels to levels [n d'], the last of them the bias, one standard deviation's worth."""
        steps = np.rint(STEPS * (vectors[:, self.kept] - self.centre) / self.scale)
        clipped = np.clip(steps, -self.levels, self.levels).astype(np.int64)
        return np.hstack([clipped, np.full((len(vectors), 1), STEPS)])


def real_data(name: str) -> tuple[Numbers, Integers]:
    """Vectors [n d] and labels, -1 or 1 [n], of a data set that comes with scikit-learn.

    >>> [real_data(name)[0].shape for name in ("breast cancer", "iris 1/2", "digits 3/8")]
    [(569, 30), (100, 4), (357, 64)]
    """
    from sklearn import datasets

    kind, _, pair = name.rpartition(" ")
    if name == "breast cancer":
        x, y = datasets.load_breast_cancer(return_X_y=True)
        return x, 2 * y - 1
    x, y = (datasets.load_iris if kind == "iris" else datasets.load_digits)(return_X_y=True)
    first, second = map(int, pair.split("/"))
    rows = (y == first) | (y == second)
    return x[rows], np.where(y[rows] == second, 1, -1)

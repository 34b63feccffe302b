"""Total variation distance: the largest difference of two distributions' probabilities of one event."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["sampled_total_variation", "total_variation"]


def total_variation(p: ArrayLike, q: ArrayLike) -> NDArray[np.float64]:
    """TV of the distributions along the last axis: half the sum of absolute differences.

    >>> total_variation([[0.5, 0.5], [1, 0]], [[0.5, 0.5], [0, 1]])
    array([0., 1.])
    """
    return np.abs(np.asarray(p, dtype=float) - np.asarray(q, dtype=float)).sum(-1) / 2


def sampled_total_variation(log_ratios: ArrayLike) -> NDArray[np.float64]:
    """TV of laws too large to list, from draws of the first: the mean of max(0, 1 - q/p), given ln(q/p) of each draw.

    TV = E_p[max(0, 1 - q/p)]: unbiased, and each draw lies between 0 and 1, so the error is at most 1 / (2 sqrt(draws))
    in standard deviation.

    >>> float(sampled_total_variation([0.0, float("-inf")]))
    0.5
    """
    return np.maximum(0.0, -np.expm1(np.asarray(log_ratios, dtype=float))).mean(-1)

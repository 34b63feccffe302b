"""A measured mean, with the interval that says how far to trust it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Estimate", "mean_of", "share_of", "slope_of"]

LEVEL = 0.95


class Estimate(float):
    """A number from a sample, and its 95 % confidence interval; otherwise a number like any other.

    >>> estimate = Estimate(0.427, 0.418, 0.436)
    >>> estimate, str(estimate), estimate.interval, estimate.surely_above(0.42), estimate.surely_above(0.40)
    (0.427, '0.427 [0.418, 0.436]', (0.418, 0.436), False, True)
    """

    low: float
    high: float

    def __new__(cls, value: float, low: float, high: float) -> Self:
        estimate = super().__new__(cls, value)
        estimate.low, estimate.high = float(low), float(high)
        return estimate

    def __repr__(self) -> str:
        return float.__repr__(float(self))

    def __str__(self) -> str:
        return f"{float(self):.4g} [{self.low:.4g}, {self.high:.4g}]"

    @property
    def interval(self) -> tuple[float, float]:
        """Its ends."""
        return self.low, self.high

    def surely_above(self, bound: float) -> bool:
        """Whether it is above a bound by more than chance explains: by twice the interval, some four sigma."""
        return self - bound > 2 * (self - self.low)

    def surely_below(self, bound: float) -> bool:
        """Whether it is below a bound by more than chance explains."""
        return bound - self > 2 * (self.high - self)


def mean_of(values: ArrayLike) -> Estimate:
    """The mean of independent measurements, with Student's interval; without one (infinite) for a single measurement.

    >>> mean = mean_of([1, 2, 3])
    >>> float(mean), [round(end, 3) for end in mean.interval]
    (2.0, [-0.484, 4.484])
    >>> mean_of([0.5]).interval
    (-inf, inf)
    """
    from scipy.stats import t  # imported where it is used: it takes a second

    sample = np.asarray(values, dtype=float)
    mean, n = float(sample.mean()), sample.size
    if n < 2:
        return Estimate(mean, -np.inf, np.inf)
    half = float(t.ppf((1 + LEVEL) / 2, n - 1) * sample.std(ddof=1) / np.sqrt(n))
    return Estimate(mean, mean - half, mean + half)


def share_of(hits: int, n: int) -> Estimate:
    """The share of hits among n independent trials, with Wilson's interval.

    >>> share = share_of(60, 60)
    >>> float(share), [round(end, 3) for end in share.interval]
    (1.0, [0.94, 1.0])
    """
    from scipy.stats import binomtest

    ends = binomtest(int(hits), int(n)).proportion_ci(LEVEL, method="wilson")
    return Estimate(hits / n, ends.low, ends.high)


def slope_of(n: Sequence[float], means: Sequence[Estimate], *, least: float = 0.0) -> Estimate:
    """The slope of log mean over log n by least squares, with the interval that those of the (independent) means give.

    Means under `least`, which a measurement cannot tell from nothing, count as that.

    >>> means = [Estimate(1 / n, 0.9 / n, 1.1 / n) for n in (10, 100, 1000)]
    >>> slope = slope_of([10, 100, 1000], means)
    >>> round(slope, 6), [round(end, 3) for end in slope.interval]
    (-1.0, [-1.031, -0.969])
    """
    x = np.log(np.asarray(n, dtype=float))
    lever = (x - x.mean()) / ((x - x.mean()) ** 2).sum()
    values = np.maximum([float(mean) for mean in means], least)
    half = np.array([max(mean.high - mean, mean - mean.low) for mean in means]) / values
    slope, error = float(lever @ np.log(values)), float(np.sqrt(((lever * half) ** 2).sum()))
    return Estimate(slope, slope - error, slope + error)

"""A stream of random numbers for each data set, so that the same is in it whoever works on it, and whenever."""

from __future__ import annotations

import numpy as np

__all__ = ["stream"]


def stream(seed: int, *place: str | int) -> np.random.Generator:
    """The generator of one data set, or of whatever else an experiment draws: a function of its seed and its place.

    Those of different places are independent (`numpy.random.SeedSequence`: a place is its spawn key).

    Args:
        seed: of the experiment.
        place: what is drawn, and its numbers, each 0 or more.

    >>> stream(0, "store", 3).integers(100, size=4), stream(0, "store", 4).integers(100, size=4)
    (array([20, 13, 50, 27]), array([24, 22, 15, 86]))
    >>> stream(0, "store", 3).integers(100, size=4)
    array([20, 13, 50, 27])
    """
    key = tuple(int.from_bytes(each.encode(), "big") if isinstance(each, str) else each for each in place)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))

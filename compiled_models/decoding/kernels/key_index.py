"""The distinct keys of a head with finitely many of them, sparse, with the lists that a search follows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from compiled_models.decoding.entries import Entries
from compiled_models.decoding.kernels.lists import starts

__all__ = ["KeyIndex"]

Integers = NDArray[np.int64]
Doubles = NDArray[np.float64]


class KeyIndex:
    """Keys [s c] and their values' sums [s v] and counts [s], as entries give them.

    `limit` is the length up to which a list counts as short, `longer` the next length that there is.

    >>> index = KeyIndex(channels=2, values=1)
    >>> index.take(Entries(np.array([[0.0, 3.0], [0.0, 0.0]]), np.array([[5.0], [0.0]]), np.array([1.0, 4.0])))
    >>> arrays = index.arrays()
    >>> arrays["list_start"].tolist(), arrays["list_key"].tolist(), arrays["most"].tolist()
    ([0, 0, 1], [0], [0.0, 3.0])
    """

    def __init__(self, channels: int, values: int) -> None:
        self.channels, self.values = channels, values
        self.take(Entries(np.zeros((0, channels)), np.zeros((0, values)), np.zeros(0)))

    def take(self, entries: Entries) -> None:
        """Index entries instead of the present ones."""
        self.entries = entries
        keys, channels = np.nonzero(entries.keys)
        present = entries.keys[keys, channels].astype(np.float64)
        valued, carried = np.nonzero(entries.sums)
        by_channel = np.argsort(channels, kind="stable")
        most, least = np.zeros(self.channels), np.zeros(self.channels)
        np.maximum.at(most, channels, present)
        np.minimum.at(least, channels, present)
        lists = starts(channels[by_channel], self.channels)
        size = len(entries.keys)
        lengths = np.unique(np.diff(lists))
        longer = lengths[np.minimum(np.searchsorted(lengths, np.arange(size + 1), "right"), len(lengths) - 1)]
        self._arrays: dict[str, np.ndarray] = {
            "key_start": starts(keys, size),
            "key_channel": channels,
            "key_value": present,
            "list_start": lists,
            "list_key": keys[by_channel],
            "length": np.diff(lists),
            "longer": longer,
            "limit": longer[:1].copy(),
            "most": most,
            "least": least,
            "count": entries.counts.astype(np.float64),
            "value_start": starts(valued, size),
            "value_channel": carried,
            "value_sum": entries.sums[valued, carried],
            "seen": np.full(size, -1, dtype=np.int64),
            "candidate": np.zeros(size + 1, dtype=np.int64),
            "score": np.zeros(size + 1),
        }

    def arrays(self) -> dict[str, np.ndarray]:
        """The lists, by name."""
        return self._arrays

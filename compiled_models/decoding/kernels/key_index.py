"""The distinct keys of a head with finitely many of them, sparse, with the lists that a search follows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from compiled_models.decoding.entries import Entries
from compiled_models.decoding.kernels.lists import Links, joined, links, lists

__all__ = ["KeyIndex"]

Flags = NDArray[np.bool_]
SHORT = 1  # keys: those in a list of so many are always looked at


class KeyIndex:
    """Keys [s c] and their values' sums [s v] and counts [s], as entries give them.

    `always` are the keys that are always looked at: those in the short lists of the channels that scalar directions
    set. For the other such channels `most` and `least` bound what a key that is not looked at holds. `led` are, for
    each row of the vocabulary, the keys in the lists of the channels that it leads to.

    >>> index = KeyIndex(channels=2, values=1)
    >>> entries = Entries(np.array([[0.0, 3.0], [2.0, 0.0]]), np.array([[5.0], [0.0]]), np.array([1.0, 4.0]))
    >>> index.take(entries, np.array([True, False]), links(np.array([[0.0, 0.0], [0.0, 1.0]])), rows=2)
    >>> arrays = index.arrays()
    >>> arrays["always"].tolist(), arrays["led_start"].tolist(), arrays["led_target"].tolist()
    ([1, -1], [0, 1], [-1, 0, -1])
    """

    def __init__(self, channels: int, values: int) -> None:
        self.channels = channels
        empty = Entries(np.zeros((0, channels)), np.zeros((0, values)), np.zeros(0))
        self.take(empty, np.zeros(channels, dtype=bool), links(np.zeros((1, channels))), rows=1)

    def take(self, entries: Entries, by_scalars: Flags, leads: Links, *, rows: int, at_once: int = 1) -> None:
        """Index entries instead of the present ones.

        Args:
            by_scalars: the channels that scalar directions set.
            leads: from rows of the vocabulary, of which there are `rows`, to the other channels.
            at_once: how many rows that lead somewhere a token has at most.
        """
        self.entries, size = entries, len(entries.keys)
        self.keys, self.values = links(entries.keys), links(entries.sums)
        order = np.argsort(self.keys.targets, kind="stable")
        by_channel = Links(self.keys.targets[order], self.keys.sources[order], self.keys.weights[order])
        self._arrays: dict[str, np.ndarray] = {
            "count": entries.counts.astype(np.float64),
            "seen": np.full(size, -1, dtype=np.int64),
            "candidate": np.zeros(size + 1, dtype=np.int64),
            "score": np.zeros(size + 1),
        }
        self._add("key", lists(self.keys.sources, size, self.keys.targets, amount=self.keys.weights))
        self._add("value", lists(self.values.sources, size, self.values.targets, sum=self.values.weights))
        short = by_scalars & (np.bincount(by_channel.sources, minlength=self.channels) <= SHORT)
        self._bound(short)
        self._lead(by_channel, short, leads, rows, at_once)

    def _add(self, name: str, made: dict[str, np.ndarray]) -> None:
        self._arrays |= {f"{name}_{part}": array for part, array in made.items()}

    def _bound(self, short: Flags) -> None:
        most, least = np.zeros(self.channels), np.zeros(self.channels)
        np.maximum.at(most, self.keys.targets, self.keys.weights)
        np.minimum.at(least, self.keys.targets, self.keys.weights)
        most[short], least[short] = 0, 0
        self._arrays |= {"most": most, "least": least}

    def _lead(self, by_channel: Links, short: Flags, leads: Links, rows: int, at_once: int) -> None:
        """The keys to be looked at, always and for each row; `overlaps` says whether one may be met twice."""
        always = np.unique(by_channel.targets[short[by_channel.sources]])
        leading, keys, *_ = joined(leads, by_channel)
        pairs = np.unique(np.stack([leading, keys], 1), axis=0)  # a row may lead to a key in two ways
        overlaps = at_once > 1 or bool(np.isin(always, keys).any())
        self._arrays |= {"always": np.append(always, -1), "overlaps": np.array([int(overlaps), 0])}
        self._add("led", lists(pairs[:, 0], rows, pairs[:, 1]))

    def arrays(self) -> dict[str, np.ndarray]:
        """The lists, by name."""
        return self._arrays

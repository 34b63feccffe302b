"""The distinct keys of a head with finitely many of them, sparse, and how to find those that fit a query.

A key fits best if it holds something in every channel in which the query asks for something, and such keys are found by
a hash of the set of those channels. A key that lacks one of them scores at least that channel's share less than the
most there is; the kernel leaves it alone where that bound is low enough.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from compiled_models.decoding.entries import Entries
from compiled_models.decoding.kernels.routines.search import CHANNEL_BITS
from compiled_models.decoding.kernels.sparse import Links, links, lists

__all__ = ["KeyIndex"]

Flags = NDArray[np.bool_]
PARTS = "start", "target", "weight"
SHORT = 1  # a channel in which no more keys than this hold something needs no hash: they are always looked at


class KeyIndex:
    """Keys [s c] and their values' sums [s v] and counts [s], as entries give them.

    `always` are the keys that are always looked at: those in rare channels, and those with more channels than most
    have. `mark` is a channel's part in the hash of a set, `most` and `least` what the keys hold there (all 0 for rare
    channels). `set_mark` and `set_key` are the hash table, `usual` is the number of channels that a set has to have.

    >>> index = KeyIndex(channels=3, values=1)
    >>> keys = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0], [0.0, 1.0, 0.0]])
    >>> index.take(Entries(keys, np.ones((3, 1)), np.ones(3)))
    >>> arrays = index.arrays()
    >>> arrays["always"].tolist(), int(arrays["usual"][0]), int((arrays["set_mark"] >= 0).sum())
    ([0, 1, -1], 1, 1)
    """

    def __init__(self, channels: int, values: int) -> None:
        self.channels = channels
        self.take(Entries(np.zeros((0, channels)), np.zeros((0, values)), np.zeros(0)))

    def take(self, entries: Entries) -> None:
        """Index entries instead of the present ones."""
        self.entries, size = entries, len(entries.keys)
        self.keys, self.values = links(entries.keys.astype(np.float64)), links(entries.sums)
        self._arrays: dict[str, np.ndarray] = {
            "counts": entries.counts.astype(np.float64),
            "candidate": np.zeros(size + 1, dtype=np.int64),
            "score": np.zeros(size + 1),
        }
        for name, found in (("key", lists(self.keys, size)), ("value", lists(self.values, size))):
            self._arrays |= {f"{name}_{part}": array for part, array in zip(PARTS, found, strict=True)}
        rare = np.bincount(self.keys.targets, minlength=self.channels) <= SHORT
        self._bound(rare)
        self._hash(rare, size)

    def _bound(self, rare: Flags) -> None:
        most, least = np.zeros(self.channels), np.zeros(self.channels)
        np.maximum.at(most, self.keys.targets, self.keys.weights)
        np.minimum.at(least, self.keys.targets, self.keys.weights)
        most[rare], least[rare] = 0, 0
        self._arrays |= {"most": most, "least": least}

    def _hash(self, rare: Flags, size: int) -> None:
        """A table by the marks' sums, for the keys that are not always looked at."""
        mark = np.random.default_rng(0).integers(1 << 40, size=self.channels) + (1 << CHANNEL_BITS)
        mark[rare] = 0
        sums, holds_rare = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=bool)
        np.add.at(sums, self.keys.sources, mark[self.keys.targets])
        holds_rare[self.keys.sources[rare[self.keys.targets]]] = True
        channels = sums >> CHANNEL_BITS
        hashed = (channels > 0) & ~holds_rare
        usual = int(np.bincount(channels[hashed]).argmax()) if hashed.any() else 0
        always = holds_rare | (channels > usual)
        table = max(2, 1 << (2 * size).bit_length())
        set_mark, set_key = np.full(table, -1, dtype=np.int64), np.zeros(table, dtype=np.int64)
        for key in np.flatnonzero(hashed & ~always).tolist():
            place = (int(sums[key]) ^ (int(sums[key]) >> 20)) & (table - 1)
            while set_mark[place] >= 0:
                place = (place + 1) & (table - 1)
            set_mark[place], set_key[place] = sums[key], key
        self._arrays |= {"mark": mark, "set_mark": set_mark, "set_key": set_key, "usual": np.array([usual])}
        self._arrays["always"] = np.append(np.flatnonzero(always), -1)

    def asks(self, asks: Links, rows: int) -> dict[str, np.ndarray]:
        """Lists of what each row of the vocabulary asks for, and what that comes to: see `routines.search.ask`."""
        amounts, mark = asks.weights.astype(np.float64), self._arrays["mark"][asks.targets]
        most, least = self._arrays["most"][asks.targets], self._arrays["least"][asks.targets]
        share, total, smallest = np.maximum(amounts * most, amounts * least), np.zeros(rows), np.full(rows, np.inf)
        marks = np.zeros(rows, dtype=np.int64)
        np.add.at(marks, asks.sources, mark)
        np.add.at(total, asks.sources, share)
        np.minimum.at(smallest, asks.sources[mark != 0], share[mark != 0])
        start, target, weight = lists(asks._replace(weights=amounts), rows)
        by_row = {"start": start, "target": target, "weight": weight, "mark": marks, "total": total}
        return {f"row_{name}": array for name, array in (by_row | {"smallest": smallest}).items()}

    def arrays(self) -> dict[str, np.ndarray]:
        """The index, by name."""
        return self._arrays

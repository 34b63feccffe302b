"""What a head remembers of the tokens so far: merged entries, and a structure of their keys that makes it quick.

Whatever the structure, a memory answers with the full softmax over its entries; entries are skipped only where a bound,
computed from the counts, the gap between the scores and the values, says that they change no output by more than SKIP.

Which structure it is, the weights tell only as far as a proposal, which is verified on every key as it comes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from compiled_models.decoding.entries import Doubles, Entries, EntryTable, Floats, attention, scores_of, softmax_mean
from compiled_models.decoding.weights import NetworkWeights

__all__ = [
    "DISTINCT",
    "ONE_KEY",
    "SKIP",
    "DistinctKeys",
    "HeadMemory",
    "OneKey",
    "ParabolaKeys",
    "Structure",
    "UnexpectedKey",
    "proposals",
]

FEW = 64  # entries: so few are looked at one and all
SKIP = 1e-12  # how much of an output may come from entries that are not looked at
MANY_OFFSETS = 8  # a parabola whose constant takes more values than this is none


@dataclass(frozen=True, slots=True)
class Structure:
    """The shape of a head's keys.

    Attributes:
        name: "one key", "parabola" or "distinct" (any keys: nothing to verify).
        finite: the keys come from the tokens alone, so there are no more of them than distinct tokens.
        linear, square: of a parabola, the channels that hold 2c and -c^2 for an integer c (the latter plus a constant
            that takes few values, as do all other channels).
    """

    name: str
    finite: bool = False
    linear: int = -1
    square: int = -1


ONE_KEY = Structure("one key", finite=True)
DISTINCT = Structure("distinct")


def proposals(weights: NetworkWeights, block: int, head: int) -> list[Structure]:
    """The structures that a head's keys may have, to be tried in order; the last one fits any keys.

    - No live match channel: all scores are 0, so one key stands for all.
    - W_K reads only directions that no earlier block writes, and not t: a finite set of keys.
    - Two channels beside such finite ones: perhaps 2c and -c^2, either way round.

    >>> from construction import base_network
    >>> from compiled_models.decoding.weights import read_weights
    >>> weights = read_weights(base_network(4, 2))
    >>> [proposals(weights, block, 0)[0].name for block in (0, 2, 3)], proposals(weights, 3, 0)[0].finite
    (['one key', 'parabola', 'distinct'], True)
    """
    key = weights.blocks[block].heads[head].key.matrix
    if not key.shape[1]:
        return [ONE_KEY]
    varying = np.flatnonzero(key[weights.written_before(block)].any(0))
    if not varying.size:
        return [Structure("distinct", finite=True)]
    if varying.size == 2:
        first, second = (int(channel) for channel in varying)
        return [Structure("parabola", False, *order) for order in ((first, second), (second, first))] + [DISTINCT]
    return [DISTINCT]


class UnexpectedKey(Exception):
    """A key that the proposed structure does not have; nothing was added."""


class Memory(Protocol):
    """Entries under one structure of keys."""

    table: EntryTable

    def add(self, key: Floats, total: Floats, count: float) -> None:
        """Add `count` tokens with this key, whose values sum to `total`; UnexpectedKey if it does not fit."""

    def attend(self, query: Floats) -> Doubles:
        """The attention output of a query."""


class OneKey:
    """All keys are equal: the output is the mean of all values.

    >>> memory = OneKey(0, 1, np.dtype(np.float64))
    >>> memory.add(np.empty(0), np.array([6.0]), 4)
    >>> memory.attend(np.empty(0))
    array([1.5])
    """

    def __init__(self, channels: int, values: int, dtype: np.dtype[np.floating]) -> None:
        self.table = EntryTable(channels, values, dtype)
        self.table.append(np.zeros(channels, dtype), np.zeros(values), 1)
        self.table.counts[0] = 0

    def add(self, key: Floats, total: Floats, count: float) -> None:
        """See `Memory`."""
        self.table.merge(0, total, count)

    def attend(self, query: Floats) -> Doubles:
        """See `Memory`."""
        return self.table.sums[0] / self.table.counts[0]


class DistinctKeys:
    """Any keys: a plain dictionary of them; all are scored.

    >>> memory = DistinctKeys(1, 1, np.dtype(np.float64))
    >>> for key, value in ((0.0, 2.0), (9.0, 5.0), (-0.0, 4.0)):
    ...     memory.add(np.array([key]), np.array([value]), 1)
    >>> memory.table.size, memory.attend(np.array([0.0])).round(3)
    (2, array([3.667]))
    """

    def __init__(self, channels: int, values: int, dtype: np.dtype[np.floating]) -> None:
        self.table = EntryTable(channels, values, dtype)
        self._rows: dict[bytes, int] = {}
        self._total = 0.0

    def add(self, key: Floats, total: Floats, count: float) -> None:
        """See `Memory`."""
        self._total += count
        name = (key + 0.0).tobytes()  # -0.0 and 0.0 are one key
        if (row := self._rows.get(name)) is None:
            self._rows[name] = self.table.append(key, total, count)
        else:
            self.table.merge(row, total, count)

    def attend(self, query: Floats) -> Doubles:
        """See `Memory`."""
        entries = self.table.entries()
        if self.table.size < FEW:
            return attention(query, entries)
        scores = scores_of(query, entries.keys)
        gap = math.log(max(1.0, 2 * self.table.largest * self._total / SKIP))  # all beyond it weigh less than SKIP
        near = np.flatnonzero(~(scores < scores.max() - gap))
        return softmax_mean(scores[near], entries.sums[near], entries.counts[near])


class ParabolaKeys:
    """Keys (2c, f - c^2, rest) for integers c and few different (f, rest), which are called the key's offset.

    For a query (a, b, rest') with b > 0 the score is a^2/b - b (c - a/b)^2 + b f + rest.rest': of all keys with the
    same offset the one whose c is nearest to a/b scores highest, and one at a distance d from a/b scores b d^2 less
    than one on it. So only keys near a/b are looked up; the radius doubles until the bound on the others is under SKIP.

    >>> memory = ParabolaKeys(2, 1, np.dtype(np.float64), linear=0, square=1)
    >>> for c in range(100):
    ...     memory.add(np.array([2.0 * c, -1.0 * c * c]), np.array([float(c)]), 1)
    >>> memory.attend(np.array([128.0 * 7, 128.0]))
    array([7.])
    """

    def __init__(self, channels: int, values: int, dtype: np.dtype[np.floating], *, linear: int, square: int) -> None:
        self.table = EntryTable(channels, values, dtype)
        self.linear, self.square = linear, square
        self._rows: dict[bytes, dict[int, int]] = {}  # offset -> c -> row
        self._offsets: dict[bytes, Floats] = {}  # offset -> the key with c = 0
        self._total = 0.0

    def add(self, key: Floats, total: Floats, count: float) -> None:
        """See `Memory`."""
        offset, c = self._parse(key)
        name = offset.tobytes()
        if name not in self._rows:
            if len(self._rows) == MANY_OFFSETS:
                raise UnexpectedKey
            self._rows[name], self._offsets[name] = {}, offset.astype(np.float64)
        cells = self._rows[name]
        if (row := cells.get(c)) is None:
            cells[c] = self.table.append(key, total, count)
        else:
            self.table.merge(row, total, count)
        self._total += count

    def _parse(self, key: Floats) -> tuple[Floats, int]:
        """The offset and c of a key: equal for two keys only if the keys are equal, as they can be put together again.

        Raises:
            UnexpectedKey: where they cannot.
        """
        half, square = float(key[self.linear]) / 2, key[self.square]
        if not math.isfinite(half) or half != int(half):
            raise UnexpectedKey
        c_squared = key.dtype.type(half) * key.dtype.type(half)
        offset = key + 0.0
        offset[self.linear], offset[self.square] = 0, square + c_squared
        if offset[self.square] - c_squared != square:
            raise UnexpectedKey
        return offset, int(half)

    def attend(self, query: Floats) -> Doubles:
        """See `Memory`."""
        a, b = float(query[self.linear]), float(query[self.square])
        if not (b > 0 and math.isfinite(a / b) and self.table.size > 1):
            return attention(query, self.table.entries())
        centre, radius = a / b, 0
        while radius < self.table.size:
            rows = self._rows_near(round(centre), radius)
            if rows:
                keys, counts = self.table.keys[rows].astype(np.float64), self.table.counts[rows]
                scores = keys @ query
                highest, skipped = float(scores.max()), self._total - float(counts.sum())
                distance = radius + 1 - abs(round(centre) - centre)
                gap = highest - self._highest_beyond(query, centre, distance, radius)
                if not skipped or 2 * self.table.largest * skipped * math.exp(min(-gap, 0)) <= SKIP:
                    return softmax_mean(scores, self.table.sums[rows], counts)
            radius = 2 * radius + 1
        return attention(query, self.table.entries())

    def _rows_near(self, centre: int, radius: int) -> list[int]:
        """The rows of the keys with c no further than `radius` from the centre, and of all offsets with few keys."""
        rows: list[int] = []
        for cells in self._rows.values():
            if len(cells) <= 2 * radius + 1:
                rows += cells.values()
            else:
                rows += [row for c in range(centre - radius, centre + radius + 1) if (row := cells.get(c)) is not None]
        return rows

    def _highest_beyond(self, query: Floats, centre: float, distance: float, radius: int) -> float:
        """No key that `_rows_near` leaves out scores higher than this."""
        a, b = float(query[self.linear]), float(query[self.square])
        offsets = [self._offsets[name] for name, cells in self._rows.items() if len(cells) > 2 * radius + 1]
        return max((float(query @ offset) for offset in offsets), default=-math.inf) + a * centre - b * distance**2


class HeadMemory:
    """One head's memory: under the first proposed structure that all its keys have.

    A key that violates the structure moves all entries to the next one; the last takes any.
    """

    def __init__(self, structures: list[Structure], channels: int, values: int, dtype: np.dtype[np.floating]) -> None:
        self._sizes = (channels, values, dtype)
        self._structures = structures
        self.memory = self._under(structures[0])

    def _under(self, structure: Structure) -> Memory:
        self.structure = structure
        if structure.name == "parabola":
            return ParabolaKeys(*self._sizes, linear=structure.linear, square=structure.square)
        return OneKey(*self._sizes) if structure.name == "one key" else DistinctKeys(*self._sizes)

    def add(self, key: Floats, total: Floats, count: float = 1) -> None:
        """Add `count` tokens with this key, whose values sum to `total`."""
        while True:
            try:
                return self.memory.add(key, total, count)
            except UnexpectedKey:
                self._move()

    def add_all(self, entries: Entries) -> None:
        """Add entries, as another memory gave them."""
        for key, total, count in zip(*entries, strict=True):
            if count:
                self.add(key, total, float(count))

    def _move(self) -> None:
        entries, largest = self.entries(), self.memory.table.largest
        self._structures = self._structures[1:]
        self.memory = self._under(self._structures[0])
        self.add_all(entries)
        self.memory.table.largest = max(self.memory.table.largest, largest)

    def attend(self, query: Floats) -> Doubles:
        """The attention output [v] of a query [c]."""
        return self.memory.attend(query)

    def entries(self) -> Entries:
        """All entries (views)."""
        return self.memory.table.entries()

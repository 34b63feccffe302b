"""The sums of values that the cells of a parabola hold, each kept once: a cell holds a number instead of a sum.

Tokens bring few different values, and as long as their sums recur too, adding a value is looking up which sum comes
next. A network whose sums never recur fills the table, and streaming goes on with it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["SumTable"]

MOST_SUMS = 1 << 12


class SumTable:
    """The sums by number; 0 is that of no values, 1 is none: the sum that is not known yet.

    A row of the vocabulary brings `part[row]`, the number of its value. `after[parts * sum + part]` is the number of
    the sum with that value added, or 1 where nobody has asked yet: `learn` finds out. `held[(channels + 1) * sum]` and
    what comes after it are the channels that are not 0, up to a -1.

    Args:
        values: what each row of the vocabulary adds to a value [r v].

    >>> table = SumTable(np.array([[0.0], [2.0], [-2.0]]))
    >>> table.part.tolist(), table.learn(0, [1, 2]), table.after[:9].reshape(3, 3).tolist(), table.sums[:3].tolist()
    ([0, 1, 2], True, [[0, 2, 1], [1, 1, 1], [2, 1, 0]], [0.0, 0.0, 2.0])
    """

    def __init__(self, values: NDArray[np.floating]) -> None:
        self.channels = values.shape[1]
        parts: dict[bytes, int] = {}
        every = [np.zeros(self.channels), *values.astype(np.float64)]
        self.part = np.array([parts.setdefault((value + 0.0).tobytes(), len(parts)) for value in every][1:])
        self.parts = len(parts)
        self._values = np.frombuffer(b"".join(parts), dtype=np.float64).reshape(self.parts, self.channels)
        self._numbers: dict[bytes, int] = {}
        self.sums, self.after = np.zeros(8 * self.channels), np.ones(8 * self.parts, dtype=np.int64)
        self.held = np.full(8 * (self.channels + 1), -1, dtype=np.int64)
        self.number(np.zeros(self.channels))

    def number(self, total: NDArray[np.floating]) -> int | None:
        """The number of a sum [v]; None if there are too many."""
        name = (total.astype(np.float64) + 0.0).tobytes()
        if name not in self._numbers:
            number = len(self._numbers) + bool(self._numbers)  # 0, 2, 3, ...
            if number > MOST_SUMS:
                return None
            if self.after.size == number * self.parts:
                self.sums = np.concatenate([self.sums, np.zeros_like(self.sums)])
                self.after = np.concatenate([self.after, np.ones_like(self.after)])
                self.held = np.concatenate([self.held, np.full_like(self.held, -1)])
            self._numbers[name] = number
            self.sum_of(number)[:] = total
            channels = np.flatnonzero(total)
            self.held[number * (self.channels + 1) :][: len(channels)] = channels
            self.after[number * self.parts] = number  # part 0 adds nothing
        return self._numbers[name]

    def sum_of(self, number: int) -> NDArray[np.float64]:
        """The sum with a number [v]."""
        return self.sums[number * self.channels : (number + 1) * self.channels]

    def learn(self, number: int, parts: list[int]) -> bool:
        """Fill in what comes after a sum as these parts are added to it; False if there are too many sums."""
        for part in parts:
            successor = self.number(self.sum_of(number) + self._values[part])
            if successor is None:
                return False
            self.after[number * self.parts + part] = successor
            number = successor
        return True

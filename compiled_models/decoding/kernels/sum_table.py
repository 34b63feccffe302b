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
    """The sums by number; sum 0 is that of no values.

    A row of the vocabulary brings `part[row]`, the number of its value. `after[parts * sum + part]` is the number of
    the sum with that value added, or -1 where nobody has asked yet: `learn` finds out.

    Args:
        values: what each row of the vocabulary adds to a value [r v].

    >>> table = SumTable(np.array([[0.0], [2.0], [-2.0]]))
    >>> table.part.tolist(), table.learn(0, 1), table.learn(1, 2), table.after[:6].tolist()
    ([0, 1, 2], True, True, [0, 1, -1, 1, -1, 0])
    """

    def __init__(self, values: NDArray[np.floating]) -> None:
        self.channels = values.shape[1]
        numbers: dict[bytes, int] = {}
        kinds = [np.zeros(self.channels), *values.astype(np.float64)]
        self.part = np.array([numbers.setdefault((kind + 0.0).tobytes(), len(numbers)) for kind in kinds][1:])
        self.parts = len(numbers)
        self._values = np.frombuffer(b"".join(numbers), dtype=np.float64).reshape(self.parts, self.channels)
        self._numbers: dict[bytes, int] = {}
        self.sums, self.after = np.zeros(0), np.zeros(0, dtype=np.int64)
        self.number(np.zeros(self.channels))

    def number(self, total: NDArray[np.floating]) -> int | None:
        """The number of a sum [v]; None if there are too many."""
        name = (total.astype(np.float64) + 0.0).tobytes()
        if name not in self._numbers:
            if (number := len(self._numbers)) == MOST_SUMS:
                return None
            if self.after.size == number * self.parts:
                self._double()
            self._numbers[name] = number
            self.sums[number * self.channels : (number + 1) * self.channels] = total
            self.after[number * self.parts] = number  # part 0 adds nothing
        return self._numbers[name]

    def _double(self) -> None:
        more = max(8, len(self._numbers))
        self.sums = np.concatenate([self.sums, np.zeros(more * self.channels)])
        self.after = np.concatenate([self.after, np.full(more * self.parts, -1, dtype=np.int64)])

    def learn(self, number: int, part: int) -> bool:
        """Fill in what comes after a sum; False if there are too many sums."""
        found = self.number(self.sums[number * self.channels : (number + 1) * self.channels] + self._values[part])
        if found is None:
            return False
        self.after[number * self.parts + part] = found
        return True

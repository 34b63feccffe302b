"""A key-value cache whose rows are of different lengths, so that one can leave and another take its place."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from compiled_models.decoding.kernels.kernel_rows import Integers
from construction.transformer import KeyValueCache

__all__ = ["RowCache"]


class RowCache(KeyValueCache):
    """Keys and values of rows that have nothing to do with each other, one new position each at a time.

    A row's positions stand at the beginning of its part of the cache; what stands behind them, of a row that was there
    before or of none, is hidden from it. It is for inference: no gradient goes through it.

    Args:
        rows: how many there are.
        device: where the network is.

    Attributes:
        lengths: of each row, the positions seen so far.
        there: whether there is a row in each place; where there is none, nothing is counted.

    >>> cache, run = RowCache(2, torch.device("cpu")), KeyValueCache()
    >>> _ = run.append(0, torch.ones(1, 1, 3, 4), torch.ones(1, 1, 3, 4))
    >>> run.advance(3)
    >>> cache.enter(np.array([1]), np.array([3]), run)
    >>> cache.numbers(1, torch.device("cpu")).tolist()
    [[1], [4]]
    >>> keys, values = cache.append(0, torch.ones(2, 1, 1, 4), torch.ones(2, 1, 1, 4))
    >>> cache.hidden(torch.zeros(2, 1, 1, 4))[:, 0, 0].int().tolist()
    [[0, 1, 1, 1], [0, 0, 0, 0]]
    """

    def __init__(self, rows: int, device: torch.device) -> None:
        super().__init__()
        self._device = device
        self._set(np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.bool_))

    def _set(self, lengths: Integers, there: NDArray[np.bool_]) -> None:
        self.lengths, self.there, self.length = lengths, there, int(lengths.max(initial=0))
        self._ends = torch.from_numpy(lengths).to(self._device)  # [b]
        self._places = torch.arange(len(lengths), device=self._device)
        positions = torch.arange(self.length + 1, device=self._device)
        self._hidden = None if (lengths == self.length).all() else positions > self._ends[:, None]  # [b s]

    def enter(self, places: Integers, lengths: Integers, filled: KeyValueCache) -> None:
        """Put rows into places: of each the first positions, as many as `lengths` says, of a row of another cache."""
        at, room = torch.from_numpy(places).to(self._device), int(lengths.max(initial=0))
        with torch.inference_mode():  # whoever asks for it, the buffers are of that mode
            for block, keys, values in filled.seen():
                for buffers, new in ((self._keys, keys), (self._values, values)):
                    buffer = buffers[block] = self._with_room(buffers.get(block), new, max(self.length, room))
                    buffer[at] = 0  # what stood there is hidden, but 0 times infinity is not a number
                    buffer[at, :, :room] = new[:, :, :room]
        self._seat(places, lengths, True)

    def leave(self, places: Integers) -> None:
        """Nothing is in these places any more."""
        self._seat(places, np.zeros_like(places), False)

    def _seat(self, places: Integers, lengths: Integers, there: bool) -> None:
        after, who = self.lengths.copy(), self.there.copy()
        after[places], who[places] = lengths, there
        self._set(after, who)

    def keep(self, places: Integers) -> None:
        """Go on with the rows in these places alone, in their order."""
        at = torch.from_numpy(places).to(self._device)
        for buffers in (self._keys, self._values):
            for block, buffer in buffers.items():
                buffers[block] = buffer.index_select(0, at)
        self._set(self.lengths[places], self.there[places])

    def append(self, block: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Add the key and value [b h 1 c] of each row's next position; return all, of the longest row's length."""
        end = self.length + 1
        with torch.inference_mode():
            for buffers, new in ((self._keys, keys), (self._values, values)):
                buffers[block] = self._with_room(buffers.get(block), new, end)
                buffers[block][self._places, :, self._ends] = new[:, :, 0]
        return self._keys[block].narrow(2, 0, end), self._values[block].narrow(2, 0, end)

    def numbers(self, new: int, device: torch.device) -> Tensor:
        """The number of each row's next position [b 1]."""
        return self._ends[:, None] + new

    def hidden(self, scores: Tensor) -> Tensor | None:
        """Which positions a row has not got [b 1 1 s]; None where all are of one length."""
        return None if self._hidden is None else self._hidden[:, None, None]

    def advance(self, positions: int) -> None:
        """Count the position that every row has now appended; a place without a row has none."""
        self._set(self.lengths + positions * self.there, self.there)

    def _with_room(self, buffer: Tensor | None, like: Tensor, length: int) -> Tensor:
        """A buffer [b h room c] for so many positions and one more."""
        if buffer is not None and buffer.shape[2] > length:
            return buffer
        _, h, _, c = like.shape
        grown = like.new_zeros(len(self.lengths), h, max(64, 2 * length), c)
        if buffer is not None:
            grown[:, :, : buffer.shape[2]] = buffer
        return grown

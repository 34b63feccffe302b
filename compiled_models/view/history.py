"""A run's tapes at equal distances in time: every step of a short run, a sample of a long one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compiled_models.transcript import Transcript

__all__ = ["History", "Row"]


@dataclass(frozen=True, slots=True)
class Row:
    """The tapes after so many steps: the symbols' slots [k n] from cell `first` on, and the heads' cells."""

    step: int
    first: int
    slots: NDArray[np.uint16]
    heads: tuple[int, ...]


class History:
    """What `run(..., record=)` fills: at most `most` rows, `every` so many steps.

    A run's length is not known before it ends: it is sampled at every step at first; each time that there are too many
    rows, every second one goes, and the distance doubles.

    >>> from compiled_models import run
    >>> from construction import base_network
    >>> from tm import library
    >>> history = History(most=20)
    >>> run(base_network(states=5, symbols=2), library.load("bb4"), record=history).steps, history.every
    (107, 8)
    >>> [row.step for row in history.rows][:4], len(history.rows)
    ([0, 8, 16, 24], 14)
    """

    def __init__(self, most: int = 2_000) -> None:
        self.most, self.every = most, 1
        self.rows: list[Row] = []

    def __call__(self, transcript: Transcript) -> int:
        """Take a row; return how many steps it is until the next."""
        slots = transcript.slots().astype(np.uint16)
        self.rows.append(Row(transcript.steps, transcript.lowest, slots, tuple(transcript.heads)))
        if len(self.rows) > self.most:
            del self.rows[1::2]
            self.every *= 2
        return self.rows[-1].step + self.every - transcript.steps

"""What a kernel does before each row of a batch: forget the row before, and show the heads this row's examples."""

from __future__ import annotations

from typing import NamedTuple

from compiled_models.decoding.kernels.routines import Integers
from compiled_models.decoding.kernels.routines.cells import Cells
from compiled_models.decoding.kernels.routines.logits import Wide
from compiled_models.decoding.kernels.routines.search import Keys

__all__ = ["ROUTINES", "TokenKeys"]


class TokenKeys(NamedTuple):
    """The keys of a batch's tokens: all rows share them, and each row has those that its own tokens bring.

    Token i has key `number[i]` of K, and its value's list begins at `value_start[i]`; `bare[i]` is 1 if key and value
    are zeros. `key_start` are the lists of the K keys, and one more that scores minus infinity: of a key that a row
    does not have.
    """

    number: Integers
    bare: Integers
    value_start: Integers
    key_start: Integers


def forget_cells(h: Cells) -> None:
    """Empty every cell."""
    for j in range(h.known[0]):
        for i in range(2 * h.start[j], 2 * (h.start[j] + h.width[j])):
            h.cells[i] = 0
        h.distinct[j] = 0
        h.single[j] = -1
    h.undo[0] = 0


def forget_logits(w: Wide) -> None:
    """Nothing has been gathered at any position."""
    for row in range(len(w.marked)):
        w.marked[row] = -1


def show(h: Keys, of: TokenKeys, tokens: Integers, first: int, last: int) -> bool:
    """Let a head have the keys of a row's tokens, and no others; False where two tokens share a key."""
    keys = len(h.counts)
    for j in range(keys):
        h.counts[j] = 0.0
        h.key_start[j] = of.key_start[keys]
    for i in range(first, last):
        token = tokens[i]
        j = of.number[token]
        if h.counts[j] > 0.0 and of.bare[token] == 0:
            return False
        h.counts[j] += 1.0
        h.key_start[j], h.value_start[j] = of.key_start[j], of.value_start[token]
    return True


ROUTINES = (forget_cells, forget_logits, show)

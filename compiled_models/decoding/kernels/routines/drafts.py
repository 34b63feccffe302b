"""What drafting keeps of a run, and how it takes back what was drafted in vain."""

from __future__ import annotations

from typing import NamedTuple

from compiled_models.decoding.kernels.routines import Doubles, Integers
from compiled_models.decoding.kernels.routines.cells import Cells

__all__ = ["ROUTINES", "Drafted", "Numbers", "Table"]


class Table(NamedTuple):
    """What has been learnt of a run, by which it is drafted.

    Token d has the rows `rows[w * d]` and after it, moves the heads by `stride[k * d]`, brings the parts of values
    `part` and the values `adds`. A situation is the token and, for each of k heads, the number of the sum in its cell:
    `level0[WIDTH * d + number]`, then `level1[WIDTH * that + number]`, ... leads to its entry (-1: it is not known):
    the last has its number and, in its lowest bits, that of the token that is drafted next.
    `entry[e]` has the bits of the number of the token and of the next one, and of those of the sums.
    `used[e]` is the last call that used it, `call[0]` the present one, `using` the entries that a block is the first
    of it to use, `checked[0]` counts the checks.
    """

    rows: Integers
    brought: Doubles
    stride: Integers
    part: Integers
    adds: Doubles
    entry: Doubles
    used: Integers
    using: Integers
    call: Integers
    checked: Integers


class Drafted(NamedTuple):
    """A block of drafted tokens, for one head: token i goes into cell `place[i]`, whose sum had number `before[i]`.

    Then the head asks for cell `after[i]`, in which `visits[i]` tokens have a sum of number `number[i]`. `usual[0]` is
    the offset that all of them have, then come those that have a single key; the first answers for empty cells.
    (`after` is `place` from its second element on: a loop that reads one array at i and at i + 1 does not vectorise.)
    """

    place: Doubles
    after: Doubles
    before: Integers
    visits: Doubles
    number: Integers
    usual: Integers


class Numbers(NamedTuple):
    """The sums of a head by number: the channel that is not 0 (-1: none), its value, and what is read from it."""

    held: Integers
    value: Doubles
    outcome: Doubles


def roll_back(h: Cells, b: Drafted, good: int, posted: int) -> None:
    """Take back the tokens from `good` on, of `posted`."""
    usual = b.usual[0]
    base = 2 * (h.start[usual] - h.first[usual])
    for j in range(posted - good):
        i = posted - 1 - j
        at = base + 2 * int(b.place[i])
        h.cells[at] -= 1
        h.cells[at + 1] = b.before[i]
        if h.cells[at] == 0:
            h.distinct[usual] -= 1
            if h.distinct[usual] == 1:  # the key that was the only one is so again
                h.single[usual] = base + 2 * int(h.only[usual])


ROUTINES = (roll_back,)

"""The averaged perceptron as a policy: one that adds up its weights after each example and answers by the sum.

    tape 2   0000|3010|2301|                   two tracks: digit 0 1 2 3 is 1 * (weight's digit) + 2 * (sum's digit)

All else is as for the perceptron (see `tm.learners.perceptron`), whose policy this one calls: its states are the
perceptron's, which see one of the two tracks, with a carry beside them. Why it is right:

- *Sum.* To score an example, the perceptron's head 2 passes over each digit of each weight once, from the last to the
  first; on the way the weight is added to its sum, digit by digit. So before the update of example t the sums hold
  w_0 + ... + w_(t-1), w_t being the weights after it and w_0 = 0. One more way over the weights, after the last epoch,
  adds the last of them: the sums hold w_1 + ... + w_T, T times the average, which has the same sign in every product.
- *Answers.* From then on the perceptron sees the other track: the sums stand where the weights stood.
- *Overflow* of a sum stops the machine as that of a weight does.

The sums cost no step: what is added is under the head anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from tm.learners.perceptron import SYMBOLS, Add, Done, Overflow, Score, Sign, Start, perceptron_steps
from tm.learners.state import Action, State, step
from tm.learners.word import DIGITS, number
from tm.machine import Machine
from tm.state_name import state_name
from tm.tabulate import SAME, tabulate

__all__ = ["averaged_machine", "averaged_steps", "sums"]

TRACKS = "0123"
"""A weight's digit, and twice its sum's."""


@dataclass(frozen=True)
class Averaged(State):
    """A state of the perceptron, and the carry of the addition that goes on beside it.

    Attributes:
        inner: the perceptron's state.
        carry: of the sum's last digit.
        overflow: the last two carries differ.
        answering: the perceptron sees the sums in the place of the weights.
    """

    inner: State
    carry: int = 0
    overflow: bool = False
    answering: bool = False

    @property
    def reads(self) -> Sequence[str]:  # type: ignore[override]
        """What the perceptron's heads can meet, on either track."""
        if not self.inner.reads:
            return ()
        data, weight, score = self.inner.reads
        if isinstance(self.inner, Score | Sign):  # between examples, or between queries
            data = "".join(symbol for symbol in data if symbol not in ("pn#" if self.answering else "?_"))
        return data, weight.replace("01", TRACKS), score

    def act(self, data: str, both: str, score: str) -> Action | None:
        """What the perceptron does, and one digit of the sum."""
        seen = _digit(both, int(self.answering))
        action = step(self.inner, (data, seen, score))
        if action is None:
            return None
        inner, write, moves = action
        if inner == Overflow():
            return Averaged(inner), write, moves
        if data == "#" and inner == Score():
            return Last(), write, moves
        new, carried, carry = seen, _digit(both, 1), 0
        if write is not SAME and write[1] is not SAME:
            new = write[1]
        after = replace(self, inner=inner, carry=0, overflow=False)
        if both in TRACKS and self.answering:
            new, carried = _digit(both, 0), new
        elif both in TRACKS and moves[1] == "R" and isinstance(self.inner, Score | Add):
            carried, carry, overflow = _added(both, self.carry)
            after = replace(after, carry=carry, overflow=overflow)
        elif both == "|" and self.overflow:
            return Averaged(Overflow()), SAME, "SSS"
        kept = (SAME, SAME, SAME) if write is SAME else write
        digits = SAME if both not in TRACKS else str(int(new) + 2 * int(carried))
        return after, (kept[0], digits, kept[2]), moves


@dataclass(frozen=True)
class Last(State):
    """The last weights are added to the sums, from the first one to the end of the tape."""

    carry: int = 0
    overflow: bool = False
    reads = ("01?_", TRACKS + "|_", "0")

    def act(self, data: str, both: str, score: str) -> Action | None:
        """One digit, or a weight's end."""
        if both == "_":
            return Return(), SAME, "SLS"
        if both == "|":
            return (Averaged(Overflow()), SAME, "SSS") if self.overflow else (Last(), SAME, "SRS")
        digit, carry, overflow = _added(both, self.carry)
        return Last(carry, overflow), (SAME, str(int(both) % 2 + 2 * int(digit)), SAME), "SRS"


@dataclass(frozen=True)
class Return(State):
    """Head 2 goes back to the first weight; then come the queries."""

    reads = ("01?_", TRACKS + "|_", "0")

    def act(self, data: str, both: str, score: str) -> Action | None:
        """One cell to the left, or the first query."""
        return (Averaged(Score(), answering=True), SAME, "SRS") if both == "_" else (Return(), SAME, "SLS")


def _digit(both: str, track: int) -> str:
    """The digit on a track; whatever is none stays."""
    return DIGITS[int(both) >> track & 1] if both in TRACKS else both


def _added(both: str, carry: int) -> tuple[str, int, bool]:
    """The sum's new digit, the carry, and whether it is not the carry before."""
    total = int(_digit(both, 0)) + int(_digit(both, 1)) + carry
    return DIGITS[total % 2], total // 2, total // 2 != carry


def _named(state: Any) -> str:
    """A state's name: the perceptron's, with what stands beside it."""
    if not isinstance(state, Averaged):
        return state_name(state)
    beside = "+carry" * state.carry + "+overflow" * state.overflow + "+answering" * state.answering
    return state_name(state.inner) + beside


@cache
def averaged_machine() -> Machine:
    """The averaged perceptron: one machine for all data, word widths and numbers of epochs.

    >>> averaged_machine()
    <Machine averaged: 58 states, 14 symbols, 979 rules, 3 tapes>
    """
    symbols = [SYMBOLS[0], TRACKS + "|", SYMBOLS[2]]
    ends: dict[str, Any] = {"accept": [Averaged(Done(), answering=True)], "reject": [Averaged(Overflow())]}
    inputs = [SYMBOLS[0], "01|", "01|"]
    return tabulate(
        step, start=Averaged(Start()), symbols=symbols, inputs=inputs, tapes=3, name="averaged", named=_named, **ends
    )


def averaged_steps(
    n: int, d: int, bits: int, epochs: int, log: Sequence[int], ones: int, query_ones: Sequence[int]
) -> int:
    """The steps of a run that does not overflow, exactly: the perceptron's, and once over the weights and back.

    Args:
        n: and all others as for `tm.learners.perceptron.perceptron_steps`.

    >>> averaged_steps(2, 2, 3, 2, [1, 1], ones=2, query_ones=[2])
    242
    """
    return perceptron_steps(n, d, bits, epochs, log, ones, query_ones) + 2 * d * (bits + 1) + 2


def sums(cells: Sequence[str]) -> list[int]:
    """The sums on tape 2.

    >>> sums("230|")
    [3]
    """
    digits = "".join(_digit(cell, 1) for cell in cells)
    return [number(each) for each in digits.split("|")[:-1]]

"""Fixed-point arithmetic on tapes: parts of a policy that are called, and return to where they were called from.

A number is a label and W digits behind it, in two's complement, the last digit first; its point stands F digits in. On
the last tape is the *register*, a longer number with a ? at its point and a # at its end: `0001?00000#`. The 1 is half
a unit in the last place, so that cutting off what stands before the point rounds to the nearest.

- `Load`: the number on tape 2 becomes the multiplier, a second track of the register, its sign repeated to the end. A
  cell is a or b for a multiplier's digit of 0, c or d for one of 1; 0 and 1 are cells without.
- `Multiply`: for each digit 1 of the multiplier, from the last on, a number is added to the register, shifted to where
  that digit stands; the digit is used up. With all signs repeated to the register's end that is the product, negative
  numbers included, modulo 2 to the register's length. Several products add up.
- `AddAtPoint`: a number is added to the register from the point on; or, `negated`, the register is taken from it.
- `Store` (in `tm.learners.storing`): the register from the point on becomes a number, and is cleared.
- `Seek`: a head goes to the next of some labels.

Each of them is called with its heads on labels and on the register's first cell, and leaves them so. `then` names the
place in the program to go on with: the state is the stack, one call deep.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tm.learners.parts import CELLS, PARAMETERS, REGISTER, Back, Part, Return, ToPoint, both, moves, write
from tm.learners.state import Action, State
from tm.learners.word import DIGITS
from tm.tabulate import SAME

__all__ = ["AddAtPoint", "Load", "Multiply", "Seek"]


def _digit(cell: str) -> int:
    return int(cell in "1bd")


def _with(cell: str, digit: int) -> str:
    """The cell with another digit of the number, and the multiplier's as before."""
    return CELLS[CELLS.index(cell) // 2 * 2 + digit]


@dataclass(frozen=True)
class Seek(Part):
    """The head of a tape goes left or right to the next of some symbols."""

    tape: int
    way: str
    to: str
    then: str
    begun: bool = False

    @property
    def busy(self) -> tuple[int, ...]:
        """The head's tape."""
        return (self.tape,)

    def act(self, *symbols: str) -> Action | None:
        """One cell further."""
        if self.begun and symbols[self.tape] in self.to:
            return Return(self.then), SAME, "SSS"
        if self.begun and symbols[self.tape] == "_":
            return None
        return replace(self, begun=True), SAME, moves({self.tape: self.way})


@dataclass(frozen=True)
class Load(Part):
    """The number on tape 2 becomes the multiplier."""

    then: str
    last: str = ""

    def act(self, data: str, number: str, cell: str) -> Action | None:
        """One digit; after the last its sign again."""
        if not self.last:
            return (replace(self, last="0"), SAME, "SRS") if number not in DIGITS + "_" and cell in DIGITS else None
        if cell in "?#":
            return (self, SAME, "SSR") if cell == "?" else (LoadEnd(self.then), SAME, "SLL")
        if cell not in DIGITS:
            return None
        digit = number if number in DIGITS else self.last
        wrote = write(REGISTER, CELLS[2 + 2 * int(digit) + int(cell)])
        return replace(self, last=digit), wrote, "SRR" if number in DIGITS else "SSR"


@dataclass(frozen=True)
class LoadEnd(Back):
    """Back to the label and to the register's first cell."""

    then: str
    tape = PARAMETERS
    over = CELLS + "?"


@dataclass(frozen=True)
class Multiply(Part):
    """A number times the multiplier is added to the register; the register's head is on the next digit to use up."""

    tape: int
    then: str
    begun: bool = False

    def act(self, *symbols: str) -> Action | None:
        """One digit of the multiplier."""
        number, cell = symbols[self.tape], symbols[REGISTER]
        if not self.begun:
            entered = number not in DIGITS + "_" and cell in "abcd"
            return (replace(self, begun=True), SAME, moves({self.tape: "R"})) if entered else None
        if number not in DIGITS or cell not in "abcd?#":
            return None
        if cell == "#":
            return End(self.tape, self.then), SAME, both(self.tape, "L")
        if cell == "?":
            return self, SAME, "SSR"
        if cell in "ab":
            return self, write(REGISTER, DIGITS[_digit(cell)]), "SSR"
        return Add(self.tape, self.then).act(*symbols)


@dataclass(frozen=True)
class Add(Part):
    """A number is added to the register from a digit of the multiplier on; where it has no digits left, its sign."""

    tape: int
    then: str
    carry: int = 0
    last: str = "0"

    def act(self, *symbols: str) -> Action | None:
        """One digit."""
        number, cell = symbols[self.tape], symbols[REGISTER]
        if cell == "#":
            return AddEnd(self.tape, self.then), SAME, both(self.tape, "L")
        return _added(self, number, cell, "abcd")


@dataclass(frozen=True)
class AddEnd(Back):
    """Back to the number's first digit, and to the multiplier's that is to be used up."""

    tape: int
    then: str
    over = "abcd?"
    until = DIGITS + "_"

    def arrived(self) -> Action:
        """The register's head is on a digit that is used up, or before the first."""
        return UsedUp(self.tape, self.then), SAME, both(self.tape, "R")


@dataclass(frozen=True)
class UsedUp(Part):
    """The multiplier's digit is used up: on to the next."""

    tape: int
    then: str

    def act(self, *symbols: str) -> Action | None:
        """Over the point, if it stands there, and over the digit."""
        number, cell = symbols[self.tape], symbols[REGISTER]
        if number not in DIGITS or cell not in "cd?":
            return None
        if cell == "?":
            return self, SAME, "SSR"
        return Multiply(self.tape, self.then, begun=True), write(REGISTER, DIGITS[_digit(cell)]), "SSR"


@dataclass(frozen=True)
class AddAtPoint(ToPoint):
    """A number is added to the register from the point on; `negated`: the register is taken from it."""

    tape: int
    then: str
    negated: bool = False

    def entered(self) -> State:
        """Added digit by digit: the complement and 1 of what is taken away."""
        return Sum(self.tape, self.then, self.negated, carry=int(self.negated))


@dataclass(frozen=True)
class Sum(Part):
    """It is added, digit by digit."""

    tape: int
    then: str
    negated: bool
    carry: int
    last: str = "0"

    def act(self, *symbols: str) -> Action | None:
        """One digit."""
        number, cell = symbols[self.tape], symbols[REGISTER]
        if cell == "#":
            return End(self.tape, self.then), SAME, both(self.tape, "L")
        return _added(self, number, cell, DIGITS, negated=self.negated)


@dataclass(frozen=True)
class End(Back):
    """Back to the number's label and to the register's first cell."""

    tape: int
    then: str


def _added(state: Any, number: str, cell: str, cells: Sequence[str], *, negated: bool = False) -> Action | None:
    """One digit of an addition to the register; over the point."""
    if cell == "?":
        return state, SAME, "SSR"
    if cell not in cells:
        return None
    digit = number if number in DIGITS else state.last
    total = int(digit) + (_digit(cell) ^ negated) + state.carry
    way = both(state.tape, "R") if number in DIGITS else moves({REGISTER: "R"})
    return replace(state, carry=total // 2, last=digit), write(REGISTER, _with(cell, total % 2)), way

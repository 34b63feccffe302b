"""How the register becomes a number: the parts of a policy that end a computation in fixed point.

`Store`: the register from the point on becomes a number, if it fits (else the machine halts in `overflow`), and is set
to half a unit in the last place again. `StorePositive`: its positive part, as a ReLU has it. `StoreZero`: 0. See
`tm.learners.arithmetic` for numbers, register, and how parts are called.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tm.learners.parts import REGISTER, Back, Overflow, Part, ToPoint, both, moves, write
from tm.learners.state import Action, State
from tm.learners.word import DIGITS
from tm.tabulate import SAME

__all__ = ["Store", "StorePositive", "StoreZero"]


@dataclass(frozen=True)
class Store(ToPoint):
    """The register from the point on becomes a number."""

    tape: int
    then: str

    def entered(self) -> State:
        """Digit by digit."""
        return Copy(self.tape, self.then)


@dataclass(frozen=True)
class Copy(Part):
    """Digit by digit; what the register has beyond the number has to repeat its sign."""

    tape: int
    then: str
    last: str = "0"

    def act(self, *symbols: str) -> Action | None:
        """One digit."""
        number, cell = symbols[self.tape], symbols[REGISTER]
        if cell == "#":
            return Clear(self.tape, self.then), SAME, both(self.tape, "L")
        if cell not in DIGITS:
            return None
        if number in DIGITS:
            return replace(self, last=cell), write(self.tape, cell), both(self.tape, "R")
        return (self, SAME, "SSR") if cell == self.last else (Overflow(), SAME, "SSS")


@dataclass(frozen=True)
class Clear(Back):
    """Back to the number's label; the register is set to half a unit in the last place."""

    tape: int
    then: str
    point: bool = False

    def passed(self, cell: str) -> tuple[State, Any]:
        """Zeros, and a 1 before the point."""
        wrote = SAME if cell in "?_" else write(REGISTER, "1" if self.point else "0")
        return replace(self, point=cell == "?"), wrote


@dataclass(frozen=True)
class StorePositive(Part):
    """The positive part of the register becomes a number: first to its sign, at the end, from there to the point."""

    tape: int
    then: str
    seen: str = ""

    def act(self, *symbols: str) -> Action | None:
        """One cell."""
        number, cell = symbols[self.tape], symbols[REGISTER]
        if number in DIGITS + "_" or cell not in DIGITS + "?#":
            return None
        if self.seen == "":
            return (replace(self, seen="end"), SAME, "SSL") if cell == "#" else (self, SAME, "SSR")
        if self.seen == "end":
            if cell == "1":
                return StoreZero(self.tape, self.then), SAME, "SSS"
            return (replace(self, seen="plus"), SAME, "SSL") if cell == "0" else None
        if cell == "#":
            return None
        return (Copy(self.tape, self.then), SAME, both(self.tape, "R")) if cell == "?" else (self, SAME, "SSL")


@dataclass(frozen=True)
class StoreZero(Part):
    """A number becomes 0, whatever the register holds: first to the register's end."""

    tape: int
    then: str

    def act(self, *symbols: str) -> Action | None:
        """One cell to the right."""
        number, cell = symbols[self.tape], symbols[REGISTER]
        if number in DIGITS + "_" or cell not in DIGITS + "?#":
            return None
        if cell != "#":
            return self, SAME, "SSR"
        return Zeros(self.tape, self.then), SAME, moves({self.tape: "R"})


@dataclass(frozen=True)
class Zeros(Part):
    """Its digits become zeros."""

    tape: int
    then: str

    def act(self, *symbols: str) -> Action | None:
        """One digit."""
        if symbols[REGISTER] != "#":
            return None
        if symbols[self.tape] in DIGITS:
            return self, write(self.tape, "0"), moves({self.tape: "R"})
        return Clear(self.tape, self.then), SAME, both(self.tape, "L")

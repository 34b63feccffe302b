"""How the register becomes a number: the parts of a policy that end a computation in fixed point.

`Store`: the register from the point on becomes a number, if it fits (else the machine halts in `overflow`), and is set
to half a unit in the last place again. `StorePositive`: its positive part, as a ReLU has it. `StoreZero`: 0. See
`tm.learners.arithmetic` for numbers, register, and how parts are called.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tm.learners.arithmetic import REGISTER, Overflow, Part, Return, back, both, moves, write
from tm.learners.state import Action
from tm.learners.word import DIGITS
from tm.tabulate import SAME

__all__ = ["Clear", "Store", "StorePositive", "StoreZero"]


@dataclass(frozen=True)
class Store(Part):
    """The register from the point on becomes a number: first to the point."""

    tape: int
    then: str

    def act(self, *symbols: str) -> Action | None:
        """One cell to the right."""
        number, cell = symbols[self.tape], symbols[REGISTER]
        if number in DIGITS + "_" or cell not in DIGITS + "?":
            return None
        return (self, SAME, "SSR") if cell != "?" else (Copy(self.tape, self.then), SAME, both(self.tape, "R"))


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
class Clear(Part):
    """Back to the number's label; the register is set to half a unit in the last place."""

    tape: int
    then: str
    point: bool = False

    def act(self, *symbols: str) -> Action | None:
        """One cell to the left."""
        number, cell = symbols[self.tape], symbols[REGISTER]
        if cell not in DIGITS + "?_":
            return None
        if number not in DIGITS and cell == "_":
            return Return(self.then), SAME, "SSR"
        wrote = SAME if cell in "?_" else write(REGISTER, "1" if self.point else "0")
        return replace(self, point=cell == "?"), wrote, back(number, DIGITS, self.tape, cell, DIGITS + "?")


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
        return Zeros(self.tape, self.then), SAME, moves(**{f"tape{self.tape}": "R"})


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
            return self, write(self.tape, "0"), moves(**{f"tape{self.tape}": "R"})
        return Clear(self.tape, self.then), SAME, both(self.tape, "L")

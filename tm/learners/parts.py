"""What the parts of the arithmetic are made of: tapes, register, moves, and ways that the heads often go.

See `tm.learners.arithmetic` for numbers, register, and how parts are called.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from tm.learners.state import Action, State
from tm.learners.word import DIGITS
from tm.tabulate import SAME

__all__ = [
    "CELLS",
    "DATA",
    "PARAMETERS",
    "REGISTER",
    "Back",
    "Overflow",
    "Part",
    "Return",
    "ToPoint",
    "both",
    "moves",
    "register",
    "write",
]

DATA, PARAMETERS, REGISTER = 0, 1, 2
"""The tapes, by number."""
CELLS = "01abcd"
"""A register's cells: the number's digit is 1 in 1, b and d, the multiplier's 0 in a and b, 1 in c and d."""
LABELS = "xt?#e_", "ehvgwx_"
"""What ends a number, on the first tape and on the second: the next one's label, or the tape's end."""


def register(bits: int, fraction: int, terms: int = 1) -> str:
    """An empty register, long enough for the sum of so many products of two numbers.

    >>> register(4, 2)
    '01?0000000#'
    """
    return "0" * (fraction - 1) + "1?" + "0" * (2 * bits + terms.bit_length() - fraction) + "#"


def write(tape: int, symbol: Any) -> tuple[Any, ...]:
    """What to write: a symbol on one tape, on the others what stands there.

    >>> write(1, "0")
    (SAME, '0', SAME)
    """
    return tuple(symbol if number == tape else SAME for number in range(3))


def moves(ways: Mapping[int, str]) -> str:
    """The moves of the heads, by their tapes: those not named stay.

    >>> moves({PARAMETERS: "R"})
    'SRS'
    """
    return "".join(ways.get(number, "S") for number in range(3))


def both(tape: int, way: str) -> str:
    """The moves of a number's head and the register's, the same way.

    >>> both(DATA, "L")
    'LSL'
    """
    return moves({tape: way, REGISTER: way})


class Part(State):
    """A state of a part. A head that it does not move stays on a label, and on the register's first cell.

    Attributes:
        busy: the tapes whose heads it moves.
    """

    @property
    def busy(self) -> tuple[int, ...]:
        """Its number's tape, and the register."""
        return getattr(self, "tape", PARAMETERS), REGISTER

    @property
    def reads(self) -> tuple[str, ...]:  # type: ignore[override]
        """What the heads can meet."""
        here = [(LABELS[tape] + DIGITS) if tape in self.busy else LABELS[tape] for tape in (DATA, PARAMETERS)]
        return (*here, CELLS + "?#_" if REGISTER in self.busy else CELLS)


@dataclass(frozen=True)
class Overflow(State):
    """A number needs more digits: the machine stops here rather than go on with a wrong one."""


@dataclass(frozen=True)
class Return(State):
    """The place in the program that a part goes on with."""

    to: str


class ToPoint(Part, ABC):
    """The register's head goes from its first cell to the point; both heads enter their digits there.

    Attributes:
        tape: the number's.
    """

    tape: int

    @abstractmethod
    def entered(self) -> State:
        """What goes on from there."""

    def act(self, *symbols: str) -> Action | None:
        """One cell to the right."""
        number, cell = symbols[self.tape], symbols[REGISTER]
        if number in DIGITS + "_" or cell not in DIGITS + "?":
            return None
        return (self, SAME, "SSR") if cell != "?" else (self.entered(), SAME, both(self.tape, "R"))


class Back(Part):
    """Both heads go to the left, each as long as it is over its digits: the number's to its label.

    Attributes:
        tape: the number's.
        then: the place in the program to go on with.
        over: what the register's head goes over.
        until: what it stops at.
    """

    tape: int
    then: str
    over: ClassVar[str] = DIGITS + "?"
    until: ClassVar[str] = "_"

    def arrived(self) -> Action:
        """Both heads are there: on to the register's first cell."""
        return Return(self.then), SAME, "SSR"

    def passed(self, cell: str) -> tuple[State, Any]:
        """What it is after a cell of the register, and what it writes."""
        return self, SAME

    def act(self, *symbols: str) -> Action | None:
        """One cell to the left."""
        number, cell = symbols[self.tape], symbols[REGISTER]
        if cell not in self.over + self.until:
            return None
        if number not in DIGITS and cell in self.until:
            return self.arrived()
        one, two = ("L" if symbol in over else "S" for symbol, over in ((number, DIGITS), (cell, self.over)))
        return *self.passed(cell), moves({self.tape: one, REGISTER: two})

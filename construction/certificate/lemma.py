"""A lemma as checked: its number, what it says, its inequality, the numbers, the slack and the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Lemma", "short"]


@dataclass(frozen=True, slots=True)
class Lemma:
    """One inequality, `left <= right` or `left < right`, with the numbers that a network and a budget give it.

    `number`, `name` and `inequality` are those of docs/proof.md.

    >>> lemma = Lemma(3, "gate", "a closed gate is closed", "n <= L", Fraction(3), Fraction(4))
    >>> lemma.holds, lemma.slack
    (True, 0.25)
    """

    number: int
    name: str
    says: str
    inequality: str
    left: Fraction
    right: Fraction
    strict: bool = False

    @property
    def holds(self) -> bool:
        """The verdict."""
        return self.left < self.right if self.strict else self.left <= self.right

    @property
    def slack(self) -> float | None:
        """How much of the right side is left over, as a share of it; None where the right side is not positive."""
        return float(1 - self.left / self.right) if self.right > 0 else None

    @property
    def numbers(self) -> str:
        """The inequality with its numbers in it, to as many digits as it takes to tell the sides apart."""
        sign = "<" if self.strict else "<="
        sides = (short(self.left), short(self.right))
        for digits in range(5, 18):
            if self.left == self.right or sides[0] != sides[1]:
                break
            sides = (short(self.left, digits), short(self.right, digits))
        return f"{sides[0]} {sign if self.holds else 'is not ' + sign} {sides[1]}"


def short(number: Fraction, digits: int = 4) -> str:
    """A number as certificates print it: whole ones in full, others to so many digits.

    >>> short(Fraction(4000)), short(Fraction(1, 3))
    ('4,000', '0.3333')
    """
    if number.denominator == 1 and abs(number) < 10**16:
        return f"{number.numerator:,}"
    return f"{float(number):.{digits}g}"

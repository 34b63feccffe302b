"""A lemma as checked: what it says, its inequality, the numbers, the slack and the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Lemma"]


@dataclass(frozen=True, slots=True)
class Lemma:
    """One inequality, `left <= right` or `left < right`, with the numbers that a network and a budget give it.

    >>> lemma = Lemma("gate", "a closed gate is closed", "n <= L", Fraction(3), Fraction(4))
    >>> lemma.holds, lemma.slack
    (True, 0.25)
    """

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
        """The inequality with its numbers in it."""
        sign = "<" if self.strict else "<="
        return f"{_short(self.left)} {sign if self.holds else 'is not ' + sign} {_short(self.right)}"


def _short(number: Fraction) -> str:
    if number.denominator == 1 and abs(number) < 10**16:
        return f"{number.numerator:,}"
    return f"{float(number):.4g}"

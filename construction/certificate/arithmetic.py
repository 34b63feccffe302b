"""The arithmetic that a certificate allows for: what floating-point operations may do wrong, and by how much.

The model (docs/proof.md, "Arithmetic"):

A1. +, -, * and / round to nearest: in float64 once; in the narrower formats once, or twice, first to a format W of
    at least twice as many significant bits. A multiplication and an addition may be fused.
A2. A sum is taken in any order: any binary tree of additions, each rounded as in A1 or kept in W.
A3. exp(0) = 1, and for x < 0 the computed exp(x) lies in [0, 1.1 e^x (1 + u) + the smallest normal number].
A4. A softmax divides exp(score - largest score) by their sum: at most two roundings, and the same for equal scores.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from construction.number_format import format_name

if TYPE_CHECKING:
    import torch

__all__ = ["Arithmetic"]

EXP_EXCESS = Fraction(
    11, 10
)  # computed exp over true exp, for negative arguments; libraries are right to 1e-2 or better

SIZES = {"float64": (53, -1022), "float32": (24, -126), "bfloat16": (8, -126)}
"""Of each number format its significant bits, and log2 of its smallest normal number."""


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """A number format: its significant bits, its smallest normal number, how often an operation may round.

    >>> Arithmetic.of("float64").u == Fraction(1, 2**53), Arithmetic.of("float32").u > Fraction(1, 2**24)
    (True, True)
    """

    bits: int
    smallest: Fraction
    roundings: int = 2

    @classmethod
    def of(cls, dtype: torch.dtype | str) -> Arithmetic:
        """The arithmetic of a number format: PyTorch's dtype, or its name.

        Raises:
            ValueError: for one that networks are not built in.
        """
        if (name := format_name(dtype)) not in SIZES:
            raise ValueError(f"no arithmetic for {dtype}; expected torch.float64, torch.float32 or torch.bfloat16")
        bits, exponent = SIZES[name]
        return cls(bits, Fraction(2) ** exponent, 1 if name == "float64" else 2)

    @property
    def u(self) -> Fraction:
        """The unit roundoff of an operation: its result is off by a factor 1 + e, |e| <= u.

        1/N for one rounding. For two, in W first: (1 + 1/N^2) (1 + 1/N) - 1 = 1/N + 1/N^2 + 1/N^3 <= 1/N + 2/N^2.
        """
        once = Fraction(1, self.integers)
        return once if self.roundings == 1 else once + 2 * once**2

    @property
    def integers(self) -> int:
        """N: all integers up to it are numbers of the format; all halves of integers up to half of it."""
        return 2**self.bits

    @property
    def smaller_operand(self) -> int:
        """s: an addition is off by at most s times its smaller operand, if its larger one is a number of the format.

        1 for one rounding: the larger operand is a number of the format, and no further from the sum than that. 3 for
        two: the first moves the sum by that much, so the second by at most twice as much.
        """
        return 2 * self.roundings - 1

    def relative(self, roundings: int) -> Fraction:
        """The relative error of a number after so many roundings: (1 + u)^k - 1."""
        return (1 + self.u) ** roundings - 1

    def total(self, additions: int, partial: Fraction) -> Fraction:
        """How far a computed sum is from the sum of its terms, when no subset of them sums to more than `partial`.

        Proof. In a tree of additions each node rounds a computed partial sum. It is at most partial + E, E the total
        error, so E <= additions * u * (partial + E).
        """
        loss = additions * self.u
        return loss * partial / self.rest(additions)

    def rest(self, additions: int) -> Fraction:
        """1 - additions * u, which the lemma on summation keeps at 7/8 or more."""
        return max(1 - additions * self.u, Fraction(1, 2))

    def exp(self, x: Fraction) -> Fraction:
        """An upper bound of the computed exp(-x), x >= 0.

        >>> float(Arithmetic.of("float64").exp(Fraction(64))) < 1.8e-28
        True
        """
        if x <= 0:
            return Fraction(1)
        return EXP_EXCESS * Fraction(math.exp(-float(x))) * (1 + self.u) + self.smallest

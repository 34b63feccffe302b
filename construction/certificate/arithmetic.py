"""The arithmetic that a certificate allows for: what floating-point operations may do wrong, and by how much.

The model (docs/proof.md, "Arithmetic"):

1. +, -, * and / round to nearest in the number format, or in one with at least twice its significant bits and then
   once more. A multiplication and an addition may be fused. A result that is representable is exact.
2. A sum is taken in any order: any binary tree of additions. No products are rounded before they enter it.
3. exp(0) = 1, and for x < 0 the computed exp(x) lies in [0, 1.1 e^x + the smallest normal number].
4. A softmax divides exp(score - largest score) by their sum: at most two roundings, and the same for equal scores.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import torch

__all__ = ["Arithmetic"]

EXP_EXCESS = Fraction(
    11, 10
)  # computed exp over true exp, for negative arguments; libraries are right to 1e-2 or better


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """A number format: its significant bits and its smallest normal number.

    >>> Arithmetic.of(torch.float32).bits, Arithmetic.of(torch.float32).u == Fraction(1, 2**24)
    (24, True)
    """

    bits: int
    smallest: Fraction

    @classmethod
    def of(cls, dtype: torch.dtype) -> Arithmetic:
        """The arithmetic of a number format of torch."""
        info = torch.finfo(dtype)
        return cls(1 - round(math.log2(info.eps)), Fraction(info.tiny))

    @property
    def u(self) -> Fraction:
        """The unit roundoff: fl(x) = x (1 + e) with |e| <= u."""
        return Fraction(1, 2**self.bits)

    @property
    def integers(self) -> int:
        """All integers up to this one are numbers of the format; all halves of integers up to half of it."""
        return 2**self.bits

    def relative(self, roundings: int) -> Fraction:
        """The relative error of a number after so many roundings: (1 + u)^k - 1."""
        return (1 + self.u) ** roundings - 1

    def total(self, additions: int, partial: Fraction) -> Fraction:
        """How far a computed sum is from the sum of its terms, when no subset of them sums to more than `partial`.

        Proof. In a tree of additions each node rounds a computed partial sum. It is at most partial + E, E the total
        error, so E <= additions * u * (partial + E).
        """
        loss = additions * self.u
        return loss * partial / max(1 - loss, Fraction(1, 2))  # the lemma on summation sees to loss <= 1/8

    def exp(self, x: Fraction) -> Fraction:
        """An upper bound of the computed exp(-x), x >= 0.

        >>> float(Arithmetic.of(torch.float64).exp(Fraction(64))) < 1.8e-28
        True
        """
        if x <= 0:
            return Fraction(1)
        return EXP_EXCESS * Fraction(math.exp(-float(x))) * (1 + self.u) + self.smallest

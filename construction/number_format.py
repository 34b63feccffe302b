"""The constants of the construction: a function of the number format alone, never of a machine or a budget."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import torch

__all__ = ["FORMATS", "Constants", "Numeric", "Weight", "parameter"]

FORMATS = {"float64": torch.float64, "float32": torch.float32, "bfloat16": torch.bfloat16}
"""The number formats that networks are built in, by name."""


@dataclass(frozen=True, slots=True)
class Constants:
    """The five named parameters of a network's weights.

    beta: inverse temperature of READ and DECIDE. A power of two, so that scaling a score by it is exact;
        exp(-beta / 2) bounds the leak of a softmax whose margin is 1/2.
    M: the rounding shift, 1.5 * 2^(p - 1) for p significant bits: x + M is x rounded to the nearest integer, + M.
    L: closes a product's gate, relu(t - L (1 - f)) = 0 where f = 0, for every t <= L. Whole, so t - L is exact.
    K: the slope of saturation; a cell with v visits reads as 1/v, and K/v >= 2 makes that 1. A power of two.
    g: the weight of a situation in the unembedding; a wrong situation loses g = 2, an action gains at most 1.

    >>> Constants.of(torch.float64).K == 2**28
    True
    """

    beta: Fraction
    M: Fraction
    L: Fraction
    K: Fraction
    g: Fraction

    @classmethod
    def of(cls, dtype: torch.dtype) -> Constants:
        """The constants of a number format.

        Raises:
            ValueError: for a dtype other than float64, float32 and bfloat16.
        """
        if dtype not in _BITS:
            raise ValueError(f"no constants for {dtype}; expected torch.float64, torch.float32 or torch.bfloat16")
        shift, gate, slope = _BITS[dtype]
        return cls(
            beta=Fraction(128),
            M=Fraction(3, 2) * 2**shift,
            L=Fraction(2) ** gate,
            K=Fraction(2) ** slope,
            g=Fraction(2),
        )


# dtype -> log2 of (M / 1.5, L, K). M / 1.5 is 2^(p - 1), p the significant bits: 53, 24, 8.
_BITS = {torch.float64: (52, 40, 28), torch.float32: (23, 20, 13), torch.bfloat16: (7, 7, 7)}


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight as it is justified: a literal times named parameters, and a number only once they are known.

    >>> w = -2 * parameter("M") * parameter("beta")
    >>> str(w), float(w.value(Constants.of(torch.float32)))
    ('-2 beta M', -3221225472.0)
    """

    coefficient: Fraction
    parameters: tuple[str, ...] = ()

    @classmethod
    def of(cls, weight: Numeric) -> Weight:
        """A weight from a plain number, or the weight itself."""
        return weight if isinstance(weight, Weight) else _literal(weight)

    def value(self, constants: Constants) -> Fraction:
        """The number, exactly."""
        product = self.coefficient
        for name in self.parameters:
            product *= getattr(constants, name)
        return product

    def __mul__(self, other: Numeric) -> Weight:
        other = Weight.of(other)
        return Weight(
            self.coefficient * other.coefficient, tuple(sorted(self.parameters + other.parameters, key=_ORDER))
        )

    __rmul__ = __mul__

    def __neg__(self) -> Weight:
        return self * -1

    def __str__(self) -> str:
        names = " ".join(self.parameters)
        if not names:
            return str(self.coefficient)
        sign = {1: "", -1: "-"}.get(int(self.coefficient)) if self.coefficient.denominator == 1 else None
        return f"{sign}{names}" if sign is not None else f"{self.coefficient} {names}"


@cache
def _literal(number: Fraction | int) -> Weight:
    return Weight(Fraction(number))


Numeric = Weight | Fraction | int
"""What may be written for a weight."""

_ORDER = ("beta", "M", "L", "K", "g").index


def parameter(name: str) -> Weight:
    """A named parameter as a weight.

    >>> str(parameter("K"))
    'K'
    """
    return Weight(Fraction(1), (name,))

"""The constants of the construction: a function of the number format alone, never of a machine or a budget.

A number format is known by its name. PyTorch's dtypes are taken as well wherever one is asked for, and given back by
`FORMATS`; only whoever asks for one loads PyTorch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

__all__ = ["FORMATS", "Constants", "Numeric", "Weight", "bfloat16", "format_name", "itemsize", "parameter", "rounded"]


def format_name(dtype: torch.dtype | str) -> str:
    """The name of a number format; of what is none, whatever its text is.

    >>> import torch
    >>> format_name(torch.float32), format_name("float32")
    ('float32', 'float32')
    """
    return str(dtype).removeprefix("torch.")


class _Formats(Mapping[str, "torch.dtype"]):
    """PyTorch's dtype of each number format that networks are built in, by its name."""

    def __getitem__(self, name: str) -> torch.dtype:
        if name not in _BITS:
            raise KeyError(name)
        import torch

        dtype: torch.dtype = getattr(torch, name)
        return dtype

    def __contains__(self, name: object) -> bool:
        return name in _BITS

    def __iter__(self) -> Iterator[str]:
        return iter(_BITS)

    def __len__(self) -> int:
        return len(_BITS)


FORMATS = _Formats()
"""The number formats that networks are built in, by name."""


def itemsize(name: str) -> int:
    """The bytes that a number of a format takes."""
    return 2 if name == "bfloat16" else np.dtype(name).itemsize


def rounded(number: float, name: str) -> float:
    """The number of a format that is nearest to a number, as PyTorch rounds: to bfloat16 by way of float32.

    >>> rounded(1 / 3, "float64") == 1 / 3, rounded(1 / 3, "bfloat16")
    (True, 0.333984375)
    """
    if name == "float64":
        return number
    with np.errstate(over="ignore"):
        single = np.array([number], dtype=np.float32)
    return float((bfloat16(single) if name == "bfloat16" else single)[0])


def bfloat16(numbers: NDArray[np.float32]) -> NDArray[np.float32]:
    """The numbers of bfloat16 nearest to these, as PyTorch rounds; these themselves where all of them are some.

    >>> bfloat16(np.array([1, 1 / 3, -np.inf], dtype=np.float32)).tolist()
    [1.0, 0.333984375, -inf]
    """
    bits = numbers.view(np.uint32)
    if not (bits & np.uint32(0xFFFF)).any():
        return numbers
    even = bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))  # of two that are as near, the even one
    upper = (even & np.uint32(0xFFFF0000)).view(np.float32)
    return np.where(np.isnan(numbers), np.float32(np.nan), upper)


@dataclass(frozen=True, slots=True)
class Constants:
    """The five named parameters of a network's weights.

    beta: inverse temperature of READ and DECIDE. A power of two, so that scaling a score by it is exact;
        exp(-beta / 2) bounds the leak of a softmax whose margin is 1/2.
    M: the rounding shift, 1.5 * 2^(p - 1) for p significant bits: x + M is x rounded to the nearest integer, + M.
    L: closes a product's gate, relu(t - L (1 - f)) = 0 where f = 0, for every t <= L. Whole, so t - L is exact.
    K: the slope of saturation; a cell with v visits reads as 1/v, and K/v >= 2 makes that 1. A power of two.
    g: the weight of a situation in the unembedding; a wrong situation loses g = 2, an action gains at most 1.

    >>> Constants.of("float64").K == 2**28
    True
    """

    beta: Fraction
    M: Fraction
    L: Fraction
    K: Fraction
    g: Fraction

    @classmethod
    def of(cls, dtype: torch.dtype | str) -> Constants:
        """The constants of a number format.

        Raises:
            ValueError: for a dtype other than float64, float32 and bfloat16.
        """
        if (name := format_name(dtype)) not in _BITS:
            raise ValueError(f"no constants for {dtype}; expected torch.float64, torch.float32 or torch.bfloat16")
        shift, gate, slope = _BITS[name]
        return cls(
            beta=Fraction(128),
            M=Fraction(3, 2) * 2**shift,
            L=Fraction(2) ** gate,
            K=Fraction(2) ** slope,
            g=Fraction(2),
        )


# format -> log2 of (M / 1.5, L, K). M / 1.5 is 2^(p - 1), p the significant bits: 53, 24, 8.
_BITS = {"float64": (52, 40, 28), "float32": (23, 20, 13), "bfloat16": (7, 7, 7)}


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight as it is justified: a literal times named parameters, and a number only once they are known.

    >>> w = -2 * parameter("M") * parameter("beta")
    >>> str(w), float(w.value(Constants.of("float32")))
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

    def __hash__(self) -> int:  # a fraction's own inverts its denominator, and there are tens of thousands of weights
        return hash((self.coefficient.numerator, self.coefficient.denominator, self.parameters))

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

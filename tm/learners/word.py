"""Whole numbers as they stand on a learner's tape: two's complement, the last digit first."""

from __future__ import annotations

from collections.abc import Sequence

DIGITS = "01"

__all__ = ["DIGITS", "fitting", "number", "word", "words"]


def word(value: int, bits: int) -> str:
    """A number in two's complement, its last digit first.

    Raises:
        OverflowError: where it needs more bits.

    >>> word(6, 4), word(-1, 4)
    ('0110', '1111')
    """
    return "".join(str(fitting(value, bits) >> i & 1) for i in range(bits))


def fitting(value: int, bits: int) -> int:
    """The same number.

    Raises:
        OverflowError: where two's complement of so many bits does not hold it.

    >>> fitting(7, 4)
    7
    """
    if not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
        raise OverflowError(f"{value} does not fit into {bits} bits")
    return value


def number(digits: Sequence[str]) -> int:
    """The number that digits say.

    >>> number("0110"), number("1111")
    (6, -1)
    """
    value = sum(1 << i for i, digit in enumerate(digits) if digit == "1")
    return value - (1 << len(digits)) if digits and digits[-1] == "1" else value


def words(cells: Sequence[str], end: str = "|") -> list[int]:
    """The numbers on a tape, each followed by the symbol `end`.

    >>> words("0110|1111|")
    [6, -1]
    """
    numbers, digits = [], list[str]()
    for cell in cells:
        if cell == end:
            numbers.append(number(digits))
            digits = []
        else:
            digits.append(cell)
    return numbers

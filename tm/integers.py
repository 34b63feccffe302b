"""Whole numbers: what is one, and the smallest that is enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeGuard

__all__ = ["is_integer", "smallest"]


def is_integer(value: object, least: int | None = None) -> TypeGuard[int]:
    """Whether a value is an integer, and at least so large; True and False are none, though Python says so.

    >>> is_integer(3), is_integer(True), is_integer(0, least=1), is_integer(3.0)
    (True, False, False, False)
    """
    return isinstance(value, int) and not isinstance(value, bool) and (least is None or value >= least)


def smallest(enough: Callable[[int], bool]) -> int:
    """The smallest n >= 1 that is enough, for a condition that holds from some n on: doubling, then bisection.

    >>> smallest(lambda n: n * n >= 50)
    8
    """
    high = 1
    while not enough(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high

"""What every bound checks of its arguments, and how a bound without a closed inverse is inverted."""

from __future__ import annotations

import math

from tm import InputError, Problem

__all__ = ["require_counts", "require_shares"]


def require_counts(**counts: float) -> None:
    """Each is 1 or more.

    Raises:
        InputError: naming every one that is not.

    >>> require_counts(outcomes=2, n=0)
    Traceback (most recent call last):
    tm.errors.InputError: n is 1 or more
        found: 0
    """
    wrong = [Problem(f"{name} is 1 or more", found=repr(n)) for name, n in counts.items() if not n >= 1]
    if wrong:
        raise InputError(*wrong)


def require_shares(**shares: float) -> None:
    """Each lies between 0 and 1, neither included.

    Raises:
        InputError: naming every one that does not.

    >>> require_shares(epsilon=0.1, delta=1)
    Traceback (most recent call last):
    tm.errors.InputError: delta lies between 0 and 1
        found: 1
    """
    wrong = [Problem(f"{name} lies between 0 and 1", found=repr(x)) for name, x in shares.items() if not 0 < x < 1]
    if wrong:
        raise InputError(*wrong)


def ceiling(n: float) -> int:
    """The smallest whole number of examples that is at least n and 1; a hair above a whole number is rounding.

    >>> ceiling(100 * 1.1), ceiling(110.5)
    (110, 111)
    """
    return max(1, math.ceil(n * (1 - 1e-12)))

"""How much of a long list a test tries: `make test` a spread-out part of it, `make thorough` all of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

__all__ = ["THOROUGH", "examples", "some"]

THOROUGH = os.environ.get("THOROUGH") == "1"
"""Whether nothing is left out, as `make thorough` asks for."""

Item = TypeVar("Item")


def some(items: Sequence[Item], every: int) -> Sequence[Item]:
    """Each `every`-th of the items; all of them where THOROUGH is set.

    Args:
        items: The list.
        every: The share, as a step: 3 for a third.
    """
    return items if THOROUGH else items[::every]


def examples(number: int) -> int:
    """How many examples Hypothesis makes: a third of the number; all of them where THOROUGH is set.

    Args:
        number: How many are made at most.
    """
    return number if THOROUGH else -(-number // 3)

"""Budgets: how many tokens, and how far from cell 0, and the largest that the lemmas allow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from construction.certificate.arithmetic import Arithmetic
from construction.certificate.bounds import Bounds, MergedBounds, Size
from construction.certificate.lemmas import lemmas
from construction.number_format import Constants
from tm.integers import smallest

__all__ = ["BOUNDS", "Budget", "Setting"]

BOUNDS: dict[str, type[Bounds]] = {"dense": Bounds, "streaming": MergedBounds, "kernels": MergedBounds}
"""The bounds of each decoder, by its name."""
CEILING = 2**64  # no budget is larger


@dataclass(frozen=True, slots=True)
class Budget:
    """What a run may use: at most so many tokens, prompt included, and no |cell| greater than the radius.

    `beyond_tokens` and `beyond_radius` name the lemma that fails first with one token, or one cell, more.
    """

    tokens: int
    radius: int
    beyond_tokens: str = ""
    beyond_radius: str = ""


@dataclass(frozen=True)
class Setting:
    """Everything that the lemmas depend on but the budget.

    >>> setting = Setting(Constants.of("float64"), Arithmetic.of("float64"), Size(1, 1, 0), "dense")
    >>> budget = setting.largest()
    >>> budget.tokens > 6 * 10**7, budget.beyond_tokens
    (True, 'saturation, absent')
    """

    constants: Constants
    arithmetic: Arithmetic
    size: Size
    decoder: str

    def bounds(self, tokens: int, radius: int) -> Bounds:
        """The bounds within a budget."""
        return BOUNDS[self.decoder](self.constants, self.arithmetic, self.size, tokens, radius)

    def failing(self, tokens: int, radius: int) -> str:
        """The first lemma that does not hold within a budget; empty if all do."""
        return next((lemma.name for lemma in lemmas(self.bounds(tokens, radius)) if not lemma.holds), "")

    def most_tokens(self, radius: int) -> int:
        """The largest number of tokens that is certified with this radius; 0 if none is."""
        return _largest(lambda n: not self.failing(n, radius))

    def most_radius(self, tokens: int) -> int:
        """The largest radius that is certified with so many tokens; 0 if none is."""
        return _largest(lambda p: not self.failing(tokens, p))

    def largest(self) -> Budget:
        """The budget with the most tokens for runs that may go as far as their tokens carry them."""
        return _largest_budget(self)


@lru_cache(maxsize=64)
def _largest_budget(setting: Setting) -> Budget:
    """A cell at distance x takes x tokens, so tokens are certified together with a radius of as many, if one can be."""
    furthest = setting.most_radius(1)
    tokens = _largest(lambda n: not setting.failing(n, min(n, furthest)))
    if not tokens:
        return Budget(0, 0, setting.failing(1, 1), setting.failing(1, 1))
    radius = furthest if not setting.failing(tokens, furthest) else setting.most_radius(tokens)  # no token adds to it
    beyond = setting.failing(tokens + 1, min(tokens + 1, furthest))
    return Budget(tokens, radius, beyond, setting.failing(tokens, radius + 1))


def _largest(holds: Callable[[int], bool]) -> int:
    """The largest number up to the ceiling for which a property holds that, once lost, stays lost; 0 if none."""
    return smallest(lambda n: n >= CEILING or not holds(n)) - 1

"""How far the computed residual stream can be from the exact one, within a budget; all of it in exact rationals.

Each property is a bound that docs/proof.md proves, under the symbol that `definition.py` gives it. n is the number of
tokens, P the radius, v <= n - 2 the visits to a cell: BOS and RUN, which every context has, visit none.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from construction.certificate.arithmetic import Arithmetic
from construction.number_format import Constants

__all__ = ["SKIPPED", "Bounds", "MergedBounds", "Size"]

SKIPPED = Fraction(1, 10**12)  # what the merging decoders may leave out of a head's output
MERGED_ROUNDINGS = 8  # in a head's output from two exact sums: a quotient and what goes with it, generously


@dataclass(frozen=True)
class Size:
    """What the lemmas need to know of a configuration.

    `outputs` is how many action fields add up to a token's logit; `units` how many rules the last feed-forward layer
    has (0 in a base network): no more can apply at once.
    """

    tapes: int
    outputs: int
    units: int


@dataclass(frozen=True)
class Bounds:
    """The bounds for a decoder that sums over all tokens one by one: the dense one.

    >>> import torch
    >>> constants, arithmetic = Constants.of(torch.float64), Arithmetic.of(torch.float64)
    >>> bounds = Bounds(constants, arithmetic, Size(1, 1, 0), tokens=10**7, radius=10**5)
    >>> 0.005 < float(bounds.position) < 0.006
    True
    """

    constants: Constants
    arithmetic: Arithmetic
    size: Size
    tokens: int
    radius: int

    @cached_property
    def leak(self) -> Fraction:
        """What all tokens below the largest score weigh together, the largest weighing 1."""
        return self.tokens * self.arithmetic.exp(self.constants.beta / 2)

    @cached_property
    def lost_to_leak(self) -> Fraction:
        """What a sum loses at the additions that add nothing but leak: at each s times the leak, or u."""
        n, u, leak = self.tokens, self.arithmetic.u, self.leak
        return n * (1 + leak) * min(self.arithmetic.smaller_operand * leak / self.arithmetic.rest(n), u)

    @cached_property
    def normaliser(self) -> Fraction:
        """A softmax's sum, v keys having the largest score, is computed as between v and v (1 + this)."""
        return self.leak + self.lost_to_leak / self.arithmetic.rest(self.tokens)

    @cached_property
    def visits(self) -> int:
        """The most writes to one cell."""
        return max(self.tokens - 2, 1)

    # -- LOCATE ------------------------------------------------------------------------------------------------------

    @cached_property
    def position(self) -> Fraction:
        """How far t * mean + M can be from an integer: the head's position, or a CELL's number."""
        u = self.arithmetic.u
        return self.off + u * (self.radius + 1 + self.off) + u

    @cached_property
    def off(self) -> Fraction:
        """How far t times the computed mean can be from it."""
        return max(self.moves, self.inputs)

    @property
    def cells(self) -> int:
        """The most CELLs of a tape."""
        return min(self.tokens, self.radius + 1)

    @property
    def moves(self) -> Fraction:
        """n times the error of the mean move. One sign's moves are at most (n + P) / 2, so no partial sum is more."""
        n, relative = self.tokens, self.arithmetic.relative
        largest = min(Fraction(1), Fraction(n + self.radius, 2 * n)) * (1 + relative(2))
        return self.radius * relative(2) + n * self.arithmetic.total(n - 1, largest)

    @property
    def inputs(self) -> Fraction:
        """n times the error of the mean input flag: there are at most P + 1 CELLs."""
        n, count, relative = self.tokens, self.cells, self.arithmetic.relative
        return count * relative(2) + n * self.arithmetic.total(count - 1, Fraction(count, n) * (1 + relative(2)))

    # -- READ --------------------------------------------------------------------------------------------------------

    @cached_property
    def found(self) -> Fraction:
        """How far what READ finds of a symbol can be from w, or 0: w the weight of one of a cell's v writers.

        The postings of one symbol on one cell alternate +1 and -1, so no partial sum exceeds (v + 1) / 2v; and there
        are v - 1 additions of them.
        """
        v = self.visits
        ledger = self.arithmetic.u * Fraction(v * v - 1, 2 * v)
        weights = 1 + self.arithmetic.relative(2)
        return weights * (ledger + self.leak + self.lost_to_leak) / self.arithmetic.rest(self.tokens)

    @cached_property
    def least_found(self) -> Fraction:
        """The least that a symbol reads as, on the cell visited most: 1 / v less the errors."""
        return (1 - self.arithmetic.u) ** 2 / (self.visits * (1 + self.normaliser)) - self.found

    # -- DECIDE ------------------------------------------------------------------------------------------------------

    @cached_property
    def decided(self) -> Fraction:
        """How far the probability of an action, or of STOP, can be from the exact one."""
        return self.attended + self.arithmetic.total(2 * self.size.units, 1 + self.attended)

    @cached_property
    def attended(self) -> Fraction:
        """The same before a tuned network's rules are added, each of which rounds twice: its share, and the sum."""
        weights = self.arithmetic.relative(2)
        summed = self.arithmetic.total(self.tokens, 1 + self.leak)
        return self.normaliser + weights + (1 + weights) * (self.leak + summed)

    @cached_property
    def logit(self) -> Fraction:
        """How far a token's logit can be from the exact one: its action fields' errors, and the sum over its rows."""
        tapes, outputs = self.size.tapes, self.size.outputs
        largest = (tapes + 1) * self.constants.g + outputs * (1 + self.decided)
        return outputs * self.decided + self.arithmetic.total(tapes + 2 * outputs, largest)


@dataclass(frozen=True)
class MergedBounds(Bounds):
    """The bounds for the decoders that merge equal keys: sums of integers are exact, however many they are.

    They may leave out of a head's output what a bound at run time shows to be under `SKIPPED`.
    """

    @cached_property
    def _relative(self) -> Fraction:
        return self.arithmetic.relative(MERGED_ROUNDINGS)

    @property
    def moves(self) -> Fraction:
        """The mean is one quotient of exact integers, and times t a number of at most P."""
        return self.radius * self._relative

    @property
    def inputs(self) -> Fraction:
        return (self.radius + 1) * self._relative

    @cached_property
    def found(self) -> Fraction:
        """A cell's postings are one exact integer, its content; the sum loses no more than the softmax's does."""
        return (1 + self._relative) * self.normaliser + SKIPPED

    @cached_property
    def least_found(self) -> Fraction:
        """The least that a symbol reads as, on the cell visited most."""
        return (1 - self._relative) / (self.visits * (1 + self.normaliser)) - self.found

    @cached_property
    def attended(self) -> Fraction:
        """Numerator and denominator are off by `normaliser` of the denominator each."""
        return 2 * self.normaliser + self._relative * (1 + 2 * self.normaliser) + SKIPPED

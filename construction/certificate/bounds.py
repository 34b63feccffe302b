"""How far the computed residual stream can be from the exact one, within a budget; all of it in exact rationals.

Each property is a bound of docs/proof.md. n is the number of tokens, P the radius, v <= n - 2 the visits to a cell:
BOS and RUN, which every context has, visit none.
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

    `outputs` is how many action fields add up to a token's logit; `units` how many rules can apply at once in the
    last feed-forward layer (0 in a base network).
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
        """What all tokens below the largest score weigh together, the largest weighing 1: n * 1.1 exp(-beta / 2)."""
        return self.tokens * self.arithmetic.exp(self.constants.beta / 2)

    @cached_property
    def lost_to_leak(self) -> Fraction:
        """What a sum loses by adding small weights: an addition rounds by at most its smaller operand, and by u."""
        return self.tokens * min(self.leak, self.arithmetic.u * (1 + self.leak))

    @cached_property
    def normaliser(self) -> Fraction:
        """The relative error of a softmax's sum where v keys tie: the ones add up exactly, the leak comes on top."""
        rounded = min(self.lost_to_leak, self.arithmetic.total(self.tokens, 1 + self.leak))
        return self.leak + rounded

    @cached_property
    def _spread(self) -> Fraction:
        """The factor by which the second-order terms of `found` and `decided` exceed 1."""
        loss = max(1 - self.tokens * self.arithmetic.u - self.normaliser, Fraction(1, 4))
        return (1 + self.arithmetic.relative(3)) * (1 + self.leak) / loss

    @cached_property
    def visits(self) -> int:
        """The most writes to one cell."""
        return max(self.tokens - 2, 1)

    # -- LOCATE ------------------------------------------------------------------------------------------------------

    @cached_property
    def position(self) -> Fraction:
        """How far t * mean can be from an integer: the head's position, or a CELL's number."""
        error, u = max(self._moves, self._inputs), self.arithmetic.u
        return error + u * (self.radius + 1 + error) + u

    @property
    def _moves(self) -> Fraction:
        """n times the error of the mean move. One sign's moves are at most (n + P) / 2, so no partial sum is more."""
        n, relative = self.tokens, self.arithmetic.relative
        largest = min(Fraction(1), Fraction(n + self.radius, 2 * n)) * (1 + relative(2))
        return self.radius * relative(3) + n * self.arithmetic.total(n - 1, largest)

    @property
    def _inputs(self) -> Fraction:
        """n times the error of the mean input flag: there are at most P + 1 CELLs."""
        n, relative = self.tokens, self.arithmetic.relative
        count = min(n, self.radius + 1)
        return count * relative(3) + n * self.arithmetic.total(count - 1, Fraction(count, n) * (1 + relative(2)))

    # -- READ --------------------------------------------------------------------------------------------------------

    @cached_property
    def found(self) -> Fraction:
        """How far the mean of a cell's v postings can be from its content / v, rounding of 1 / v left aside.

        The postings of one symbol on one cell alternate +1 and -1, so no partial sum exceeds (v + 1) / 2v; and there
        are v - 1 additions of them.
        """
        v = self.visits
        ledger = self.arithmetic.u * Fraction(v * v - 1, 2 * v)
        return self._spread * (self.leak + ledger + self.lost_to_leak)

    @cached_property
    def least_found(self) -> Fraction:
        """The least that a symbol reads as, on the cell visited most: 1 / v less the errors."""
        return (1 - self.arithmetic.relative(3)) / (self.visits * (1 + self.normaliser)) - self.found

    # -- DECIDE ------------------------------------------------------------------------------------------------------

    @cached_property
    def decided(self) -> Fraction:
        """How far the probability of an action, or of STOP, can be from the exact one."""
        summed = self.arithmetic.u * self.tokens
        attended = self.arithmetic.relative(3) + self.leak + summed + self.lost_to_leak
        return self.normaliser + self._spread * attended + self.size.units * self.arithmetic.u

    @cached_property
    def logit(self) -> Fraction:
        """How far a token's logit can be from the exact one: its action fields' errors, and the sum over its rows."""
        tapes, outputs = self.size.tapes, self.size.outputs
        largest = 2 * (tapes + 1) * self.constants.g + 2 * outputs * (1 + self.decided)
        rows = 2 + tapes + 2 * outputs
        return outputs * self.decided + self.arithmetic.total(rows, largest)


@dataclass(frozen=True)
class MergedBounds(Bounds):
    """The bounds for the decoders that merge equal keys: sums of integers are exact, however many they are.

    They may leave out of a head's output what a bound at run time shows to be under `SKIPPED`.
    """

    @cached_property
    def _relative(self) -> Fraction:
        return self.arithmetic.relative(MERGED_ROUNDINGS)

    @property
    def _moves(self) -> Fraction:
        """The mean is one quotient of exact integers, and times t a number of at most P."""
        return self.radius * self._relative

    @property
    def _inputs(self) -> Fraction:
        return (self.radius + 1) * self._relative

    @cached_property
    def found(self) -> Fraction:
        """How far a cell's merged postings over its visits can be from content / v, the relative error left aside."""
        return self._spread * (self.leak + self.lost_to_leak) + SKIPPED

    @cached_property
    def least_found(self) -> Fraction:
        """The least that a symbol reads as, on the cell visited most."""
        return (1 - self._relative) / (self.visits * (1 + self.normaliser + SKIPPED)) - self.found

    @cached_property
    def decided(self) -> Fraction:
        """How far the probability of an action, or of STOP, can be from the exact one."""
        attended = self._relative + self.leak + self.lost_to_leak
        return self.normaliser + self._spread * attended + 2 * SKIPPED + self.size.units * self.arithmetic.u

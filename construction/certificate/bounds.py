"""How far the computed residual stream can be from the exact one, within a budget; all of it in exact rationals.

Each property is a bound that docs/proof.md proves, under the symbol that `definitions` gives it. n is the number of
tokens, P the radius, v <= n - 2 the visits to a cell: BOS and RUN, which every context has, visit none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from construction.certificate.arithmetic import Arithmetic
from construction.number_format import Constants

__all__ = ["SKIPPED", "Bounds", "Definition", "MergedBounds", "Size", "definitions"]

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

    >>> constants, arithmetic = Constants.of("float64"), Arithmetic.of("float64")
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


# -- their formulas, as they are printed -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Definition:
    """A symbol, its formula (in the symbols before it) and its value.

    S(m, B) = m u B / (1 - m u) stands for what a sum of m additions loses whose partial sums are B at most.
    """

    symbol: str
    formula: str
    value: Fraction


Formula = tuple[str, str, Callable[[Bounds], Fraction]]

GIVEN: tuple[Formula, ...] = (
    ("n", "tokens", lambda b: Fraction(b.tokens)),
    ("P", "radius", lambda b: Fraction(b.radius)),
    ("k", "tapes", lambda b: Fraction(b.size.tapes)),
    ("a", "action fields", lambda b: Fraction(b.size.outputs)),
    ("r", "rules in the weights", lambda b: Fraction(b.size.units)),
    ("N", "2^(significant bits)", lambda b: Fraction(b.arithmetic.integers)),
    ("eta", "smallest normal number", lambda b: b.arithmetic.smallest),
    ("s", "2 (roundings of an operation) - 1", lambda b: Fraction(b.arithmetic.smaller_operand)),
)
ONE_ROUNDING: Formula = ("u", "1 / N", lambda b: b.arithmetic.u)
TWO_ROUNDINGS: Formula = ("u", "1 / N + 2 / N^2", lambda b: b.arithmetic.u)
LEAKS: tuple[Formula, ...] = (
    ("v", "max(n - 2, 1)", lambda b: Fraction(b.visits)),
    ("leak", "n (1.1 exp(-beta / 2) (1 + u) + eta)", lambda b: b.leak),
    ("lost", "n (1 + leak) min(s leak / (1 - n u), u)", lambda b: b.lost_to_leak),
    ("excess", "leak + lost / (1 - n u)", lambda b: b.normaliser),
)
SUMMED: tuple[Formula, ...] = (
    ("moves", "P ((1 + u)^2 - 1) + n S(n - 1, (1 + u)^2 min(1, (n + P) / 2n))", lambda b: b.moves),
    ("cells", "min(n, P + 1)", lambda b: Fraction(b.cells)),
    ("inputs", "cells ((1 + u)^2 - 1) + n S(cells - 1, (1 + u)^2 cells / n)", lambda b: b.inputs),
    ("off", "max(moves, inputs)", lambda b: b.off),
    ("found", "(1 + u)^2 (u (v^2 - 1) / 2v + leak + lost) / (1 - n u)", lambda b: b.found),
    ("least", "(1 - u)^2 / (v (1 + excess)) - found", lambda b: b.least_found),
    ("attended", "excess + (1 + u)^2 - 1 + (1 + u)^2 (leak + S(n, 1 + leak))", lambda b: b.attended),
)
MERGED: tuple[Formula, ...] = (
    ("moves", "P ((1 + u)^8 - 1)", lambda b: b.moves),
    ("inputs", "(P + 1) ((1 + u)^8 - 1)", lambda b: b.inputs),
    ("off", "max(moves, inputs)", lambda b: b.off),
    ("found", "(1 + u)^8 excess + 1e-12", lambda b: b.found),
    ("least", "(2 - (1 + u)^8) / (v (1 + excess)) - found", lambda b: b.least_found),
    ("attended", "2 excess + ((1 + u)^8 - 1) (1 + 2 excess) + 1e-12", lambda b: b.attended),
)
DECIDED: tuple[Formula, ...] = (
    ("decided", "attended + S(2r, 1 + attended)", lambda b: b.decided),
    ("logit", "a decided + S(k + 2a, (k + 1) g + a (1 + decided))", lambda b: b.logit),
)


def definitions(bounds: Bounds) -> tuple[Definition, ...]:
    """Every symbol that the lemmas of these bounds use, each after those in its formula; parameters left aside.

    >>> constants, arithmetic = Constants.of("float64"), Arithmetic.of("float64")
    >>> [d.symbol for d in definitions(Bounds(constants, arithmetic, Size(1, 1, 0), 5_000, 10))][8:13]
    ['u', 'v', 'leak', 'lost', 'excess']
    """
    rounding = ONE_ROUNDING if bounds.arithmetic.roundings == 1 else TWO_ROUNDINGS
    attention = MERGED if isinstance(bounds, MergedBounds) else SUMMED
    formulas = (*GIVEN, rounding, *LEAKS, *attention, *DECIDED)
    return tuple(Definition(symbol, formula, value(bounds)) for symbol, formula, value in formulas)

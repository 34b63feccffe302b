"""The lemmas, in the order of the network: each a function from the bounds to an inequality with its numbers.

docs/proof.md proves each under its number; what stands here is what it needs checked. Lemma 1 is the frame. Together
they imply the theorem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from construction.certificate.bounds import SKIPPED, Bounds, MergedBounds

__all__ = ["LEMMAS", "Lemma", "Verdict", "lemmas", "short"]


@dataclass(frozen=True, slots=True)
class Lemma:
    """One inequality, `left <= right` or `left < right`, with the numbers that a network and a budget give it.

    `number`, `name` and `inequality` are those of docs/proof.md.

    >>> lemma = Lemma(3, "gate", "a closed gate is closed", "n <= L", Fraction(3), Fraction(4))
    >>> lemma.holds, lemma.slack
    (True, 0.25)
    """

    number: int
    name: str
    says: str
    inequality: str
    left: Fraction
    right: Fraction
    strict: bool = False

    @property
    def holds(self) -> bool:
        """The verdict."""
        return self.left < self.right if self.strict else self.left <= self.right

    @property
    def slack(self) -> float | None:
        """How much of the right side is left over, as a share of it; None where the right side is not positive."""
        return float(1 - self.left / self.right) if self.right > 0 else None

    @property
    def numbers(self) -> str:
        """The inequality with its numbers in it, to as many digits as it takes to tell the sides apart."""
        sign = "<" if self.strict else "<="
        sides = (short(self.left), short(self.right))
        for digits in range(5, 18):
            if self.left == self.right or sides[0] != sides[1]:
                break
            sides = (short(self.left, digits), short(self.right, digits))
        return f"{sides[0]} {sign if self.holds else 'is not ' + sign} {sides[1]}"


class Verdict:
    """What lemmas say together; certificates are of this kind."""

    lemmas: tuple[Lemma, ...]

    @property
    def holds(self) -> bool:
        """Whether all lemmas hold."""
        return all(lemma.holds for lemma in self.lemmas)

    @property
    def failing(self) -> tuple[Lemma, ...]:
        """The lemmas that do not hold."""
        return tuple(lemma for lemma in self.lemmas if not lemma.holds)


def short(number: Fraction, digits: int = 4) -> str:
    """A number as certificates print it: whole ones in full, others to so many digits.

    >>> short(Fraction(4000)), short(Fraction(1, 3))
    ('4,000', '0.3333')
    """
    if number.denominator == 1 and abs(number) < 10**16:
        return f"{number.numerator:,}"
    return f"{float(number):.{digits}g}"


def scaling(b: Bounds) -> Lemma:
    """beta and K are powers of two, M, L and g whole: multiplying by them, or adding them, is exact."""
    powers = (b.constants.beta, b.constants.K)
    odd = sum(_odd_part(value) != 1 for value in powers)
    odd += sum(value.denominator != 1 for value in (b.constants.M, b.constants.L, b.constants.g))
    says = "beta and K are powers of two and M, L, g whole, so that scaling and shifting lose nothing"
    return Lemma(2, "scaling", says, "parameters not as required = 0", Fraction(odd), Fraction(0))


def _odd_part(value: Fraction) -> Fraction:
    """The number without its factors of two."""
    whole = value.numerator * value.denominator
    return Fraction(whole // (whole & -whole))


def counting(b: Bounds) -> Lemma:
    """t is exact, and a product's gate t - L (1 - flag) is closed where the flag is 0."""
    right = min(b.constants.L, b.arithmetic.integers - b.constants.L)
    says = "every t is exact, and the gate of a product is closed where its flag is 0"
    return Lemma(3, "counting", says, "n <= min(L, N - L)", Fraction(b.tokens), right)


def summation(b: Bounds) -> Lemma:
    """Sums are short enough for the model of summation: (1 + u)^n stays near 1."""
    says = "n roundings together stay small, whatever the order of a sum; whole numbers up to n are exact"
    return Lemma(4, "summation", says, "n u <= 1/8", b.tokens * b.arithmetic.u, Fraction(1, 8))


def position(b: Bounds) -> Lemma:
    """The head's position p and a token's cell c come out as whole numbers."""
    says = "LOCATE is off by less than a half, so that adding M rounds to the very cell"
    return Lemma(5, "position", says, "off + u (P + 1 + off) + u < 1/2", b.position, Fraction(1, 2), strict=True)


def rounding_shift(b: Bounds) -> Lemma:
    """p + M and c + M lie where the numbers of the format are the whole numbers."""
    low, high = b.constants.M - Fraction(b.arithmetic.integers, 2), b.arithmetic.integers - b.constants.M
    says = "p + M and c + M stay where the format's numbers are just the whole numbers"
    return Lemma(6, "rounding shift", says, "P + 1 <= min(M - N/2, N - M)", Fraction(b.radius + 1), min(low, high))


def integers(b: Bounds) -> Lemma:
    """Keys and queries are exact, and so are the scores that matter: equal cells tie to the bit."""
    says = "p^2, c^2, keys, queries and the scores that matter are exact, so that equal cells tie to the bit"
    return Lemma(7, "integers", says, "P^2 <= N/2", Fraction(b.radius**2), Fraction(b.arithmetic.integers, 2))


def look_up(b: Bounds) -> Lemma:
    """READ: what is not the cell under the head weighs next to nothing, though it were in every other token."""
    says = "READ: all tokens half a point or more below the best weigh together less than saturation can see"
    return Lemma(8, "look-up margin", says, "leak <= 1 / 2K", b.leak, 1 / (2 * b.constants.K))


def saturation_of_nothing(b: Bounds) -> Lemma:
    """A symbol that is not in the cell reads as 0."""
    says = "a symbol that is not in the cell reads as less than 1/K, and becomes 0"
    return Lemma(9, "saturation, absent", says, "K found <= 1", b.constants.K * b.found, Fraction(1))


def saturation_of_a_symbol(b: Bounds) -> Lemma:
    """A symbol that is in the cell reads as 1, though all tokens but BOS and RUN were visits to it."""
    says = "a symbol reads as 2/K or more after v = n - 2 visits to its cell, and becomes 1"
    return Lemma(10, "saturation, present", says, "2 <= K least", Fraction(2), b.constants.K * b.least_found)


def saturation_is_exact(b: Bounds) -> Lemma:
    """relu(Kx - 1) - relu(Kx - 2) is 1 to the bit, for Kx >= 2."""
    says = "K x - 1 and K x - 2 are exact, so that what saturates is 1 to the bit"
    return Lemma(11, "saturation, exact", says, "2 K <= N", 2 * b.constants.K, Fraction(b.arithmetic.integers))


def match(b: Bounds) -> Lemma:
    """DECIDE: the matching examples share all the weight, or BOS has it."""
    says = "DECIDE: the matching examples (or BOS, if there are none) have all the weight but an eighth"
    return Lemma(12, "match margin", says, "decided <= 1/8", b.decided, Fraction(1, 8))


def logit(b: Bounds) -> Lemma:
    """The right token leads every other by more than both logits can be off."""
    says = "the right token leads every other by min(1, g), more than both logits can be off"
    return Lemma(13, "logit margin", says, "2 logit < min(1, g)", 2 * b.logit, min(Fraction(1), b.constants.g), True)


def merging(b: Bounds) -> Lemma:
    """Merged values and counts are sums of small integers."""
    says = "the values and counts of merged keys are whole and exact, so that merging equal keys changes nothing"
    return Lemma(14, "merging", says, "n <= N", Fraction(b.tokens), Fraction(b.arithmetic.integers))


def skipping(b: Bounds) -> Lemma:
    """What a decoder leaves out cannot be seen by saturation."""
    says = "what is left out of a head's output (under 1e-12) is less than saturation can see"
    return Lemma(15, "skipping", says, "K 1e-12 <= 1/8", b.constants.K * SKIPPED, Fraction(1, 8))


LEMMAS: tuple[Callable[[Bounds], Lemma], ...] = (
    scaling,
    counting,
    summation,
    position,
    rounding_shift,
    integers,
    look_up,
    saturation_of_nothing,
    saturation_of_a_symbol,
    saturation_is_exact,
    match,
    logit,
)
OF_MERGING = (merging, skipping)


def lemmas(bounds: Bounds) -> Iterator[Lemma]:
    """All lemmas with their numbers; those on merging for the decoders that merge.

    >>> from construction.certificate.arithmetic import Arithmetic
    >>> from construction.certificate.bounds import Size
    >>> from construction.number_format import Constants
    >>> constants, arithmetic = Constants.of("float32"), Arithmetic.of("float32")
    >>> [lemma.name for lemma in lemmas(Bounds(constants, arithmetic, Size(1, 1, 0), 5_000, 10)) if not lemma.holds]
    ['position', 'saturation, absent', 'saturation, present']
    """
    for lemma in LEMMAS + (OF_MERGING if isinstance(bounds, MergedBounds) else ()):
        yield lemma(bounds)

"""The bounds on sums, held against sums in tiny formats: any order, any ties, rounded once, twice or late."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from construction.certificate import Arithmetic
from construction.certificate.bounds import Bounds, MergedBounds, Size
from construction.number_format import Constants
from tests.effort import examples

BITS = 8
TINY = Fraction(1, 2**200)
ONCE, TWICE = Arithmetic(BITS, TINY, 1), Arithmetic(BITS, TINY, 2)
MOST = 31  # n u <= 1/8


def rounded(x: Fraction, bits: int, ties: random.Random) -> Fraction:
    """x to the nearest number of so many bits; either of two that are equally near."""
    if not x:
        return x
    exponent = abs(x.numerator).bit_length() - x.denominator.bit_length()
    exponent -= abs(x) < Fraction(2) ** exponent
    shift = bits - 1 - exponent
    numerator, denominator = x.numerator << max(shift, 0), x.denominator << max(-shift, 0)
    below, rest = divmod(numerator, denominator)
    up = 2 * rest > denominator or (2 * rest == denominator and ties.random() < 0.5)
    return Fraction(below + up) / Fraction(2) ** shift


def operation(x: Fraction, arithmetic: Arithmetic, ties: random.Random) -> Fraction:
    """The result of an operation whose exact result is x, rounded as often as the arithmetic allows."""
    if arithmetic.roundings == 2 and ties.random() < 0.7:
        x = rounded(x, 2 * BITS, ties)
    return rounded(x, BITS, ties)


def added(terms: list[Fraction], arithmetic: Arithmetic, ties: random.Random) -> Fraction:
    """A computed sum: a random tree of additions; in the wider format each may stay as it is until a later one."""
    terms = list(terms)
    while len(terms) > 1:
        a, b = (terms.pop(ties.randrange(len(terms))) for _ in range(2))
        if arithmetic.roundings == 2 and len(terms) and ties.random() < 0.5:
            terms.append(rounded(a + b, 2 * BITS, ties))
        else:
            terms.append(operation(a + b, arithmetic, ties))
    return rounded(terms[0], BITS, ties)


def bounds(arithmetic: Arithmetic, beta: Fraction, tokens: int, radius: int = 1, units: int = 0) -> Bounds:
    constants = Constants(beta=beta, M=Fraction(192), L=Fraction(64), K=Fraction(8), g=Fraction(2))
    return Bounds(constants, arithmetic, Size(1, 1, units), tokens, radius)


def leaks(b: Bounds, count: int, ties: random.Random) -> list[Fraction]:
    """Exponentials of scores beta / 2 or more below the best, as large as they may be, or smaller."""
    largest = b.arithmetic.exp(b.constants.beta / 2)
    scaled = [largest * Fraction(ties.choice([1, 1, ties.random(), 0])) for _ in range(count)]
    return [min(rounded(x, BITS, ties), rounded(x * Fraction(99, 100), BITS, ties)) for x in scaled]


@pytest.mark.parametrize(("arithmetic", "operand"), [(ONCE, 1), (TWICE, 3)])
def test_one_addition(arithmetic, operand):
    bits, seen = 3, Fraction(0)
    small = Arithmetic(bits, TINY, arithmetic.roundings)
    assert small.smaller_operand == operand
    numbers = [Fraction(m) * Fraction(2) ** e for m in range(4, 8) for e in range(-7, 1)]
    for a, b, sign, up, again in itertools.product(numbers, numbers, (1, -1), (0, 1), (0, 1)):
        x = a + sign * b
        first = rounded(x, 2 * bits, _Always(up)) if arithmetic.roundings == 2 else x
        off = abs(rounded(first, bits, _Always(again)) - x)
        assert off <= small.u * abs(x)
        assert off <= operand * min(a, b)
        seen = max(seen, off / min(a, b))
    assert (seen > 1) == (arithmetic.roundings == 2)  # rounding twice does cost more than the smaller operand


class _Always(random.Random):
    """Ties that all go one way."""

    def __init__(self, up: int) -> None:
        super().__init__(0)
        self.up = up

    def random(self) -> float:
        return 0.0 if self.up else 1.0


betas = st.integers(4, 64).map(lambda halves: Fraction(halves, 2))  # leaks from a seventh to far below the last bit
arithmetics = st.sampled_from([ONCE, TWICE])
seeds = st.integers(0, 2**32).map(random.Random)


@settings(max_examples=examples(100))
@given(arithmetics, betas, st.integers(3, MOST), seeds)
def test_the_sum_of_a_softmax(arithmetic, beta, tokens, ties):
    b, v = bounds(arithmetic, beta, tokens), ties.randint(1, tokens)
    total = added([Fraction(1)] * v + leaks(b, tokens - v, ties), arithmetic, ties)
    assert v <= total <= v * (1 + b.normaliser)


def attention(
    b: Bounds, best: list[int], ties: random.Random, others: tuple[int, ...] = (-1, 0, 1)
) -> tuple[Fraction, Fraction]:
    """A head's computed output for the values of the keys with the best score, and the weight of each of these."""
    exponentials = leaks(b, b.tokens - len(best), ties)
    total = added([Fraction(1)] * len(best) + exponentials, b.arithmetic, ties)
    inverse = operation(1 / total, b.arithmetic, ties)
    weight = operation(inverse * 1, b.arithmetic, ties)
    terms = [weight * value for value in best]
    terms += [operation(inverse * x, b.arithmetic, ties) * ties.choice(others) for x in exponentials]
    return added(terms, b.arithmetic, ties), weight


@settings(max_examples=examples(100))
@given(arithmetics, betas, st.integers(3, MOST), st.sampled_from([0, 1]), seeds)
def test_what_read_finds(arithmetic, beta, tokens, content, ties):
    b = bounds(arithmetic, beta, tokens)
    postings = ties.randint(1, b.visits)
    ledger = [(-1) ** i for i in range(postings)]
    if sum(ledger) != content:
        ledger[-1] = 0
    output, weight = attention(b, ledger, ties)
    if sum(ledger) == 0:
        assert abs(output) <= b.found
    else:
        assert abs(output - weight) <= b.found
        assert output >= b.least_found


@settings(max_examples=examples(100))
@given(arithmetics, betas, st.integers(3, MOST), seeds)
def test_what_decide_decides(arithmetic, beta, tokens, ties):
    b, v = bounds(arithmetic, beta, tokens), ties.randint(1, tokens)
    carried = [ties.choice([0, 1]) for _ in range(v)]
    decided, _ = attention(b, carried, ties, (0, 1))
    assert abs(decided - Fraction(sum(carried), v)) <= b.attended


@settings(max_examples=examples(100))
@given(arithmetics, betas, st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(1, 12), seeds)
def test_merged_keys(arithmetic, beta, counts, others, ties):
    """Entries of several tokens each: whole numbers of them, and of their values."""
    tokens, v = sum(counts) + others + 2, sum(counts)
    b = bounds(arithmetic, beta, min(tokens, MOST))
    merged = MergedBounds(b.constants, arithmetic, b.size, b.tokens, b.radius)
    named = [ties.randint(0, count) for count in counts]
    exponentials = leaks(b, min(others, b.tokens - v), ties)
    total = added([*map(Fraction, counts), *exponentials], arithmetic, ties)
    share = added([*map(Fraction, named), *(x * ties.choice([0, 1]) for x in exponentials)], arithmetic, ties)
    assert abs(operation(share / total, arithmetic, ties) - Fraction(sum(named), v)) <= merged.attended
    posted = added([Fraction(0), *(x * ties.choice([-1, 0, 1]) for x in exponentials)], arithmetic, ties)
    assert abs(operation(posted / total, arithmetic, ties)) <= merged.found
    if v <= b.visits:
        present = added([Fraction(1), *(x * ties.choice([-1, 0, 1]) for x in exponentials)], arithmetic, ties)
        assert operation(present / total, arithmetic, ties) >= merged.least_found


@settings(max_examples=examples(60))
@given(arithmetics, st.lists(st.integers(1, 9), min_size=1, max_size=8), seeds)
def test_the_rules_of_a_tuned_network(arithmetic, weights, ties):
    """The attended 1 of BOS, less the shares of the rules that apply: STOP, which should be 0."""
    b = bounds(arithmetic, Fraction(64), 12, units=len(weights))
    bos, _ = attention(b, [1], ties, (0,))
    shares = [rounded(Fraction(weight, sum(weights)), BITS, ties) for weight in weights]
    assert abs(added([bos, *(-share for share in shares)], arithmetic, ties)) <= b.decided


@settings(max_examples=examples(60))
@given(arithmetics, st.integers(2, MOST), seeds)
def test_where_locate_says_the_head_is(arithmetic, tokens, ties):
    moves = [ties.choice([-1, 0, 1]) for _ in range(tokens)]
    p = sum(moves)
    b = bounds(arithmetic, Fraction(64), tokens, max(1, abs(p)))
    weight = operation(operation(Fraction(1, tokens), arithmetic, ties), arithmetic, ties)
    mean = added([weight * move for move in moves], arithmetic, ties)
    assert abs(tokens * mean - p) <= b.moves
    product = operation(tokens * mean, arithmetic, ties)
    if b.position < Fraction(1, 2):
        assert operation(product + b.constants.M, arithmetic, ties) == p + b.constants.M

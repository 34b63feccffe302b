"""Counting on the tape, held against collections.Counter on random data."""

from __future__ import annotations

from random import Random

import pytest

from tm import outcome
from tm.learners.count import (
    Pair,
    count_machine,
    count_reference,
    count_steps,
    count_tapes,
    counts,
    names_of,
    replies,
)


def held(pairs: list[Pair], queries: list[str], bits: int) -> bool:
    """Compare a run with the reference, to the step; whether the word was wide enough."""
    run = outcome(count_machine(*names_of(pairs)), count_tapes(pairs, queries, bits=bits), max_steps=1_000_000)
    expected, answers = count_reference(pairs, queries)
    if max(expected) >= 1 << bits:
        assert (run.state, run.accepted) == ("overflow", False)
        return False
    assert run.accepted
    assert (counts(run.tape[1], pairs, bits=bits), replies(run.tape[0], pairs)) == (expected, answers)
    assert run.steps == count_steps(pairs, queries, bits=bits)
    return True


def test_200_random_datasets():
    rng, fits = Random(16), 0
    for _ in range(230):
        contexts, tokens = rng.sample("abcd01", rng.randint(1, 4)), rng.sample("abxyz?|#_=01", rng.randint(1, 5))
        pairs = [(rng.choice(contexts), rng.choice(tokens)) for _ in range(rng.randint(1, 25))]
        queries = [rng.choice(names_of(pairs)[0]) for _ in range(rng.randint(0, 3))]
        fits += held(pairs, queries, rng.randint(3, 5))
    assert 200 <= fits < 230


@pytest.mark.parametrize(
    ("pairs", "answer"),
    [
        ([("a", "x")], "x"),
        ([("a", "y"), ("a", "x")], "y"),  # equally often: the first in the data
        ([("a", "y"), ("a", "x"), ("a", "x")], "x"),
        ([("a", "a")], "a"),
        ([("rain or", "=0"), ("rain or", "0"), ("rain or", "0")], "0"),
    ],
)
def test_the_smallest_data_and_ties(pairs: list[Pair], answer: str):
    assert held(pairs, [pairs[0][0]], 3)
    assert count_reference(pairs, [pairs[0][0]])[1] == [answer]


@pytest.mark.parametrize("bits", [1, 2, 3])
def test_a_count_reaches_the_limit_of_the_word_and_no_further(bits: int):
    most = (1 << bits) - 1
    assert held([("a", "x")] * most, ["a"], bits)
    assert not held([("a", "x")] * (most + 1), ["a"], bits)

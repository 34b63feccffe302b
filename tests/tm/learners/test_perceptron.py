"""The perceptron on its tapes: weights, answers, log and steps, held against ordinary code on random data."""

from __future__ import annotations

from random import Random

import pytest

from tests.tm.learners.datasets import random_dataset
from tm import outcome
from tm.learners.examples import Example, answers, mistakes, perceptron_tapes
from tm.learners.perceptron import perceptron_machine, perceptron_steps
from tm.learners.perceptron_reference import perceptron_answer, perceptron_reference
from tm.learners.word import number, word, words

MACHINE = perceptron_machine()


def held(examples: list[Example], queries: list[list[int]], bits: int, epochs: int) -> bool:
    """Compare a run with the reference, to the step; whether the word was wide enough."""
    d = len(examples[0][0])
    run = outcome(MACHINE, perceptron_tapes(examples, queries, bits=bits, epochs=epochs), max_steps=1_000_000)
    try:
        weights, log = perceptron_reference(examples, d, bits=bits, epochs=epochs)
        replies = [perceptron_answer(weights, query, bits=bits) for query in queries]
    except OverflowError:
        assert (run.state, run.accepted) == ("overflow", False)
        return False
    assert run.accepted
    assert words(run.tape[1]) == weights
    assert answers(run.tape[0]) == replies
    assert mistakes(run.tape[2]) == log
    ones = sum(sum(x) for x, _ in examples)
    assert run.steps == perceptron_steps(len(examples), d, bits, epochs, log, ones, [sum(query) for query in queries])
    return True


def test_200_random_datasets():
    rng = Random(14)
    fits = [held(*random_dataset(rng), bits=rng.randint(2, 7), epochs=rng.randint(0, 6)) for _ in range(240)]
    assert sum(fits) >= 200
    assert not all(fits)  # some words are too small, and the machine says so


@pytest.mark.parametrize(
    ("examples", "queries"),
    [
        ([([1], 1)], [[1], [0]]),
        ([([1], -1)], [[1]]),
        ([([0], 1)], [[1]]),  # never right: the score stays 0
        ([([1, 0], 1), ([1, 0], -1)], [[1, 0]]),
        ([([0, 1], 1)], []),
    ],
)
def test_the_smallest_data(examples: list[Example], queries: list[list[int]]):
    assert held(examples, queries, bits=5, epochs=3)


def test_an_empty_query_is_answered_as_a_score_of_0():
    run = outcome(MACHINE, perceptron_tapes([([1, 1], 1)], [[]], bits=3, epochs=2), max_steps=10_000)
    assert run.accepted
    assert answers(run.tape[0]) == [-1]


def trained(data: str, weights: list[int], bits: int) -> tuple[str, list[int]]:
    """The state and the weights that a run ends with which begins with other weights than 0."""
    tapes = [data, "".join(word(weight, bits) + "|" for weight in weights), "0" * bits + "|"]
    run = outcome(MACHINE, tapes, max_steps=9_999)
    return run.state, words(run.tape[1])


@pytest.mark.parametrize("bits", [2, 3, 6])
def test_a_weight_reaches_the_limit_of_the_word_and_no_further(bits: int):
    high, low = 2 ** (bits - 1) - 1, -(2 ** (bits - 1))
    assert trained("e^11p#", [high - 1, low], bits) == ("done", [high, low + 1])
    assert trained("e^11p#", [high, low], bits)[0] == "overflow"
    assert trained("e^111n#", [low + 1, high, high], bits) == ("done", [low, high - 1, high - 1])
    assert trained("e^111n#", [low, high, high], bits)[0] == "overflow"


def test_a_sum_beyond_the_word_stops_the_machine_even_where_a_later_one_would_bring_it_back():
    tapes = ["e^111p#", "".join(word(w, 3) + "|" for w in (3, 1, -2)), "000|"]
    assert outcome(MACHINE, tapes, max_steps=9_999).state == "overflow"
    tapes[1] = "".join(word(w, 3) + "|" for w in (3, -2, 1))
    assert outcome(MACHINE, tapes, max_steps=9_999).accepted


def test_words():
    for bits in range(1, 6):
        for value in range(-(2 ** (bits - 1)), 2 ** (bits - 1)):
            assert number(word(value, bits)) == value
        for value in (2 ** (bits - 1), -(2 ** (bits - 1)) - 1):
            with pytest.raises(OverflowError):
                word(value, bits)

"""The averaged perceptron on its tapes, sums, answers, log and steps, held against ordinary code on random data."""

from __future__ import annotations

from random import Random

from tests.tm.learners.datasets import random_dataset
from tm import outcome
from tm.learners.averaged import averaged_machine, averaged_steps, sums
from tm.learners.examples import answers, mistakes, perceptron_tapes
from tm.learners.perceptron_reference import averaged_reference, perceptron_answer

MACHINE = averaged_machine()


def test_200_random_datasets():
    rng, fits = Random(15), 0
    for _ in range(250):
        examples, queries = random_dataset(rng)
        bits, epochs, d = rng.randint(4, 11), rng.randint(0, 6), len(examples[0][0])
        run = outcome(MACHINE, perceptron_tapes(examples, queries, bits=bits, epochs=epochs), max_steps=1_000_000)
        try:
            total, log = averaged_reference(examples, d, bits=bits, epochs=epochs)
            replies = [perceptron_answer(total, query, bits=bits) for query in queries]
        except OverflowError:
            assert (run.state, run.accepted) == ("overflow", False)
            continue
        assert run.accepted
        assert (sums(run.tape[1]), answers(run.tape[0]), mistakes(run.tape[2])) == (total, replies, log)
        ones = sum(sum(x) for x, _ in examples)
        asked = [sum(query) for query in queries]
        assert run.steps == averaged_steps(len(examples), d, bits, epochs, log, ones, asked)
        fits += 1
    assert 200 <= fits < 250


def test_it_fits_the_network_of_the_perceptron():
    assert len(MACHINE.states) <= 64
    assert len(MACHINE.symbols) <= 16

"""The perceptron through the base network: the weights and answers of scikit-learn, from a prompt of rules."""

from __future__ import annotations

from random import Random

import pytest

from compiled_models import fingerprint
from compiled_models.comparison import compare
from compiled_models.learning.data import Dataset
from compiled_models.learning.learner import Lesson, learn
from compiled_models.learning.perceptron import PerceptronLearner, sklearn_perceptron
from construction import base_network, compile_machine
from construction.number_format import FORMATS
from tests.compiled_models.learning.one_network import NETWORK, SHA256
from tests.tm.learners.datasets import random_dataset
from tm.learners.examples import perceptron_tapes
from tm.learners.perceptron import perceptron_machine
from tm.learners.perceptron_reference import perceptron_reference


def lesson(seed: int, decoder: str, *, bits: int = 8, epochs: int = 5, **sizes: int) -> Lesson:
    examples, queries = random_dataset(Random(seed), **sizes)
    data = Dataset(tuple((tuple(x), y) for x, y in examples))
    return learn(PerceptronLearner(data, bits=bits, epochs=epochs), queries, NETWORK, decoder=decoder)


@pytest.mark.parametrize("seed", range(3))
def test_equal_to_scikit_learn_by_kernels(seed: int):
    """`benchmarks/learners.py` tries 20."""
    done = lesson(seed, "kernels")
    assert done.equal, (done.learnt, done.reference)
    assert done.result.decoder == "kernels"


@pytest.mark.parametrize("seed", [100, 105])
def test_equal_to_scikit_learn_by_the_dense_decoder(seed: int):
    done = lesson(seed, "dense", bits=4, epochs=2, most=2, features=2)
    assert done.equal
    assert done.result.decoder == "dense"


def test_one_network_before_and_after():
    assert fingerprint(NETWORK).sha256 == SHA256


def test_scikit_learn_with_these_settings_is_the_reference():
    compared = 0
    for seed in range(200):
        examples, _ = random_dataset(Random(seed))
        data = Dataset(tuple((tuple(x), y) for x, y in examples))
        if len({label for _, label in examples}) == 2:
            compared += 1
            weights, _ = perceptron_reference(examples, data.dimension, bits=20, epochs=7)
            assert sklearn_perceptron(data, 7).coef_[0].tolist() == weights
    assert compared > 100


def test_the_learner_in_the_weights_generates_the_same_tokens():
    """`compile_machine(learner)`: its prompt is nothing but labelled examples and queries."""
    examples, queries = random_dataset(Random(3), most=3, features=2)
    machine, tapes = perceptron_machine(), perceptron_tapes(examples, queries, bits=4, epochs=2)
    comparison = compare(NETWORK, machine, tapes, max_steps=200, decoder="streaming")
    assert comparison.equal
    tuned = compile_machine(machine, states=256, symbols=16, tapes=3)
    data = Dataset(tuple((tuple(x), y) for x, y in examples))
    assert learn(PerceptronLearner(data, bits=4, epochs=2), queries, tuned, decoder="streaming").equal


def test_a_run_beyond_the_certificate_is_stopped_and_said():
    """In float32 some thousand tokens are certified, and this training takes more."""
    network = base_network(states=64, symbols=16, tapes=3, dtype=FORMATS["float32"])
    examples, queries = random_dataset(Random(1), most=40)
    data = Dataset(tuple((tuple(x), y) for x, y in [*examples, (examples[0][0], -examples[0][1])]))
    done = learn(PerceptronLearner(data, bits=30, epochs=20), queries, network, decoder="streaming")
    assert done.result.reason == "not certified"
    assert not done.certified
    assert not done.equal

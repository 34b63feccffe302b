"""The perceptron through the base network: the weights and answers of scikit-learn, from a prompt of rules."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from compiled_models import fingerprint, run
from compiled_models.comparison import compare
from compiled_models.learning.data import Dataset
from compiled_models.learning.learner import Lesson, learn, learning_network
from compiled_models.learning.perceptron import PerceptronLearner, sklearn_perceptron
from construction import base_network, compile_machine
from construction.number_format import FORMATS
from tests.tm.learners.datasets import random_dataset
from tm import Machine, Rule, outcome
from tm.learners.examples import perceptron_tapes
from tm.learners.perceptron import perceptron_machine
from tm.learners.perceptron_reference import perceptron_reference
from tm.learners.word import words

NETWORK = learning_network()
SHA256 = "c37a26a230999355090d5533762c5822b76a3217b7d2fcc721d22b9090e0da95"


def lesson(seed: int, decoder: str, *, bits: int = 8, epochs: int = 5, **sizes: int) -> Lesson:
    examples, queries = random_dataset(Random(seed), **sizes)
    data = Dataset(tuple((tuple(x), y) for x, y in examples))
    return learn(PerceptronLearner(data, bits=bits, epochs=epochs), queries, NETWORK, decoder=decoder)


@pytest.mark.parametrize("seed", range(5))
def test_equal_to_scikit_learn_by_kernels(seed: int):
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
    comparison = compare(NETWORK, machine, tapes, max_steps=400, decoder="streaming")
    assert comparison.equal
    assert comparison.halted
    tuned = compile_machine(machine, states=256, symbols=16, tapes=3)
    data = Dataset(tuple((tuple(x), y) for x, y in examples))
    assert learn(PerceptronLearner(data, bits=4, epochs=2), queries, tuned, decoder="kernels").equal


def test_shuffled_labels_teach_nothing():
    rng = np.random.default_rng(0)
    vectors = np.column_stack([rng.integers(0, 2, (160, 8)), np.ones(160, dtype=int)])
    labels = np.where(vectors[:, :3].sum(1) >= 2, 1, -1)  # the majority of three
    right = []
    for shown in (labels[:80], rng.permutation(labels[:80])):
        examples = tuple((tuple(x), int(y)) for x, y in zip(vectors[:80].tolist(), shown, strict=True))
        done = learn(PerceptronLearner(Dataset(examples)), vectors[80:].tolist(), NETWORK)
        assert done.equal
        right.append(np.mean(np.array(done.learnt.answers) == labels[80:]))
    assert right[0] > 0.95
    assert right[1] < 0.7


def test_one_other_rule_and_it_learns_what_the_simulator_learns_with_that_rule():
    machine = perceptron_machine()
    borrow = Rule("update(label=n)", ("1", "1", "0"), "updated(label=n;now=yes)", ("1", "0", "0"), ("S", "R", "S"))
    assert borrow in machine.rules
    wrong = replace_rule(machine, borrow, replace(borrow, write=("1", "1", "0")))  # the digit stays: -1 is forgotten
    examples, queries = random_dataset(Random(5))
    tapes = perceptron_tapes(examples, queries, bits=8, epochs=5)
    plain, changed = (run(NETWORK, each, tapes, decoder="kernels") for each in (machine, wrong))
    simulated = outcome(wrong, tapes)
    assert changed.tape == simulated.tape
    assert changed.steps == simulated.steps
    assert words(changed.tape[1]) != words(plain.tape[1])


def replace_rule(machine: Machine, old: Rule, new: Rule) -> Machine:
    return Machine(
        rules=[new if rule == old else rule for rule in machine.rules],
        tapes=machine.tapes,
        accept=machine.accept,
        reject=machine.reject,
        start=machine.start,
    )


def test_a_run_beyond_the_certificate_is_stopped_and_said():
    """In float32 some thousand tokens are certified, and this training takes more."""
    network = base_network(states=64, symbols=16, tapes=3, dtype=FORMATS["float32"])
    examples, queries = random_dataset(Random(1), most=40)
    data = Dataset(tuple((tuple(x), y) for x, y in [*examples, (examples[0][0], -examples[0][1])]))
    done = learn(PerceptronLearner(data, bits=30, epochs=20), queries, network, decoder="streaming")
    assert done.result.reason == "not certified"
    assert not done.certified
    assert not done.equal

"""What is learnt comes from data and rules: with shuffled labels nothing, with another rule something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Any, NamedTuple

import pytest

from compiled_models import run
from compiled_models.learning.count import CountLearner
from compiled_models.learning.data import Dataset
from compiled_models.learning.learner import Learner, learn
from compiled_models.learning.network import NetworkLearner, NetworkSettings
from compiled_models.learning.perceptron import AveragedLearner, PerceptronLearner
from tests.compiled_models.learning.one_network import NETWORK
from tm import Machine, Rule, outcome


class Lesson(NamedTuple):
    """A learner with data that follow a rule, and questions with the answers that follow it."""

    learner: Callable[[list[Any]], Learner]
    labels: list[Any]
    questions: list[Any]
    answers: list[Any]
    says: Callable[[Any], Any] = lambda answer: answer


def majority(kind: type[PerceptronLearner]) -> Lesson:
    """The label is what most of the first three features say; the last is always 1."""
    rng = Random(0)
    vectors = [(*(rng.randint(0, 1) for _ in range(5)), 1) for _ in range(100)]
    labels = [1 if sum(vector[:3]) >= 2 else -1 for vector in vectors]

    def learner(shown: list[int]) -> Learner:
        return kind(Dataset(tuple(zip(vectors[:50], shown, strict=True))), bits=14, epochs=6)

    return Lesson(learner, labels[:50], vectors[50:], labels[50:])


def successors() -> Lesson:
    """After each context comes one token, its own."""
    contexts, tokens = list("abcde") * 8, list("vwxyz") * 8

    def learner(shown: list[str]) -> Learner:
        return CountLearner(list(zip(contexts, shown, strict=True)), bits=4)

    return Lesson(learner, tokens, list("abcde"), list("vwxyz"))


def above_a_quarter() -> Lesson:
    """The target is 1 where x > 1/4, else -1."""
    rng = Random(0)
    points = [(rng.uniform(-1, 1),) for _ in range(54)]
    targets = [1.0 if x > 0.25 else -1.0 for (x,) in points]
    settings = NetworkSettings(units=2, epochs=2, bits=12, fraction=7, rate=0.5, seed=1)

    def learner(shown: list[float]) -> Learner:
        return NetworkLearner(list(zip(points[:24], shown, strict=True)), settings)

    return Lesson(learner, targets[:24], points[24:], targets[24:], lambda y: 1.0 if y > 0 else -1.0)


@pytest.mark.parametrize(
    "lesson",
    [majority(PerceptronLearner), majority(AveragedLearner), successors(), above_a_quarter()],
    ids=["perceptron", "averaged", "count", "network"],
)
def test_shuffled_labels_teach_nothing(lesson: Lesson):
    shuffled = Random(1).sample(lesson.labels, len(lesson.labels))
    right = []
    for shown in (lesson.labels, shuffled):
        learner = lesson.learner(shown)
        done = learn(learner, lesson.questions, NETWORK, decoder="kernels")
        assert done.equal
        assert done.result.steps == learner.steps(lesson.questions)
        said = map(lesson.says, done.learnt.answers)
        right.append(sum(one == other for one, other in zip(said, lesson.answers, strict=True)) / len(lesson.answers))
    usual = max(lesson.answers.count(answer) for answer in set(lesson.answers)) / len(lesson.answers)
    assert right[0] >= 0.9
    assert right[1] <= usual + 0.1, "no better than always the same answer"


class Change(NamedTuple):
    """One rule of a learner, what it becomes, and a problem in which that matters."""

    learner: Learner
    queries: Sequence[Any]
    state: str
    read: tuple[str, ...]
    to: dict[str, Any]


VECTORS = Dataset((((1, 0, 1), -1), ((1, 1, 0), 1), ((0, 1, 1), -1), ((1, 1, 1), 1)))
FORGETS = {"write": ("1", "1", "0")}
"""The perceptron leaves the weight as it is where it should take 1 from it."""
NOT_ADDED = {"write": ("1", "1", "0")}
"""A digit of the last weights is not added to its sum."""
LATER = {"next_state": "take", "moves": ("S", "L", "L")}
"""Of tokens that are equally frequent the later is the answer."""
ROUNDS_DOWN = {"write": ("?", "g", "0")}
"""Where half a unit in the last place is made ready for the next sum to be rounded, there is none."""
CHANGES = {
    "perceptron": Change(
        PerceptronLearner(VECTORS, bits=5, epochs=3), [(1, 1, 1)], "update(label=n)", ("1", "1", "0"), FORGETS
    ),
    "averaged": Change(
        AveragedLearner(VECTORS, bits=7, epochs=3), [(1, 1, 1)], "last(carry=0;overflow=no)", ("1", "1", "0"), NOT_ADDED
    ),
    "count": Change(CountLearner([("a", "x"), ("a", "y")], bits=2), ["a"], "same", ("x", "|", "|"), LATER),
    "network": Change(
        NetworkLearner([((0.5,), 1.0), ((-1.0,), 0.5)], NetworkSettings(units=2, epochs=2, bits=9, fraction=5, seed=2)),
        [(0.5,)],
        "clear(tape=1;then=outgoing;point=yes)",
        ("?", "g", "1"),
        ROUNDS_DOWN,
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_one_other_rule_and_it_learns_what_the_simulator_learns_with_that_rule(change: Change):
    machine, tapes = change.learner.machine(), change.learner.tapes(change.queries)
    (rule,) = (rule for rule in machine.rules if (rule.state, rule.read) == (change.state, change.read))
    other = with_rule(machine, rule, replace(rule, **change.to))
    simulated, plain = (outcome(each, tapes, max_steps=100_000) for each in (other, machine))
    changed = run(NETWORK, other, tapes, max_steps=100_000, decoder="kernels")
    assert changed.accepted
    assert changed.tape == simulated.tape
    assert changed.steps == simulated.steps
    assert change.learner.read(changed.tape) != change.learner.read(plain.tape)


def with_rule(machine: Machine, old: Rule, new: Rule) -> Machine:
    return Machine(
        rules=[new if rule == old else rule for rule in machine.rules],
        tapes=machine.tapes,
        accept=machine.accept,
        reject=machine.reject,
        start=machine.start,
    )

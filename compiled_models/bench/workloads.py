"""The machines of the benchmark: very different ones, each with an input and a number of steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from compiled_models.learning.data import Dataset
from compiled_models.learning.perceptron import PerceptronLearner
from tm import Input, Machine, Rule, library

__all__ = ["WORKLOADS", "Workload"]


@dataclass(frozen=True, slots=True)
class Workload:
    """A run to be timed: `steps` is how far the fast contestants take it."""

    name: str
    machine: Machine
    input: Input
    steps: int

    def cut(self, steps: int) -> Workload:
        """The same for fewer steps, with no more input than they can need: a slow contestant has to read that too.

        >>> WORKLOADS["increment"]().cut(10).input
        '11111'
        """
        longest = max(1, steps // 2) if steps < self.steps else None
        cells = self.input[:longest] if isinstance(self.input, str) else [tape[:longest] for tape in self.input]
        return replace(self, input=cells, steps=min(steps, self.steps))


def _bb5() -> Workload:
    return Workload("BB(5) champion, full", library.load("bb5"), "", 47_176_870)


def _bb4_again_and_again() -> Workload:
    """The 4-state champion, and from where it halts on to fresh tape, where it starts again."""
    champion = library.load("bb4")
    halt = next(rule.next_state for rule in champion.rules if not champion.rules_for(rule.next_state, ("0",)))
    rules = [*champion.rules, Rule(halt, ("1",), halt, ("1",), ("R",)), Rule(halt, ("0",), "hop1", ("0",), ("R",))]
    for hop in range(1, 16):
        next_state = f"hop{hop + 1}" if hop < 15 else champion.start
        rules += [
            Rule(f"hop{hop}", ("1",), halt, ("1",), ("R",)),
            Rule(f"hop{hop}", ("0",), next_state, ("0",), ("R",)),
        ]
    return Workload("BB(4) champion, again and again", Machine(blank="0", rules=rules), "", 5_000_000)


def _increment() -> Workload:
    return Workload("increment, 1,000,000 digits", library.load("increment"), "1" * 1_000_000, 2_000_002)


def _three_tapes() -> Workload:
    ones = ["1" * 1_400, "1" * 1_400, ""]
    return Workload("three tapes: multiply", library.load("three_tape_multiply"), ones, 1_961_401)


def _large() -> Workload:
    """A machine of 100 states and 20 symbols with a rule for everything; it never halts."""
    random, states, symbols = Random(7), [f"q{i}" for i in range(100)], [f"{i}" for i in range(20)]
    rules = [
        Rule(state, (symbol,), random.choice(states), (random.choice(symbols),), (random.choice("LR"),))
        for state in states
        for symbol in symbols
    ]
    return Workload("100 states, 20 symbols", Machine(blank="0", rules=rules, states=states), "", 5_000_000)


def _learner() -> Workload:
    """A perceptron that trains on its tape: 150 examples of 24 features with random labels, 20 epochs."""
    random = Random(1)
    rows = [tuple(random.randint(0, 1) for _ in range(24)) for _ in range(150)]
    learner = PerceptronLearner(Dataset(tuple((row, random.choice((1, -1))) for row in rows)), bits=10, epochs=20)
    return Workload("perceptron learner", learner.machine(), learner.tapes([rows[0]]), 2_800_000)


WORKLOADS: dict[str, Callable[[], Workload]] = {
    "bb5": _bb5,
    "bb4": _bb4_again_and_again,
    "increment": _increment,
    "three": _three_tapes,
    "large": _large,
    "learner": _learner,
}

"""A learner on the base network: its machine in the prompt, the data on the tape, and the same training beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from compiled_models.runner import Result, run
from compiled_models.transcript import Transcript
from construction import base_network
from construction.certificate import certified_budget
from construction.transformer import Transformer
from tm import InputError, Machine, Problem

__all__ = ["Learner", "Learnt", "Lesson", "learn", "learning_network", "require_certified"]

MOST_STEPS = 1_000_000_000
"""More than the certificate allows: it is what ends a run."""


@dataclass(frozen=True)
class Learnt:
    """What a training led to.

    Attributes:
        weights: in the order in which they stand on the tape; None where a learner has none.
        answers: one for each query.
        curve: what the training says of itself, epoch by epoch (mistakes, say); empty where it says nothing.
    """

    weights: list[Any] | None
    answers: list[Any]
    curve: list[Any] = field(default_factory=list)


class Learner(Protocol):
    """A training procedure as a machine, and as ordinary code.

    Attributes:
        name: what it is called by.
        reference_name: whose the ordinary code is.
        curve_name: what the training says of itself.
    """

    name: str
    reference_name: str
    curve_name: str

    def machine(self) -> Machine:
        """The machine: its rules are the learning algorithm."""

    def tapes(self, queries: Sequence[Any]) -> list[Any]:
        """What stands on its tapes: the data, the queries, the weights before the training."""

    def read(self, tapes: Sequence[Sequence[str]]) -> Learnt:
        """What stands there after it."""

    def reference(self, queries: Sequence[Any]) -> Learnt:
        """The same training in ordinary code."""

    def steps(self, queries: Sequence[Any]) -> int:
        """How many tokens a run takes, known before it.

        Raises:
            OverflowError: where a number does not fit into its word, so that the machine halts before.
        """

    def least_steps(self, queries: Sequence[Any]) -> int:
        """How many it takes at least, known without going through the training; 0 where nothing is."""

    def position(self, transcript: Transcript) -> str:
        """How far a run is, read off its tapes: epoch and example."""

    def too_small(self) -> Problem:
        """What to say where the machine stopped because a number did not fit."""


@dataclass(frozen=True)
class Lesson:
    """A training that the base network generated, token by token, beside the same in ordinary code.

    Attributes:
        result: of the run.
        rules: of the machine, an example in the prompt each.
        cells: of the input.
        learnt: what stands on the tapes at the end.
        reference: what the ordinary code says.
    """

    result: Result
    rules: int
    cells: int
    learnt: Learnt
    reference: Learnt

    @property
    def certified(self) -> bool:
        """Whether the run is within what the network's certificate says, to its end."""
        return self.result.halted

    @property
    def equal(self) -> bool:
        """Whether weights, answers and curve are the same."""
        return self.certified and self.learnt == self.reference

    @property
    def difference(self) -> int | None:
        """The number of the first weight that is not the same; None if all are."""
        pairs = zip(self.learnt.weights or [], self.reference.weights or [], strict=False)
        return next((i for i, (one, other) in enumerate(pairs) if one != other), None)


def require_certified(learner: Learner, queries: Sequence[Any], network: Transformer, decoder: str = "kernels") -> None:
    """Check that a run is certified to its end, before it begins.

    Args:
        learner: with its data.
        queries: what will be asked.
        network: what will run it.
        decoder: what will generate it.

    Raises:
        InputError: where it takes more tokens than are certified.

    >>> from compiled_models.learning.data import Dataset
    >>> from compiled_models.learning.perceptron import PerceptronLearner
    >>> data = Dataset((((1,), 1), ((1,), -1)))
    >>> require_certified(PerceptronLearner(data, bits=4), [], learning_network())
    """
    budget = certified_budget(network, decoder).tokens
    prompt = 2 + len(learner.machine().rules) + sum(map(len, learner.tapes(queries)))
    for known, found in ((learner.least_steps, "{:,} at least"), (learner.steps, "{:,}")):
        try:
            total = prompt + known(queries)
        except OverflowError:
            return  # the machine will stop at that number, and say so
        if total > budget:
            message = "this training takes more tokens than are certified"
            hint = "fewer epochs, examples, features, words or bits"
            raise InputError(Problem(message, f"{budget:,} at most, with the prompt", found.format(total), hint))


def learning_network() -> Transformer:
    """The base network on which the learners run, one for all: 256 states, 16 symbols, 3 tapes."""
    return base_network(states=256, symbols=16, tapes=3)


def learn(
    learner: Learner,
    queries: Sequence[Any],
    network: Transformer,
    *,
    decoder: str | None = None,
    progress: Callable[[Transcript], None] | None = None,
    record: Callable[[Transcript], int] | None = None,
) -> Lesson:
    """Have a network train and answer: it generates the whole run, and what it learnt is read off the tapes.

    Args:
        learner: with its data.
        queries: what to ask afterwards.
        network: a base network, or the one that `compile_machine` makes of the learner's machine.
        decoder: as for `compiled_models.run`.
        progress: likewise.
        record: likewise.

    Raises:
        InputError: where a number did not fit into its word.
        CapacityError: where the learner does not fit the network.

    >>> from compiled_models.learning.data import Dataset
    >>> from compiled_models.learning.perceptron import PerceptronLearner
    >>> data = Dataset((((1, 0), 1), ((0, 1), -1)))
    >>> lesson = learn(PerceptronLearner(data, bits=4), [(1, 1)], learning_network())
    >>> lesson.learnt, lesson.equal
    (Learnt(weights=[1, -1], answers=[-1], curve=[2, 0]), True)
    """
    machine, tapes = learner.machine(), learner.tapes(queries)
    go = partial(run, decoder=decoder, progress=progress, record=record)
    result = go(network, machine, tapes, max_steps=MOST_STEPS)
    if result.halted and not result.accepted:
        raise InputError(learner.too_small())
    learnt = learner.read(result.tape)
    cells = sum(map(len, tapes))
    return Lesson(result, len(machine.rules), cells, learnt, learner.reference(queries))

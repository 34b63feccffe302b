"""The network that is trained on the tape, beside the same fixed point in NumPy and PyTorch's float32."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from compiled_models.learning.data import (
    MOST_PROBLEMS,
    SPACES,
    Dataset,
    Row,
    holds_texts,
    is_number,
    read_dataset,
    read_rows,
)
from compiled_models.learning.learner import Learnt
from compiled_models.transcript import Transcript
from tm import InputError, Machine, Problem
from tm.learners.network import network_machine
from tm.learners.network_reference import FixedPoint, Model, network_outputs, network_reference
from tm.learners.network_steps import network_size, network_steps, network_steps_within
from tm.learners.network_tapes import network_numbers, network_tapes

__all__ = ["WORDS", "NetworkData", "NetworkLearner", "NetworkSettings", "Numbers", "pytorch_network", "read_numbers"]

BIAS = 1.0
"""The first input of every example."""

WORDS = 3
"""Of a text: those that tell most. Each input costs as many tokens as there are weights on it."""

Numbers = tuple[tuple[float, ...], float]
"""Inputs, and the target."""


@dataclass(frozen=True, kw_only=True)
class NetworkSettings:
    """What a training is told.

    Attributes:
        units: hidden units.
        rate: the learning rate.
        epochs: how often to go through the data.
        bits: W, of a number.
        fraction: F, those of them behind the point.
        seed: of the first weights, which are normal with a deviation of 0.5.
    """

    units: int = 4
    rate: float = 0.125
    epochs: int = 50
    bits: int = 16
    fraction: int = 10
    seed: int = 0


class NetworkLearner:
    """The network with its data and its first weights.

    Args:
        data: inputs and target of each example, in their order.
        settings: what the training is told.

    Raises:
        InputError: where the data, the rate or the first weights do not fit into the words, or the rate is 0 in them.
    """

    name, reference_name = "network", "the same fixed point in NumPy"
    curve_name = "errors of the last epoch, times the rate"

    def __init__(self, data: Sequence[Numbers], settings: NetworkSettings | None = None) -> None:
        self.data, self.settings = tuple(data), settings or NetworkSettings()
        if not math.isfinite(self.settings.rate):
            raise InputError(Problem("the learning rate is a finite number", found=str(self.settings.rate)))
        self.point = FixedPoint(self.settings.bits, self.settings.fraction)
        random = np.random.default_rng(self.settings.seed)
        inputs = 1 + len(self.data[0][0])
        try:
            self.rate = self.point.of(self.settings.rate)
            self.examples = [(self.inputs(x), self.point.of(target)) for x, target in self.data]
            weights, outgoing = (
                0.5 * random.normal(size=size) for size in ((self.settings.units, inputs), self.settings.units)
            )
            first = np.vectorize(self.point.of, otypes=[np.int64])
            self.start = Model(first(weights), first(outgoing))
        except OverflowError:
            raise InputError(self.too_small()) from None
        if not self.rate:
            unit = self.point.to(1)
            expected = f"{unit / 2:g} or more: numbers are multiples of {unit:g}"
            hint = "a larger --rate, or more --fraction"
            raise InputError(
                Problem("the learning rate is 0 in this fixed point", expected, f"{self.settings.rate:g}", hint)
            )

    def inputs(self, query: Sequence[float]) -> list[int]:
        """A query in fixed point, the constant input first.

        Raises:
            InputError: for a number that needs more bits.
        """
        try:
            return [self.point.of(x) for x in (BIAS, *query)]
        except OverflowError:
            raise InputError(self.too_small()) from None

    def machine(self) -> Machine:
        """The machine."""
        return network_machine()

    def tapes(self, queries: Sequence[Sequence[float]]) -> list[str]:
        """Data and queries, the first weights, the register."""
        settings = self.settings
        return network_tapes(
            self.examples,
            [self.inputs(query) for query in queries],
            self.start.weights.tolist(),
            self.start.outgoing.tolist(),
            rate=self.rate,
            bits=settings.bits,
            fraction=settings.fraction,
            epochs=settings.epochs,
        )

    def read(self, tapes: Sequence[Sequence[str]]) -> Learnt:
        """The weights on tape 2; errors and outputs on tape 1."""
        incoming, outgoing = (network_numbers(tapes[1], label) for label in "wv")
        numbers = network_numbers(tapes[0], "?")
        return self._learnt(incoming, outgoing, numbers[: len(self.data)], numbers[len(self.data) :])

    def reference(self, queries: Sequence[Sequence[float]]) -> Learnt:
        """The same in NumPy."""
        model = network_reference(self.examples, self.start, self.rate, self.point, self.settings.epochs)
        outputs = network_outputs(model, [self.inputs(query) for query in queries], self.point)
        errors = model.errors or [0] * len(self.data)
        return self._learnt(model.weights.ravel().tolist(), model.outgoing.tolist(), errors, outputs)

    def _learnt(self, incoming: list[int], outgoing: list[int], errors: list[int], outputs: list[int]) -> Learnt:
        weights, answers, curve = ([self.point.to(n) for n in each] for each in (incoming + outgoing, outputs, errors))
        return Learnt(weights, answers, curve)

    def steps(self, queries: Sequence[Sequence[float]]) -> int:
        """By `network_steps`: the training is gone through in NumPy.

        Raises:
            OverflowError: where a number needs more bits.
        """
        asked = [self.inputs(query) for query in queries]
        return network_steps(self.examples, asked, self.start, self.rate, self.point, self.settings.epochs)

    def least_steps(self, queries: Sequence[Sequence[float]]) -> int:
        """A number of tokens that no run of this size is shorter than, known at once."""
        size = network_size(self.examples, queries, self.start, self.point, self.settings.epochs)
        return network_steps_within(size)[0]

    def position(self, transcript: Transcript) -> str:
        """Epoch and example: each epoch has taken an e away, and head 1 is in the example."""
        first, epochs = transcript.placed_tapes()[0][0], self.settings.epochs
        width = (1 + self.settings.bits) * (len(self.data[0][0]) + 3)
        example = (transcript.heads[0] - epochs) // width + 1
        return f"epoch {first} of {epochs}, example {min(max(example, 1), len(self.data))} of {len(self.data)}"

    def too_small(self) -> Problem:
        """The word is too small."""
        bits, fraction = self.settings.bits, self.settings.fraction
        hint = "more --bits, a smaller --rate, or smaller numbers"
        expected = (
            f"numbers from {-(2 ** (bits - fraction - 1))} to {2 ** (bits - fraction - 1)}, or they would be wrong"
        )
        return Problem(f"words of {bits} bits, {fraction} of them behind the point, are too small", expected, hint=hint)


def pytorch_network(learner: NetworkLearner, queries: Sequence[Sequence[float]]) -> tuple[list[float], list[float]]:
    """The same training by PyTorch, in float32, from the same first weights: weights and answers.

    >>> learner = NetworkLearner([((0.0,), 0.0), ((1.0,), 1.0)], NetworkSettings(units=2, epochs=3))
    >>> weights, answers = pytorch_network(learner, [(1.0,)])
    >>> max(abs(a - b) for a, b in zip(weights, learner.reference([]).weights, strict=True)) < 0.01
    True
    """
    scale = float(1 << learner.point.fraction)
    weights, outgoing = (
        torch.nn.Parameter(torch.from_numpy(start / scale).float())
        for start in (learner.start.weights, learner.start.outgoing)
    )
    optimiser = torch.optim.SGD([weights, outgoing], lr=learner.rate / scale)
    for _ in range(learner.settings.epochs):
        for inputs, target in learner.examples:
            output = outgoing @ torch.relu(weights @ (torch.tensor(inputs) / scale))
            optimiser.zero_grad()
            ((output - target / scale) ** 2 / 2).backward()
            optimiser.step()
    with torch.no_grad():
        asked = [torch.tensor(learner.inputs(query)) / scale for query in queries]
        answers = [float(outgoing @ torch.relu(weights @ x)) for x in asked]
    return [*weights.detach().ravel().tolist(), *outgoing.detach().tolist()], answers


@dataclass(frozen=True)
class NetworkData:
    """Examples in their order, as a file has them.

    Attributes:
        examples: inputs and target of each.
        words: what the inputs are where the examples are texts: 1 for each of these that a text has; None for numbers.
    """

    examples: tuple[Numbers, ...]
    words: Dataset | None = None

    @property
    def width(self) -> int:
        """How many inputs an example has."""
        return len(self.examples[0][0])

    def inputs(self, query: str) -> tuple[float, ...]:
        """A query as inputs: a text's words, or numbers as they stand in the file, without a target.

        Raises:
            InputError: for something else than so many numbers.

        >>> NetworkData((((1.0, 0.5), 1.0),)).inputs("0 0.25")
        (0.0, 0.25)
        """
        if self.words is not None:
            return _without_constant(self.words.vector(query))
        fields = query.split()
        if len(fields) != self.width or not all(map(is_number, fields)):
            expected = f"{self.width} numbers, as the examples have"
            raise InputError(Problem("the query does not fit the data", expected, repr(query)))
        return tuple(map(float, fields))


def read_numbers(path: str, *, words: int = WORDS, like: NetworkData | None = None) -> NetworkData:
    """Inputs and targets from a file.

    Args:
        path: a row an example, numbers with white space between, the target last. Or a TSV of text and label (+1, -1)
            in either order: the target is the label, and an input is 1 for each word that a text has of those that
            tell most (`compiled_models.learning.data.bag_of_words`), else 0.
        words: how many, of texts.
        like: take words and width from these data: the file holds questions about them.

    Raises:
        FileError: for a file that cannot be read.
        InputError: with every reason and its line, for what is no finite number, for rows of another width, for labels
            that are none, and for an empty file.
    """
    if holds_texts(path) if like is None else like.words is not None:
        texts = read_dataset(path, features=words + 1, like=None if like is None else like.words)
        return NetworkData(tuple((_without_constant(x), float(label)) for x, label in texts.examples), texts)
    rows = read_rows(path)
    width = len(rows[0].fields) if like is None else like.width + 1
    problems = [problem for row in rows for problem in _problems(row, width)]
    if problems:
        raise InputError(*problems[:MOST_PROBLEMS])
    return NetworkData(tuple((tuple(map(float, row.fields[:-1])), float(row.fields[-1])) for row in rows))


def _without_constant(features: Sequence[int]) -> tuple[float, ...]:
    """The features of a text without the one that is always 1: the network has an input of its own for that."""
    return tuple(map(float, features[:-1]))


def _problems(row: Row, width: int) -> list[Problem]:
    if width < 2:
        return [
            row.problem("an example has no inputs", "inputs, and the target last", f"{len(row.fields)} field", SPACES)
        ]
    if len(row.fields) != width:
        return [row.problem("a row of another width", f"{width} fields, as in the first row", str(len(row.fields)))]
    strange = [field for field in row.fields if not is_number(field)]
    return [row.problem("an entry that is no number", "a finite number", " ".join(strange[:5]))] if strange else []

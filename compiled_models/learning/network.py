"""The network that is trained on the tape, beside the same fixed point in NumPy and PyTorch's float32."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from compiled_models.learning.data import MOST_PROBLEMS, Row, is_number, read_rows
from compiled_models.learning.learner import Learnt
from compiled_models.transcript import Transcript
from tm import InputError, Machine, Problem
from tm.learners.network import network_machine
from tm.learners.network_reference import FixedPoint, Model, network_outputs, network_reference
from tm.learners.network_tapes import network_numbers, network_tapes

__all__ = ["NetworkLearner", "NetworkSettings", "Numbers", "pytorch_network", "read_numbers"]

BIAS = 1.0
"""The first input of every example."""

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
        InputError: where the data, the rate or the first weights do not fit into the words.
    """

    name, reference_name = "network", "the same fixed point in NumPy"
    curve_name = "errors of the last epoch, times the rate"

    def __init__(self, data: Sequence[Numbers], settings: NetworkSettings | None = None) -> None:
        self.data, self.settings = tuple(data), settings or NetworkSettings()
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

    def inputs(self, query: Sequence[float]) -> list[int]:
        """A query in fixed point, the constant input first."""
        return [self.point.of(x) for x in (BIAS, *query)]

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


def read_numbers(path: str, width: int | None = None) -> tuple[Numbers, ...]:
    """Inputs and targets from a file: a row an example, numbers with white space between, the target last.

    Args:
        path: the file.
        width: how many numbers a row has; None: as many as the first.

    Raises:
        FileError: for a file that cannot be read.
        InputError: with every reason and its line, for what is no finite number and for rows of another width.
    """
    rows = read_rows(path)
    width = len(rows[0].fields) if width is None else width
    problems = [problem for row in rows for problem in _problems(row, width)]
    if problems:
        raise InputError(*problems[:MOST_PROBLEMS])
    return tuple((tuple(map(float, row.fields[:-1])), float(row.fields[-1])) for row in rows)


def _problems(row: Row, width: int) -> list[Problem]:
    if width < 2:
        return [row.problem("an example has no inputs", "inputs, and the target last", f"{len(row.fields)} field")]
    if len(row.fields) != width:
        return [row.problem("a row of another width", f"{width} fields, as in the first row", str(len(row.fields)))]
    strange = [field for field in row.fields if not is_number(field)]
    return [row.problem("an entry that is no number", "a finite number", " ".join(strange[:5]))] if strange else []

"""The network's training in ordinary code, in the same fixed point: what the machine is held against, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Example",
    "FixedPoint",
    "Model",
    "Update",
    "hidden_units",
    "network_outputs",
    "network_reference",
    "network_updates",
]

Integers = NDArray[np.int64]
Example = tuple[Sequence[int], int]
"""Inputs, of which the first is 1, and the target, in fixed point."""


@dataclass(frozen=True)
class FixedPoint:
    """Numbers of so many bits in two's complement, so many of them behind the point.

    >>> point = FixedPoint(8, 4)
    >>> point.of(0.3), point.to(5), point.rounded(np.array([39, 40]))
    (5, 0.3125, array([2, 3]))
    """

    bits: int
    fraction: int

    def of(self, value: float) -> int:
        """The nearest number, as an integer.

        Raises:
            OverflowError: where it needs more bits.
        """
        return int(self.checked(np.array([round(value * (1 << self.fraction))]))[0])

    def to(self, number: int) -> float:
        """What a number stands for."""
        return number / (1 << self.fraction)

    def rounded(self, products: Integers) -> Integers:
        """Sums of products as numbers: to the nearest, of two equally near the larger."""
        return (products + (1 << self.fraction - 1)) >> self.fraction

    def checked(self, numbers: Integers) -> Integers:
        """The same numbers.

        Raises:
            OverflowError: where one needs more bits.
        """
        limit = 1 << self.bits - 1
        if (numbers < -limit).any() or (numbers >= limit).any():
            raise OverflowError(f"a number does not fit into {self.bits} bits")
        return numbers


@dataclass
class Model:
    """A network with one hidden layer of ReLU units, its numbers in fixed point.

    Attributes:
        weights: of the hidden units [units inputs]; the first input is 1.
        outgoing: of each unit [units].
        errors: rate times target less output, of each example, as the last epoch left them [examples].
    """

    weights: Integers
    outgoing: Integers
    errors: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Update:
    """What one example does to a model.

    Attributes:
        before: the model until then.
        hidden: the activations [units].
        error: rate times target less output.
        gradient: of each unit that is active, else 0 [units].
        weights: the new ones [units inputs].
        outgoing: likewise [units].
    """

    before: Model
    hidden: Integers
    error: int
    gradient: Integers
    weights: Integers
    outgoing: Integers


def network_reference(examples: Sequence[Example], start: Model, rate: int, point: FixedPoint, epochs: int) -> Model:
    """The model after so many epochs over the examples, in their order.

    Args:
        examples: inputs (the first is 1) and target of each, in fixed point.
        start: the first weights.
        rate: the learning rate, in fixed point.
        point: the number format.
        epochs: how often to go through the examples.

    Raises:
        OverflowError: where a number needs more bits.

    >>> point = FixedPoint(10, 4)
    >>> model = network_reference([([16, 16], 16)], Model(np.array([[0, 8]]), np.array([16])), 4, point, 20)
    >>> model.weights, model.outgoing, network_outputs(model, [[16, 16]], point)
    (array([[ 3, 11]]), array([18]), [16])
    """
    model = Model(start.weights, start.outgoing)
    for update in network_updates(examples, start, rate, point, epochs):
        errors = [] if len(model.errors) == len(examples) else model.errors
        model = Model(update.weights, update.outgoing, [*errors, update.error])
    return model


def network_updates(
    examples: Sequence[Example], start: Model, rate: int, point: FixedPoint, epochs: int
) -> Iterator[Update]:
    """The training, example by example: see `network_reference`."""
    weights, outgoing = start.weights, start.outgoing
    for inputs, target in [*examples] * epochs:
        before = weights, outgoing
        x = np.array(inputs, dtype=np.int64)
        hidden = hidden_units(weights, x, point)
        output = point.rounded(outgoing @ hidden)
        difference = point.checked(np.array([target - output]))
        (error,) = point.checked(point.rounded(rate * difference)).tolist()
        gradient = point.checked(np.where(hidden > 0, point.rounded(outgoing * error), 0))
        outgoing = point.checked(outgoing + point.rounded(hidden * error))
        weights = point.checked(weights + point.rounded(np.outer(gradient, x)))
        yield Update(Model(*before), hidden, error, gradient, weights, outgoing)


def network_outputs(model: Model, queries: Sequence[Sequence[int]], point: FixedPoint) -> list[int]:
    """What the model says of queries, in fixed point.

    Raises:
        OverflowError: where a number needs more bits.
    """
    outputs = []
    for inputs in queries:
        hidden = hidden_units(model.weights, np.array(inputs, dtype=np.int64), point)
        outputs.append(int(point.checked(np.array([point.rounded(model.outgoing @ hidden)]))[0]))
    return outputs


def hidden_units(weights: Integers, x: Integers, point: FixedPoint) -> Integers:
    """The activations of the hidden units.

    Raises:
        OverflowError: where one needs more bits.
    """
    return point.checked(np.maximum(0, point.rounded(weights @ x)))

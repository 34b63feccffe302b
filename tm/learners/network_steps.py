"""How many steps the network's training takes: exactly, part by part, and within two bounds that need no numbers.

A part's steps depend on nothing but the lengths of words and register, with three exceptions: a multiplication takes
longer for each digit 1 of its multiplier, an activation of 0 is stored in another way than one above, and the gate
reads an activation up to its first 1. So the steps of a run are a polynomial in the numbers of examples, inputs, units,
digits and epochs, and a sum over multipliers and activations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tm.learners.network_reference import Example, FixedPoint, Model, hidden_units, network_updates

__all__ = ["NetworkSize", "network_size", "network_steps", "network_steps_within"]


@dataclass(frozen=True, kw_only=True)
class NetworkSize:
    """What the steps of a training depend on beside its numbers.

    Attributes:
        examples: n.
        queries: how many are asked afterwards.
        inputs: I, of an example, the one that is always 1 among them.
        units: H.
        bits: W.
        fraction: F.
        epochs: E.
    """

    examples: int
    queries: int
    inputs: int
    units: int
    bits: int
    fraction: int
    epochs: int

    @property
    def number(self) -> int:
        """The cells of a number: its label and its digits."""
        return self.bits + 1

    @property
    def digits(self) -> int:
        """D, of the register."""
        return 2 * self.bits + max(self.units, self.inputs).bit_length()

    @property
    def unit(self) -> int:
        """The cells of a unit: activation, outgoing weight, gradient, and weights."""
        return self.number * (3 + self.inputs)

    @property
    def row(self) -> int:
        """The cells of an example's inputs."""
        return self.number * self.inputs

    # ------------------------------------------------------------------------------------------------- steps of parts

    @property
    def store(self) -> int:
        """Store a number, or add one to the register at the point: there, over the digits, and back."""
        return 2 * self.digits + 4

    @property
    def store_zero(self) -> int:
        """Store 0 in the place of the register."""
        return 2 * self.digits + self.bits + 5

    @property
    def product(self) -> int:
        """Load a multiplier of 0, and multiply by it."""
        return 2 * (2 * self.digits + 5)

    def multiplier(self, multiplier: int) -> int:
        """What a multiplier's digits of 1 cost more: adding to the register's end, and back over each.

        Its sign is repeated to the end, so that a small negative number costs most.
        """
        ones = [i for i in range(self.digits) if multiplier >> i & 1]
        return sum(2 * (self.digits - i) + (4 if i <= self.fraction else 2) for i in ones)

    def activation(self, active: bool) -> int:
        """Store the register's positive part; whether its sign is that of a positive number, or of 0."""
        return 4 * self.digits - 2 * self.fraction + 6 if active else 2 * self.digits + self.bits + 8

    def gate(self, activation: int) -> int:
        """Go to an activation's first digit 1, or over all of them, and back."""
        zeros = (activation & -activation).bit_length() - 1 if activation else self.bits
        return 2 * zeros + 4

    # ---------------------------------------------------------------------------------------------- steps of the whole

    def forward(self, *, first: bool) -> int:
        """From an example's inputs to its output in the register, without what multipliers and activations cost.

        Args:
            first: nothing of its kind stands before it on the tape.
        """
        w, to_row = self.number, 1 if first else self.number
        unit = 3 * w + 1 + self.inputs * (self.product + 2 * (w + 1)) + 2 * (self.unit + 1) + self.row + 2 * to_row + 2
        term = self.product + w + 1 + self.unit - w + 1
        return 2 * (w + 1) + self.units * (unit + term) + 2 * (self._to_end + 1) + self.row + 1

    def update(self, *, first: bool) -> int:
        """From there to the next example, without what multipliers, gates and gradients cost."""
        w, to_row = self.number, 1 if first else self.number
        error = 3 * self.store + self.product + 2 * (w + 1)
        outgoing = self.product + 2 * self.store + 2 * (w + 1) + 2 * (2 * w + 1)
        weights = self.inputs * (self.product + 2 * self.store + w + 4) + w * self.inputs * (self.inputs + 1)
        between = self.row + w + 2 * to_row + 2 + 2 * (w + 1) + self.row
        return error + self.units * (2 * (w + 1) + self.product + outgoing + weights + between) + self._to_end + w + 2

    @property
    def _to_end(self) -> int:
        """From the first cell of tape 2 to the cell behind its last."""
        return self.number + self.units * self.unit

    @property
    def fixed(self) -> int:
        """All of a run but what multipliers, activations, gates and gradients cost."""
        data, e = self.examples * (self.row + 2 * self.number), self.epochs
        training = sum(self.forward(first=not i) + self.update(first=not i) for i in range(self.examples))
        answer = self.store + self.number + 1
        asking = sum(self.forward(first=not i) + answer for i in range(self.queries))
        return e * (training + data + e + 4) + data + 4 + asking


def network_size(
    examples: Sequence[Example], queries: Sequence[object], start: Model, point: FixedPoint, epochs: int
) -> NetworkSize:
    """The size of a training.

    Args:
        examples: as for `network_steps`, and all others.
        queries: likewise.
        start: likewise.
        point: likewise.
        epochs: likewise.
    """
    units, inputs = start.weights.shape
    return NetworkSize(
        examples=len(examples),
        queries=len(queries),
        inputs=inputs,
        units=units,
        bits=point.bits,
        fraction=point.fraction,
        epochs=epochs,
    )


def network_steps(
    examples: Sequence[Example],
    queries: Sequence[Sequence[int]],
    start: Model,
    rate: int,
    point: FixedPoint,
    epochs: int,
) -> int:
    """The steps of a run that does not overflow, exactly: the training is gone through in NumPy.

    Args:
        examples: as for `network_reference`.
        queries: inputs.
        start: likewise.
        rate: likewise.
        point: likewise.
        epochs: likewise.

    >>> start, point = Model(np.array([[0, 8]]), np.array([16])), FixedPoint(10, 4)
    >>> network_steps([([16, 16], 16)], [[16, 16]], start, 4, point, 2)
    6630
    """
    size = network_size(examples, queries, start, point, epochs)
    steps, model = size.fixed, start
    for number, update in enumerate(network_updates(examples, start, rate, point, epochs)):
        inputs, _ = examples[number % len(examples)]
        steps += _forward(size, update.before, inputs, point)
        multipliers = [rate, *update.before.outgoing.tolist(), *update.hidden.tolist()]
        multipliers += update.gradient.tolist() * size.inputs
        steps += sum(map(size.multiplier, multipliers)) + sum(map(size.gate, update.hidden.tolist()))
        steps += sum(size.store if active else size.store_zero for active in (update.hidden > 0).tolist())
        model = Model(update.weights, update.outgoing)
    return steps + sum(_forward(size, model, inputs, point) for inputs in queries)


def _forward(size: NetworkSize, model: Model, inputs: Sequence[int], point: FixedPoint) -> int:
    """What the numbers cost on the way to an output."""
    x = np.array(inputs, dtype=np.int64)
    multipliers = model.weights.ravel().tolist() + hidden_units(model.weights, x, point).tolist()
    signs = (point.rounded(model.weights @ x) >= 0).tolist()
    return sum(map(size.multiplier, multipliers)) + sum(map(size.activation, signs))


def network_steps_within(size: NetworkSize) -> tuple[int, int]:
    """The least and the most steps that a run of this size can take, whatever the numbers.

    The least: multipliers are 0, and of two ways the shorter is taken. The most: multipliers with a sign are -1 in the
    last place, which is all ones to the register's end; the rate and the activations, which are not negative, are ones
    but for their sign; and of two ways the longer is taken.

    >>> network_steps_within(NetworkSize(examples=1, queries=1, inputs=2, units=1, bits=10, fraction=4, epochs=2))
    (5350, 14668)
    """
    seen = size.epochs * size.examples
    units, rows = size.units, seen + size.queries
    signed, positive = size.multiplier(-1), size.multiplier((1 << size.bits - 1) - 1)
    forward = units * (size.inputs * signed + positive + size.activation(True))
    update = positive + units * (signed + positive + size.inputs * signed + size.gate(0) + size.store_zero)
    most = size.fixed + rows * forward + seen * update
    least = size.fixed + rows * units * size.activation(False) + seen * units * (size.gate(1) + size.store)
    return least, most

"""The network that is trained on its tapes, held against the same fixed point in NumPy, bit for bit."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest

from tm import outcome
from tm.learners.network import network_machine
from tm.learners.network_reference import FixedPoint, Model, network_outputs, network_reference
from tm.learners.network_steps import network_size, network_steps, network_steps_within
from tm.learners.network_tapes import network_numbers, network_tapes

MACHINE = network_machine()


def problem(rng: Random, *, bits: int, fraction: int, spread: float = 1.0, most: int = 2) -> dict[str, Any]:
    """Random examples, queries and first weights, and what else the learner is told; `most` of each."""
    inputs, units = rng.randint(1, most), rng.randint(1, most)
    one = 1 << fraction

    def number() -> int:
        return max(-(1 << bits - 1), min((1 << bits - 1) - 1, round(one * rng.uniform(-spread, spread))))

    def row() -> list[int]:
        return [one, *(number() for _ in range(inputs - 1))]

    return {
        "examples": [(row(), number()) for _ in range(rng.randint(1, most))],
        "queries": [row() for _ in range(rng.randint(0, most - 1))],
        "weights": [[number() for _ in range(inputs)] for _ in range(units)],
        "outgoing": [number() for _ in range(units)],
        "rate": max(1, one // rng.choice([1, 2, 4])),
        "epochs": rng.randint(0, most),
    }


def held(it: dict[str, Any], bits: int, fraction: int) -> bool:
    """Compare a run with the reference, bit for bit and to the step; whether the words were wide enough."""
    run = outcome(MACHINE, network_tapes(**it, bits=bits, fraction=fraction), max_steps=1_000_000)
    start, point = Model(np.array(it["weights"]), np.array(it["outgoing"])), FixedPoint(bits, fraction)
    try:
        model = network_reference(it["examples"], start, it["rate"], point, it["epochs"])
        outputs = network_outputs(model, it["queries"], point)
    except OverflowError:
        assert (run.state, run.accepted) == ("overflow", False)
        return False
    assert run.accepted
    assert network_numbers(run.tape[1], "w") == model.weights.ravel().tolist()
    assert network_numbers(run.tape[1], "v") == model.outgoing.tolist()
    assert network_numbers(run.tape[0], "?") == (model.errors or [0] * len(it["examples"])) + outputs
    assert not network_numbers(run.tape[1], "x")  # all weights are called w again
    assert run.steps == network_steps(it["examples"], it["queries"], start, it["rate"], point, it["epochs"])
    least, most = network_steps_within(network_size(it["examples"], it["queries"], start, point, it["epochs"]))
    assert least <= run.steps <= most
    return True


def test_200_random_problems():
    rng, fits = Random(17), 0
    for _ in range(230):
        fraction = rng.randint(1, 4)
        bits = fraction + rng.randint(2, 3)
        fits += held(problem(rng, bits=bits, fraction=fraction), bits, fraction)
    assert fits >= 200


def test_numbers_that_fill_their_words():
    """Large weights and inputs: many sums do not fit, and the machine says so each time."""
    rng = Random(18)
    fits = [held(problem(rng, bits=5, fraction=2, spread=4.0), 5, 2) for _ in range(40)]
    assert 0 < sum(fits) < 40


def test_more_examples_inputs_units_and_epochs():
    rng = Random(19)
    assert sum(held(problem(rng, bits=6, fraction=3, most=4), 6, 3) for _ in range(8)) >= 6


def test_the_bounds_of_the_steps_are_come_near_to():
    """Where all is 0, next to the least; where all is -1 in the last place, more than half-way to the most."""
    point = FixedPoint(12, 4)
    for number, low, high in ((0, 0.0, 0.2), (-1, 0.5, 1.0)):
        row = [number] * 4
        it: dict[str, Any] = {"examples": [(row, number)] * 2, "queries": [row], "rate": 1, "epochs": 1}
        it |= {"weights": [row] * 4, "outgoing": row}
        assert held(it, 12, 4)
        start = Model(np.array(it["weights"]), np.array(it["outgoing"]))
        least, most = network_steps_within(network_size(it["examples"], it["queries"], start, point, it["epochs"]))
        steps = network_steps(it["examples"], it["queries"], start, it["rate"], point, it["epochs"])
        assert low <= (steps - least) / (most - least) <= high


@pytest.mark.parametrize(("product", "rounded"), [(39, 2), (40, 3), (-40, -2), (-41, -3), (-8, 0), (8, 1)])
def test_rounding_is_to_the_nearest_and_up_where_two_are(product: int, rounded: int):
    assert FixedPoint(8, 4).rounded(np.array([product])) == [rounded]
    it: dict[str, Any] = {
        "examples": [([product], 0)],
        "queries": [[abs(product)]],
        "weights": [[16]],
        "outgoing": [1 if product > 0 else -1],
        "rate": 1,
        "epochs": 0,
    }
    run = outcome(MACHINE, network_tapes(**it, bits=8, fraction=4), max_steps=100_000)
    assert network_numbers(run.tape[0], "?")[1] == rounded


def test_it_learns_exclusive_or():
    """Not only equal to the reference: after enough epochs the reference knows the answers."""
    point = FixedPoint(16, 10)
    examples = [([1024, 1024 * a, 1024 * b], 1024 * (a ^ b)) for a in (0, 1) for b in (0, 1)]
    random = np.random.default_rng(1)
    weights, outgoing = (np.rint(512 * random.normal(size=size)).astype(np.int64) for size in ((4, 3), (4,)))
    model = network_reference(examples, Model(weights, outgoing), 128, point, 300)
    outputs = network_outputs(model, [inputs for inputs, _ in examples], point)
    assert np.abs(np.array(outputs) - [target for _, target in examples]).max() < 51  # 0.05

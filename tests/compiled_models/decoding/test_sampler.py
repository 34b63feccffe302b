"""The same draws for the same seed: in every decoder, in every number format, and as the simulator makes them."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from compiled_models import run
from compiled_models.decoding import DECODERS, DenseDecoder, KernelDecoder, StreamingDecoder
from compiled_models.decoding.kernels.routines.draw import draw
from compiled_models.decoding.sampler import edge, simplest
from construction import Codec, base_network, compile_machine
from construction.certificate.arithmetic import Arithmetic
from construction.certificate.bounds import Bounds, MergedBounds, Size
from construction.number_format import Constants
from tests.compiled_models.decoding import interpreted
from tests.effort import examples
from tm import Machine, outcome, simulate

SINGLE = base_network(states=2, symbols=2, dtype=torch.float32)
DOUBLE = base_network(states=2, symbols=2)
WALK = "a _ -> a _ R x {}\na _ -> a _ L x {}"


class Prepared:
    """A generator of numbers that are known."""

    def __init__(self, numbers) -> None:
        self._numbers = iter(numbers)

    def random(self) -> float:
        return next(self._numbers)


def edges_of(*weights: int) -> list[float]:
    """The numbers on both sides of every place where one action's share ends and the next one's begins."""
    places = [Fraction(sum(weights[:i]), sum(weights)) * 2**53 for i in range(1, len(weights))]
    return [(int(place) + i) / 2**53 for place in places for i in (-2, -1, 0, 1, 2) if 0 <= int(place) + i < 2**53]


def moves(decoder, codec: Codec, numbers: list[float]) -> str:
    """The moves that a decoder draws for these numbers."""
    decoder.sampler.random = Prepared(numbers)
    return "".join(codec.rule(token).moves[0] for token in chain.from_iterable(decoder.generate(len(numbers))))


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("kind", ["base", "tuned"])
def test_a_draw_within_rounding_of_a_boundary_is_the_simulators_in_every_decoder(monkeypatch, decoder, kind):
    """Its 113th number is 3.6e-7 from 700/1217; densely, 517 additions in float32 are off by more than that."""
    interpreted.use(monkeypatch)
    machine = Machine.read(WALK.format(517, 700))
    network = SINGLE if kind == "base" else compile_machine(machine, dtype=torch.float32)
    expected = outcome(machine, seed=690, max_steps=148)
    assert run(network, machine, seed=690, max_steps=148, decoder=decoder).head == expected.head == -32


@pytest.mark.parametrize(
    ("kind", "dtype", "most"),
    [("base", torch.float32, 4_095), ("tuned", torch.float32, 4_095), ("tuned", torch.float64, 353_000)],
)
def test_draws_on_a_boundary_are_decided_by_counts(kind, dtype, most):
    """Two numbers either way of every boundary, for weights up to the most that the number format can tell."""

    @settings(max_examples=3 if kind == "base" else examples(30))
    @given(st.lists(st.integers(1, most // 3), min_size=2, max_size=3), st.booleans())
    def check(weights: list[int], full: bool) -> None:
        weights[0] += (most - sum(weights)) * full
        rules = zip(weights, "LSR", strict=False)
        machine = Machine.read("\n".join(f"a _ -> a _ {move} x {weight}" for weight, move in rules))
        network = SINGLE if kind == "base" else compile_machine(machine, dtype=dtype)
        codec, numbers = Codec(network.config, machine), edges_of(*weights)
        decoder = StreamingDecoder(network, codec.vocabulary, codec.prompt(), seed=0)
        ends = [Fraction(sum(weights[: i + 1]), sum(weights)) for i in range(len(weights))]
        expected = "".join("LSR"[sum(number >= end for end in ends)] for number in numbers)
        assert moves(decoder, codec, numbers) == expected

    check()


@pytest.mark.parametrize("weights", [(517, 700), (1, 2891), (1, 3), (963, 964)])
def test_the_dense_decoder_decides_them_likewise(weights):
    codec = Codec(SINGLE.config, Machine.read(WALK.format(*weights)))
    numbers = edges_of(weights[1], weights[0])
    runs = [
        moves(kind(SINGLE, codec.vocabulary, codec.prompt(), seed=0), codec, numbers)
        for kind in (DenseDecoder, StreamingDecoder)
    ]
    left = Fraction(weights[1], sum(weights))
    assert runs == ["".join("L" if Fraction(number) < left else "R" for number in numbers)] * 2


def test_beyond_what_counts_can_tell_the_decoders_still_agree():
    """A tuned network holds shares of any weights, in its own number format."""
    machine = Machine.read(WALK.format(5_170_001, 7_000_003))
    network = compile_machine(machine, dtype=torch.float32)
    codec = Codec(network.config, machine)
    numbers = [u + i * 1e-8 for u in edges_of(7_000_003, 5_170_001) for i in range(-9, 9)]
    runs = [
        moves(kind(network, codec.vocabulary, codec.prompt(), seed=0), codec, numbers)
        for kind in (DenseDecoder, StreamingDecoder)
    ]
    assert runs[0] == runs[1]
    assert set(runs[0]) == {"L", "R"}


def test_something_else_than_rounding_is_not_decided_by_counts():
    """A module that a hook has changed keeps its own probabilities."""
    codec = Codec(SINGLE.config, Machine.read(WALK.format(1, 1)))
    decoder = DenseDecoder(SINGLE, codec.vocabulary, codec.prompt(), seed=0)
    token = codec.step(codec.machine.rules[0])  # to the right: the second in the order of rows

    def more(_module, _inputs, logits):
        return logits.index_add(2, torch.tensor(token[-1]), torch.full((1, 1, 1), 0.5))

    handle = SINGLE.unembed.register_forward_hook(more)
    try:
        assert moves(decoder, codec, [1 / 3 - 1e-5, 1 / 3 + 1e-5, 0.49]) == "LRR"
    finally:
        handle.remove()


@pytest.mark.parametrize(("drawn", "clear"), [(0.2, True), (0.25, False), (0.25 - 1e-7, False), (0.25 + 2e-6, True)])
def test_a_kernel_leaves_a_draw_on_a_boundary_to_streaming(drawn, clear):
    logits, token = np.array([0.0, 0.0, 0.25, 0.75]), np.zeros(2, dtype=np.int64)
    assert draw(logits, drawn, np.array([[1, 1, 2, 2]]), token, 1e-6) == clear
    assert token.tolist() == ([1, 2 if drawn < 0.25 else 3] if clear else [0, 0])


def test_kernels_go_on_with_streaming_after_such_a_draw(monkeypatch):
    interpreted.use(monkeypatch)
    codec = Codec(SINGLE.config, Machine.read(WALK.format(517, 700)))
    decoder = KernelDecoder(SINGLE, codec.vocabulary, codec.prompt(), seed=690)
    made = sum(len(tokens) for tokens in decoder.generate(148))
    assert (made, decoder.name, decoder.fallback) == (148, "streaming", "rounding could decide a draw")


@given(st.integers(1, 10**6), st.integers(1, 10**12), st.integers(1, 10**12))
def test_the_simplest_fraction_has_the_smallest_denominator(size, one, other):
    low, high = sorted((Fraction(one, 10**12), Fraction(other, 10**12)))
    fraction = simplest(low, high)
    assert low <= fraction <= high
    for smaller in range(1, min(fraction.denominator, 500)):
        assert -(-low.numerator * smaller // low.denominator) > high * smaller  # no multiple of 1 / smaller lies there


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_edges_are_what_the_certificate_bounds(dtype):
    """Twice the bound on a probability: once for the boundary, once for the total."""
    constants, arithmetic, size = Constants.of(dtype), Arithmetic.of(dtype), Size(1, 1, 4)
    unit = float(arithmetic.u)
    for tokens in (3, 10, 100, 1_000, 2_894, 4_097, *((10**6, 6 * 10**7) if dtype == torch.float64 else ())):
        assert 2 * Bounds(constants, arithmetic, size, tokens, 1).decided <= edge(unit, 4, tokens)
        assert 2 * MergedBounds(constants, arithmetic, size, tokens, 1).decided <= edge(unit, 4)


@pytest.mark.parametrize("weights", [(517, 700), (2, 1), (1, 6), (999_983, 1)])
def test_the_simulator_compares_weights_exactly(monkeypatch, weights):
    """A share is no double: rounded, it can be the very number drawn."""
    numbers, left = (
        edges_of(weights[1], weights[0]),
        Fraction(weights[1], sum(weights)),
    )  # drawn first
    monkeypatch.setattr(np.random, "default_rng", lambda _: Prepared(numbers))
    run = simulate(Machine.read(WALK.format(*weights)), seed=0, max_steps=len(numbers))
    expected = [-1 if Fraction(number) < left else 1 for number in numbers]
    assert np.diff([now.heads[0] for now in run]).tolist() == expected

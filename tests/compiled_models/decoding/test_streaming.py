"""Streaming = dense: token for token on machines, to 1e-9 on networks that are none."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from compiled_models.decoding import MergedCache, StreamingDecoder
from compiled_models.decoding.dense import logits_after
from compiled_models.decoding.memory import DISTINCT, DistinctKeys, HeadMemory, OneKey, ParabolaKeys, Structure
from construction import Codec, base_network, compile_machine
from construction.transformer import KeyValueCache
from tests.compiled_models.decoding.agreement import (
    generated,
    network_for,
    random_network,
    random_tokens,
    scrambled_network,
)
from tests.effort import THOROUGH, some
from tests.machines import TABLE, Case, random_case
from tm import Machine, library

CHAMPION = Machine.read("1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RZ0LA")


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_every_library_run_is_dense_to_the_token(case: Case):
    network, limit = network_for(case), 150 if THOROUGH else 60
    dense = generated("dense", network, case, limit)
    assert np.array_equal(generated("streaming", network, case, limit), dense)


@pytest.mark.parametrize("group", some(range(10), every=5))
@pytest.mark.parametrize("stochastic", [False, True])
def test_random_runs_are_dense_to_the_token(group: int, stochastic: bool):
    size = 12 if stochastic else 32
    for seed in range(group * size, group * size + size):
        case = random_case(seed, stochastic, max_tapes=1 if stochastic else 3)
        dtype = torch.float32 if seed % 3 == 0 else torch.float64
        network = network_for(case, dtype=dtype)
        assert np.array_equal(generated("streaming", network, case), generated("dense", network, case)), case


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("seed", [None, 3])
def test_numpys_error_settings_are_the_callers_own(dtype, seed):
    """An underflow is 0 in a softmax, also for those who let numpy raise errors."""
    machine = CHAMPION if seed is None else Machine.read("toss _ -> toss h R x 1\ntoss _ -> toss t R x 2")
    network = base_network(states=8, symbols=4, tapes=1, dtype=dtype)
    codec = Codec(network.config, machine)
    expected = np.concatenate([*StreamingDecoder(network, codec.vocabulary, codec.prompt(), seed=seed).generate(200)])
    with np.errstate(all="raise"):
        decoder = StreamingDecoder(network, codec.vocabulary, codec.prompt(), seed=seed)
        assert np.array_equal(np.concatenate([*decoder.generate(200)]), expected)
        cache = MergedCache(network)
        cache.absorb(codec.prompt().tokens)
        assert len(cache.advance(expected[0])) == codec.vocabulary.rows
        assert np.geterr()["under"] == "raise"


def test_a_tuned_network_is_dense_to_the_token():
    for case in TABLE[::7]:
        if not case.machine.stochastic:
            network = compile_machine(case.machine)
            assert np.array_equal(generated("streaming", network, case, 60), generated("dense", network, case, 60))


def test_many_steps_of_the_champion():
    case = Case("champion", CHAMPION, max_steps=3_000 if THOROUGH else 1_000)
    network = network_for(case)
    assert np.array_equal(generated("streaming", network, case), generated("dense", network, case))


def test_memory_depends_on_the_cells_and_not_on_the_steps():
    codec = Codec(base_network(8, 4).config, CHAMPION)
    decoder = StreamingDecoder(base_network(8, 4), codec.vocabulary, codec.prompt())
    for _ in decoder.generate(5_000):
        pass
    sizes = {place: len(memory.entries().keys) for place, memory in decoder.cache.heads()}
    structures = {place: memory.structure.name for place, memory in decoder.cache.heads()}
    assert structures == {(0, 0): "one key", (2, 0): "parabola", (3, 0): "distinct"}
    assert sizes[0, 0] == 1
    assert sizes[2, 0] < 200
    assert sizes[3, 0] == len(CHAMPION.rules) + 2  # BOS, and everything that is no example


@pytest.mark.parametrize("match", ["any", "nothing", "tokens"])
@pytest.mark.parametrize("seed", range(8))
def test_a_network_that_is_no_machine_attends_as_densely(match: str, seed: int):
    network, tokens = random_network(seed, match=match), random_tokens(seed, 60)
    dense = np.concatenate(list(logits_after(network, tokens, KeyValueCache())))
    cache = MergedCache(network)
    streamed = np.stack([cache.advance(token) for token in tokens])
    names = {memory.structure.name for _, memory in cache.heads()}
    assert names == ({"one key"} if match == "nothing" else {"distinct"})
    assert np.abs(streamed - dense).max() <= 1e-9 * max(1, np.abs(dense).max())


@pytest.mark.parametrize("seed", range(8))
def test_recognised_heads_with_random_weights_around_them_attend_as_densely(seed: int):
    network = scrambled_network(seed)
    codec = Codec(network.config, CHAMPION)
    steps = generated("streaming", base_network(8, 4), Case("champion", CHAMPION), 150)
    tokens = np.concatenate([codec.prompt().tokens, steps])
    dense = np.concatenate(list(logits_after(network, tokens, KeyValueCache())))
    cache = MergedCache(network)
    streamed = np.stack([cache.advance(token) for token in tokens])
    assert [memory.structure.name for _, memory in cache.heads()] == ["one key", "parabola", "distinct"]
    assert np.abs(streamed - dense).max() <= 1e-9 * max(1, np.abs(dense).max())


@pytest.mark.parametrize("seed", range(40))
def test_many_distinct_keys_attend_as_the_full_softmax_over_every_token(seed: int):
    """With gaps on both sides of the bound, in both formats; the oracle keeps every token."""
    random = np.random.default_rng(seed)
    dtype: np.dtype[np.floating] = np.dtype(np.float32) if seed % 2 else np.dtype(np.float64)
    memory = DistinctKeys(6, 3, dtype)
    keys = random.integers(-2, 3, (random.choice([70, 400]), 6)).astype(dtype)
    values = random.normal(size=(len(keys), 3)) * random.choice([1e-3, 1, 1e3])
    for key, value in zip(keys, values, strict=True):
        memory.add(key, value, 1)
    assert memory.table.size > 64
    for _ in range(20):
        query = random.normal(size=6) * random.choice([0.1, 3, 40]) * (random.random(6) < random.choice([0.3, 1]))
        scores = keys.astype(np.float64) @ query
        weights = np.exp(scores - scores.max())
        expected = weights @ values / weights.sum()
        assert np.abs(memory.attend(query) - expected).max() <= 1e-9 * max(1, np.abs(values).max())


def test_a_state_stays_what_it_was_when_the_decoder_goes_on():
    codec = Codec(base_network(8, 4).config, CHAMPION)
    arguments = base_network(8, 4), codec.vocabulary, codec.prompt()
    first, second = StreamingDecoder(*arguments), StreamingDecoder(*arguments)
    for _ in first.generate(50):
        pass
    state = first.state()
    expected = np.concatenate(list(first.generate(50)))
    second.restore(state)
    assert np.array_equal(np.concatenate(list(second.generate(50))), expected)


@pytest.mark.parametrize("match", ["any", "nothing", "tokens"])
def test_absorbing_counts_is_absorbing_copies(match: str):
    network, tokens = random_network(3, match=match), random_tokens(3, 12)
    counts = [1 + n % 4 for n in range(12)]
    once, again = MergedCache(network), MergedCache(network)
    once.absorb(tokens, counts)
    again.absorb(np.repeat(tokens, counts, axis=0))
    assert once.length == again.length == sum(counts)
    assert np.allclose(once.advance(tokens[1]), again.advance(tokens[1]), rtol=0, atol=1e-12)


def test_a_million_copies_of_an_example_are_one_entry():
    machine = library.load(library.names()[0])
    network = base_network(len(machine.states), len(machine.symbols), machine.tapes)
    codec = Codec(network.config, machine)
    prompt = codec.prompt().tokens
    cache = MergedCache(network)
    cache.absorb(prompt[:-1], [1] + [10**6] * (len(prompt) - 2))
    counts = {place: memory.entries().counts.max() for place, memory in cache.heads()}
    assert counts[3, 0] == 10**6


# -- the parabola ----------------------------------------------------------------------------------------------------


def _memories(structure: Structure) -> tuple[HeadMemory, HeadMemory]:
    sizes = 3, 2, np.dtype(np.float64)
    return HeadMemory([structure, DISTINCT], *sizes), HeadMemory([DISTINCT], *sizes)


PARABOLA = Structure("parabola", linear=0, square=1)


@pytest.mark.parametrize("sharpness", [0.001, 0.05, 1.0, 128.0, -1.0, 0.0])
def test_a_parabola_answers_as_the_full_softmax(sharpness: float):
    random = np.random.default_rng(7)
    quick, plain = _memories(PARABOLA)
    largest = np.zeros(3)
    for _ in range(600):
        c, offset = int(random.integers(-80, 80)), random.choice([0.0, -1.0, 0.5])
        key, value = np.array([2.0 * c, offset - c * c, 3 * offset]), random.normal(size=2)
        quick.add(key, value)
        plain.add(key, value)
        a = sharpness * random.uniform(-100, 100) if random.random() < 0.5 else sharpness * random.integers(-90, 90)
        query = np.array([a, sharpness, random.normal()])
        # A product of matrices may add in any order, so each score is off by as much as its largest terms are rounded,
        # and a weight by as much as its score: where two keys tie, that is what the answers may differ by.
        largest = np.maximum(largest, np.abs(key))
        rounding = 8 * np.finfo(np.float64).eps * (np.abs(query) @ largest)
        assert np.allclose(quick.attend(query), plain.attend(query), rtol=0, atol=1e-11 + rounding)
    assert isinstance(quick.memory, ParabolaKeys)


STRANGE = {"half": [1.0, 0.0, 0.0], "pi": [np.pi, 1.0, 0.0], "rounded": [2e9, 0.3, 0.0], "infinite": [np.inf, 0.0, 0.0]}


@pytest.mark.parametrize("key", STRANGE.values(), ids=STRANGE)
def test_a_violation_loses_nothing(key: list[float]):
    quick, plain = _memories(PARABOLA)
    for c in (0, 3, -2, 3):
        for memory in (quick, plain):
            memory.add(np.array([2.0 * c, -1.0 * c * c, 0.0]), np.array([c, 1.0]))
    for memory in (quick, plain):
        memory.add(np.array(key), np.array([5.0, 5.0]))
    assert quick.structure == DISTINCT
    query = np.array([-0.1, 0.02, -0.3])
    assert np.array_equal(quick.attend(query), plain.attend(query))


def test_many_offsets_are_a_violation():
    quick, _ = _memories(PARABOLA)
    for offset in range(20):
        quick.add(np.array([2.0, offset / 7, 0.0]), np.zeros(2))
    assert quick.structure == DISTINCT
    assert len(quick.entries().counts) == 20


def test_one_key_is_the_mean():
    memory = OneKey(0, 1, np.dtype(np.float64))
    for value in (1.0, 2.0, 6.0):
        memory.add(np.empty(0), np.array([value]), 1)
    assert memory.attend(np.empty(0)) == [3.0]

"""Kernels = dense, token for token; and a kernel is made of the weights, so that it changes as they do."""

from __future__ import annotations

import re
from collections import Counter
from random import Random

import numpy as np
import pytest
import torch

from compiled_models.decoding import DenseDecoder, KernelDecoder, StreamingDecoder, adaptive, teacher_forced
from compiled_models.decoding.adaptive import SHORT
from compiled_models.decoding.entries import Entries
from compiled_models.decoding.kernels.heads import ParabolaHead
from compiled_models.runner import run
from construction import Codec, Prompt, base_network, compile_machine
from construction.transformer import BlockShape, Shape, Transformer
from construction.vocabulary import Vocabulary
from tests.compiled_models.decoding import interpreted
from tests.compiled_models.decoding.agreement import (
    SHARP,
    VOCABULARY,
    generated,
    network_for,
    random_network,
    random_tokens,
    scrambled_network,
    sharp_network,
)
from tests.effort import THOROUGH, some
from tests.machines import TABLE, Case, random_case
from tm import Machine

CHAMPION = Machine.read("1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RZ0LA")


@pytest.fixture
def by_python(monkeypatch) -> None:
    """Kernels are interpreted: a source a network is too many to compile."""
    interpreted.use(monkeypatch)


def kernel(network: Transformer, case: Case) -> KernelDecoder:
    """The kernel decoder of a run."""
    codec = Codec(network.config, case.machine)
    prompt = codec.prompt(case.input, head=case.head)
    return KernelDecoder(network, codec.vocabulary, prompt, seed=case.seed)


def tokens_of(decoder, limit: int):
    """The tokens that a decoder generates."""
    return np.concatenate(list(decoder.generate(limit)))


@pytest.mark.parametrize("case", TABLE[::2], ids=str)
def test_library_runs_are_dense_to_the_token(by_python, case: Case):
    network = network_for(case)
    decoder = kernel(network, case)
    assert np.array_equal(tokens_of(decoder, 100), generated("dense", network, case, 99))
    assert decoder.streaming is None


@pytest.mark.parametrize("group", some(range(6), every=3))
@pytest.mark.parametrize("stochastic", [False, True])
def test_random_runs_are_streamed_to_the_token(by_python, group: int, stochastic: bool):
    for seed in range(1_000 + group * 12, 1_012 + group * 12):
        case = random_case(seed, stochastic, max_tapes=1 if stochastic else 3)
        network = network_for(case, dtype=torch.float32 if seed % 3 == 0 else torch.float64)
        decoder = kernel(network, case)
        assert np.array_equal(tokens_of(decoder, case.max_steps + 1), generated("streaming", network, case)), case
        assert decoder.streaming is None


def test_tuned_networks_are_compiled_too(by_python):
    for case in TABLE[::9]:
        if not case.machine.stochastic:
            network = compile_machine(case.machine)
            decoder = kernel(network, case)
            assert np.array_equal(tokens_of(decoder, 60), generated("dense", network, case, 59)), case
            assert decoder.streaming is None


# -- compiled --------------------------------------------------------------------------------------------------------


def test_compiled_kernels_are_dense_to_the_token():
    """One capacity, so one kernel, for many machines; many steps of the champion among them."""
    network = base_network(states=8, symbols=4)
    longest = 3_000 if THOROUGH else 500
    cases = [Case("champion", CHAMPION, max_steps=longest)]
    cases += [c for c in TABLE if c.machine.tapes == 1 and len(c.machine.states) <= 8 and len(c.machine.symbols) <= 4]
    for case in cases:
        if not case.machine.stochastic:
            decoder = kernel(network, case)
            limit = longest + 1 if case.machine is CHAMPION else 120 if THOROUGH else 40
            assert np.array_equal(tokens_of(decoder, limit), generated("dense", network, case, limit - 1)), case
            assert decoder.streaming is None


@pytest.mark.parametrize("drafts", ["at once", "never"])
def test_the_champion_to_its_halt(drafts):
    network = base_network(states=8, symbols=4)
    codec = Codec(network.config, CHAMPION)
    decoder = KernelDecoder(network, codec.vocabulary, codec.prompt(), drafts=drafts)
    steps, last = 0, None
    for tokens in decoder.generate(10**8):
        steps, last = steps + len(tokens), tuple(tokens[-1])
    assert (steps - 1, last) == (47_176_870, decoder.source.stop)
    assert decoder._drafter.drafted > (0.99 * steps if drafts == "at once" else -1)
    assert decoder._drafter.wrong == 0


def test_a_tape_grows_as_it_must():
    machine = Machine.read("1RA1LA_------")
    network = base_network(states=8, symbols=4)
    decoder = kernel(network, Case("right", machine))
    steps = sum(len(tokens) for tokens in decoder.generate(200_000))
    assert steps == 200_000
    assert decoder.streaming is None


# -- the kernel is a function of the weights -------------------------------------------------------------------------


NEAR_M = ("embed.W_pos", "blocks.0.mlp", "blocks.1.mlp", "blocks.2.attn.W_Q", "blocks.2.attn.W_K")
"""Weights on positions that carry M: changed, they leave halves or scores beyond 2^53: then the last bit decides."""


def _changed(network: Transformer, rng: Random) -> str:
    """Change one weight of a network, a non-zero one mostly; its name."""
    name, weight = rng.choice([(name, w) for name, w in network.named_parameters() if w.numel()])
    flat = weight.data.reshape(-1)
    places = torch.nonzero(flat if rng.random() < 0.8 else flat == 0).reshape(-1).tolist()
    place = rng.choice(places or [0])
    flat[place] = rng.choice([0.0, -float(flat[place]), 2 * float(flat[place]), 3.0, 1.0, -1.0])
    weight.data = flat.reshape(weight.shape)
    return name


@pytest.mark.parametrize("group", some(range(10), every=5))
def test_a_changed_weight_changes_the_kernel_as_it_changes_dense(by_python, group: int):
    """Up to the first token that leads the next best by so little that what a bound lets decoders skip decides."""
    for seed in range(group * 20, group * 20 + 20):
        rng = Random(seed)
        case = random_case(seed, max_tapes=2)
        network = network_for(case)
        name = _changed(network, rng)
        codec = Codec(network.config, case.machine)
        prompt = codec.prompt(case.input, head=case.head)
        arguments = network, codec.vocabulary, prompt
        streamed = tokens_of(StreamingDecoder(*arguments), 40)
        margins = teacher_forced(network, codec.vocabulary, prompt, streamed).margins
        clear = int(np.argmax(np.append(margins, 0) < 1e-9))
        generated = tokens_of(KernelDecoder(*arguments), 40)
        assert np.array_equal(generated[:clear], streamed[:clear]), (case, name)
        if not name.startswith(NEAR_M):
            assert np.array_equal(generated[:clear], tokens_of(DenseDecoder(*arguments), 40)[:clear]), (case, name)


def test_one_weight_is_another_kernel():
    one, other = base_network(2, 2), base_network(2, 2)
    gate = other.get_parameter("blocks.2.mlp.W_gate").data
    gate.reshape(-1)[int(gate.reshape(-1).argmax())] *= 2
    case = Case("one", Machine.read("blank: 0\nA 0 -> B 1 R"))
    assert kernel(one, case).source.text != kernel(other, case).source.text


def test_every_product_is_a_weight():
    network = base_network(2, 2)
    source = kernel(network, Case("one", Machine.read("blank: 0\nA 0 -> B 1 R"))).source.text
    literals = Counter(
        float(factor) for factor in re.findall(r"(-?\d+\.[\d.e+-]*) \* [a-z]", source.partition("def advance")[2])
    )
    weights = Counter(w for parameter in network.parameters() for w in parameter.data.reshape(-1).tolist() if w)
    assert literals
    assert literals <= weights
    assert set(network.get_parameter("blocks.2.mlp.W_gate").data.reshape(-1).tolist()) - {0.0} <= set(literals)


@pytest.mark.parametrize(("first", "change"), [(0, 0.0), (1, -1.0), (2, 2.0)])
def test_every_weight_of_a_small_network_changed_in_turn(by_python, first: int, change: float):
    """As long as nothing hangs on the last bits."""
    machine = Machine.read("blank: 0\na 0 -> b 1 R\na 1 -> a 0 L\nb 0 -> a 1 L")
    network = base_network(2, 2)
    codec = Codec(network.config, machine)
    arguments = network, codec.vocabulary, codec.prompt("1")
    compared = 0
    for _, parameter in network.named_parameters():
        flat = parameter.data.view(-1)
        places = torch.nonzero(flat).reshape(-1).tolist()
        for place in some(places[first:] + places[:first], every=8):
            before = float(flat[place])
            flat[place] = before * change
            streamed = tokens_of(StreamingDecoder(*arguments), 12)
            clear = int(np.argmax(np.append(teacher_forced(*arguments, streamed).margins, 0) < 1e-9))
            assert np.array_equal(tokens_of(KernelDecoder(*arguments), 12)[:clear], streamed[:clear]), (_, place)
            flat[place], compared = before, compared + (clear > 0)
    assert compared > (100 if THOROUGH else 12)


def test_a_weight_on_no_field_goes_to_streaming():
    machine = Machine.read("1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RZ0LA")
    network = base_network(8, 4)
    network.get_parameter("embed.W_E").data[0, 0] = 1.0
    codec = Codec(network.config, machine)
    arguments = network, codec.vocabulary, codec.prompt("")
    decoder = KernelDecoder(*arguments)
    assert "row 0" in decoder.fallback
    assert np.array_equal(tokens_of(decoder, 20), tokens_of(DenseDecoder(*arguments), 20))


# -- handing over ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("match", ["any", "nothing", "tokens"])
def test_a_network_without_structure_goes_to_streaming(by_python, match: str):
    for seed in range(6):
        network = random_network(seed, match=match)
        prompt = Prompt(random_tokens(seed, 12), VOCABULARY.token("END"))
        for chosen in (None, seed):
            dense = tokens_of(DenseDecoder(network, VOCABULARY, prompt, seed=chosen), 30)
            decoder = KernelDecoder(network, VOCABULARY, prompt, seed=chosen)
            assert np.array_equal(tokens_of(decoder, 30), dense)
            assert match == "nothing" or decoder.fallback


def test_random_weights_around_sharp_keys(by_python):
    """Networks that are no machines, most of which stay with their kernel to the end."""
    kept = 0
    for seed in some(range(40), every=4):
        network, random = sharp_network(seed), np.random.default_rng(seed)
        words = [SHARP.token("WORD", *random.integers([3, 2])) for _ in range(8)]
        prompt = Prompt(np.array([SHARP.token("BEGIN"), *words]), SHARP.token("BEGIN"))
        for chosen in (None, seed):
            decoder = KernelDecoder(network, SHARP, prompt, seed=chosen)
            dense = tokens_of(DenseDecoder(network, SHARP, prompt, seed=chosen), 25)
            assert np.array_equal(tokens_of(decoder, 25), dense), (seed, chosen)
            kept += decoder.streaming is None
    assert kept > (25 if THOROUGH else 6)


def test_random_weights_around_a_tape(by_python):
    kept = 0
    for seed in some(range(40), every=4):
        network = scrambled_network(seed)
        codec = Codec(network.config, CHAMPION)
        arguments = network, codec.vocabulary, codec.prompt("")
        decoder = KernelDecoder(*arguments)
        streamed = tokens_of(StreamingDecoder(*arguments), 40)
        clear = int(np.argmax(np.append(teacher_forced(*arguments, streamed).margins, 0) < 1e-9))
        assert np.array_equal(tokens_of(decoder, 40)[:clear], streamed[:clear]), seed
        kept += decoder.streaming is None and clear > 0
    assert kept > (5 if THOROUGH else 0)


def test_a_matching_head_before_the_last_memory(by_python):
    """Its notes are made before later keys and values are: they are not lost, nor made twice."""
    vocabulary = Vocabulary({"W": {"x": "abc"}, "E": {}})
    blocks = (BlockShape(heads=1, d_head=3, d_mlp=2), BlockShape(heads=1, d_head=1, d_mlp=1))
    network = Transformer(Shape(d_vocab=vocabulary.rows, d_model=8, blocks=blocks), dtype=torch.float64)
    weights: dict[str, dict[tuple[int, ...], float]] = {
        "embed.W_E": {(1, 0): 1, (5, 0): 1, (2, 1): 1, (3, 2): 1, (4, 3): 1},
        "blocks.0.attn.W_Q": {(0, 1 + c, c): 100 for c in range(3)},
        "blocks.0.attn.W_K": {(0, 1 + c, c): 1 for c in range(3)},
        "blocks.0.attn.W_V": {(0, 1 + c, (c + 1) % 3): 1 for c in range(3)},
        "blocks.0.attn.W_O": {(0, c, 4 + c): 1 for c in range(3)},
        "blocks.0.mlp.W_gate": {(0, 0): 1},
        "blocks.0.mlp.W_in": {(0, 0): 1},
        "blocks.0.mlp.W_out": {(0, 7): 1},
        "blocks.1.attn.W_V": {(0, 7, 0): 1},
        "blocks.1.attn.W_O": {(0, 0, 7): 0.5},
        "unembed.W_U": {(7, 1): 1, (4, 2): 2, (5, 3): 2, (6, 4): 2},
    }
    for name, entries in weights.items():
        for place, weight in entries.items():
            network.get_parameter(name).data[place] = weight
    prompt = Prompt(np.array([vocabulary.token("W", i) for i in (1, 2, 0)]), vocabulary.token("E"))
    for seed in (None, 3):
        dense = tokens_of(DenseDecoder(network, vocabulary, prompt, seed=seed), 3)
        decoder = KernelDecoder(network, vocabulary, prompt, seed=seed)
        assert np.array_equal(tokens_of(decoder, 3), dense)


STRANGE = [(1e200, 0.0), (np.inf, 0.0), (np.nan, 0.0), (2.0**60, 0.0), (2e9, 0.3), (1.0, 0.0)]


@pytest.mark.parametrize(("linear", "square"), STRANGE)
def test_strange_keys_of_a_state_are_not_taken_over(linear: float, square: float):
    network = base_network(2, 2)
    source = kernel(network, Case("one", Machine.read("blank: 0\nA 0 -> B 1 R"))).source
    head = next(head for head in source.heads if isinstance(head, ParabolaHead))
    key = np.zeros((1, head.match))
    key[0, head.linear], key[0, head.square] = linear, square
    assert not head.take_over(Entries(key, np.zeros((1, head.channels)), np.ones(1)), np.zeros((0, 4), dtype=np.int64))


def test_a_run_that_streaming_began_with_strange_keys_goes_on(monkeypatch):
    monkeypatch.setattr(adaptive, "LONG", SHORT)
    network = base_network(8, 4)
    weight = network.get_parameter("blocks.2.attn.W_K").data
    weight[tuple(torch.nonzero(weight)[0].tolist())] = 1e200
    with np.errstate(all="ignore"):
        results = [
            run(network, CHAMPION, max_steps=SHORT + 100, uncertified=True, decoder=decoder)
            for decoder in ("streaming", None)
        ]
    assert (results[0].steps, results[0].tape) == (results[1].steps, results[1].tape)
    assert (results[1].decoder, bool(results[1].fallback)) == ("streaming", True)


@pytest.mark.parametrize("seed", [None, 5])
@pytest.mark.parametrize(
    "kinds", [(KernelDecoder, KernelDecoder), (KernelDecoder, StreamingDecoder), (StreamingDecoder, KernelDecoder)]
)
def test_a_state_can_be_taken_over(by_python, kinds, seed):
    case = random_case(11, stochastic=seed is not None, max_tapes=1)
    network = network_for(case)
    codec = Codec(network.config, case.machine)
    prompt = codec.prompt(case.input, head=case.head)
    whole = tokens_of(StreamingDecoder(network, codec.vocabulary, prompt, seed=seed), 100)
    first, second = (kind(network, codec.vocabulary, prompt, seed=seed) for kind in kinds)
    parts = [*first.generate(37)]
    second.restore(first.state())
    parts += second.generate(100 - 37)
    assert np.array_equal(np.concatenate(parts), whole)

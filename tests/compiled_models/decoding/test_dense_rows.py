"""The dense batch: rows leave in the middle and others enter, and each has the tokens of a run of its own."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
import torch

from compiled_models.decoding.dense import DenseDecoder
from compiled_models.decoding.dense_rows import DenseRows
from compiled_models.decoding.kernels.kernel_rows import numbered
from compiled_models.decoding.row_cache import RowCache
from compiled_models.decoding.streaming import StreamingDecoder
from construction import Codec, base_network
from construction.codec import Prompt
from construction.transformer import KeyValueCache, Transformer
from construction.vocabulary import Tokens
from tests.machines import random_machine
from tm import Machine

NETWORK = base_network(states=4, symbols=4)
VOCABULARY = Codec(NETWORK.config, Machine.read("1RB1LB_1LA1RZ")).vocabulary
COIN = Machine.read("a _ -> b 1 R x 3\na _ -> a _ L x 2\nb _ -> a 1 L x 1\nb 1 -> a _ R x 5\na 1 -> b 1 L x 2")


def prompts_of(count: int, longest: int = 9) -> list[Prompt]:
    """Prompts of unlike lengths: random machines of 2 to 4 states on inputs of 0 to 9 symbols."""
    rng, prompts = Random(5), []
    for _ in range(count):
        machine = random_machine(rng, states=rng.randint(2, 4), symbols=rng.randint(2, 4))
        letters = [symbol for symbol in machine.symbols if symbol != machine.blank]
        text = tuple(rng.choices(letters, k=rng.randint(0, longest)))
        prompts.append(Codec(NETWORK.config, machine).prompt(text))
    return prompts


def alone(prompt: Prompt, limit: int, seed: int | None = None, network: Transformer = NETWORK) -> Tokens:
    decoder = (StreamingDecoder if network is NETWORK else DenseDecoder)(network, VOCABULARY, prompt, seed=seed)
    return np.concatenate(list(decoder.generate(limit)))


def generated(
    prompts: list[Prompt],
    limit: int,
    width: int | None,
    network: Transformer = NETWORK,
    seeds: list[int | None] | None = None,
) -> list[Tokens]:
    table, numbers = numbered([prompt.tokens for prompt in prompts])
    rows = DenseRows(network, VOCABULARY, table, prompts[0].stop, width=width)
    made = rows.generate([each.tolist() for each in numbers], limit, seeds)
    return [some.row(i) for some in made for i in range(len(some.made))]


@pytest.fixture
def entries(monkeypatch):
    """For each time that rows enter: how many, and how many were there already."""
    noted, enter = [], RowCache.enter

    def noting(cache: RowCache, places: np.ndarray, *rest: object) -> None:
        noted.append((len(places), int(cache.there.sum())))
        enter(cache, places, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(RowCache, "enter", noting)
    return noted


@pytest.mark.parametrize("width", [1, 3, 8, None])
def test_rows_enter_where_others_have_left(width, entries):
    prompts = prompts_of(30)
    assert len(set(map(len, prompts))) > 8
    made = generated(prompts, 20, width)
    assert len({len(tokens) for tokens in made}) > 4  # they finish at different times
    for prompt, tokens in zip(prompts, made, strict=True):
        np.testing.assert_array_equal(tokens, alone(prompt, 20))
    assert sum(count for count, _ in entries) == 30
    in_the_middle = [count for count, there in entries if there]
    assert width is None or bool(in_the_middle) is (width > 1)


def test_rows_come_in_order_however_long_the_first_takes():
    endless, short = Machine.read("a _ -> a 1 R"), Machine.read("a _ -> b 1 R")
    prompts = [Codec(NETWORK.config, machine).prompt() for machine in (endless, *[short] * 7, endless, short)]
    table, numbers = numbered([prompt.tokens for prompt in prompts])
    chunks = list(
        DenseRows(NETWORK, VOCABULARY, table, prompts[0].stop, width=2).generate(
            [each.tolist() for each in numbers], 30
        )
    )
    assert [int(made) for chunk in chunks for made in chunk.made] == [30, *[2] * 7, 30, 2]
    assert [bool(stopped) for chunk in chunks for stopped in chunk.stopped] == [False, *[True] * 7, False, True]


def test_prompts_of_one_token_one_token_a_row_and_none_at_all():
    prompt = prompts_of(1)[0]
    rows = DenseRows(NETWORK, VOCABULARY, prompt.tokens, prompt.stop, width=2)
    bos = Prompt(prompt.tokens[:1], prompt.stop)
    for limit in (1, 4):
        for made in rows.generate([[0]] * 5, limit):
            for i in range(len(made.made)):
                np.testing.assert_array_equal(made.row(i), alone(bos, limit))
    assert list(rows.generate([], 4)) == []


def test_a_long_prompt_beside_short_ones():
    """Longer than a chunk of positions, and than the room that the first rows made."""
    machine = Machine.read("a 0 -> a 1 R\na 1 -> a 0 R\na _ -> b 1 L")
    prompts = [Codec(NETWORK.config, machine).prompt("01" * n) for n in (1, 2, 90, 3, 40, 0, 1)]
    for prompt, tokens in zip(prompts, generated(prompts, 200, 2), strict=True):
        np.testing.assert_array_equal(tokens, alone(prompt, 200))


@pytest.mark.parametrize("width", [2, 5])
def test_rows_with_seeds_draw_as_decoders_of_their_own_do(width):
    coin = Codec(NETWORK.config, COIN)
    prompts = [coin.prompt("1" * (i % 4)) if i % 3 else prompts_of(i + 1)[i] for i in range(14)]
    seeds = [None if i % 4 == 3 else i for i in range(14)]
    made = generated(prompts, 15, width, seeds=seeds)
    for prompt, seed, tokens in zip(prompts, seeds, made, strict=True):
        np.testing.assert_array_equal(tokens, alone(prompt, 15, seed))
    drawn = [tokens for tokens, seed in zip(made, seeds, strict=True) if seed is not None]
    assert len({tokens.tobytes() for tokens in drawn}) > 5


def test_a_hooked_network_is_asked_as_it_is():
    """What a hook does to a run it does to every row, wherever it entered."""
    network = base_network(states=4, symbols=4)
    for point, factor in (("blocks.3.mlp.hook_post", 0.5), ("blocks.2.attn.hook_pattern", 0.9)):
        network.get_submodule(point).register_forward_hook(lambda module, inputs, output, by=factor: output * by)
    prompts = prompts_of(9)
    made = generated(prompts, 8, 2, network)
    for prompt, tokens in zip(prompts, made, strict=True):
        np.testing.assert_array_equal(tokens, alone(prompt, 8, network=network))


def test_what_a_row_leaves_behind_is_not_seen():
    """Not even where it is infinite: a weight of 0 times infinity would be no number."""
    cache, run = RowCache(2, torch.device("cpu")), KeyValueCache()
    run.append(0, torch.full((2, 1, 5, 3), torch.inf), torch.full((2, 1, 5, 3), torch.inf))
    run.advance(5)
    cache.enter(np.array([0, 1]), np.array([5, 5]), run)
    cache.leave(np.array([1]))
    shorter = KeyValueCache()
    shorter.append(0, torch.ones(1, 1, 2, 3), torch.ones(1, 1, 2, 3))
    shorter.advance(2)
    cache.enter(np.array([1]), np.array([2]), shorter)
    keys, values = cache.append(0, torch.zeros(2, 1, 1, 3), torch.zeros(2, 1, 1, 3))
    assert torch.isfinite(keys[1]).all()
    assert torch.isfinite(values[1]).all()
    hidden = cache.hidden(torch.zeros(2, 1, 1, 6))
    assert hidden is not None
    assert hidden[:, 0, 0].tolist() == [[False] * 6, [False] * 3 + [True] * 3]
    cache.advance(1)
    assert cache.lengths.tolist() == [6, 3]
    cache.keep(np.array([1]))
    assert (cache.lengths.tolist(), cache.length, cache.there.tolist()) == ([3], 3, [True])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")
def test_rows_enter_on_a_gpu_too():
    prompts = prompts_of(40)
    made = generated(prompts, 60, 8, base_network(states=4, symbols=4).to("cuda"))
    for prompt, tokens in zip(prompts, made, strict=True):
        np.testing.assert_array_equal(tokens, alone(prompt, 60))

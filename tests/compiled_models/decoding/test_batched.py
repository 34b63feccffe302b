"""Batches: every row has the tokens of a run of its own, whichever other rows there are."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
import torch

from compiled_models.decoding.batched import Rows, rows_of
from compiled_models.decoding.dense_rows import DenseRows
from compiled_models.decoding.kernels import KernelDecoder
from compiled_models.decoding.kernels.kernel_rows import KernelRows, numbered
from compiled_models.decoding.streaming import StreamingDecoder
from construction import Codec, base_network
from construction.codec import Prompt
from construction.vocabulary import Tokens
from tests.compiled_models.decoding import interpreted
from tests.effort import some
from tests.machines import TABLE, random_machine
from tm import Machine, Start

NETWORK = base_network(states=8, symbols=4, tapes=1)
VOCABULARY = Codec(NETWORK.config, Machine.read("1RB1LB_1LA1RZ")).vocabulary
KINDS: list[type[KernelRows] | type[DenseRows]] = [KernelRows, DenseRows]


def prompt_of(machine: Machine, text: object, head: object = 0) -> Prompt:
    start = Start.of(machine, text, head)  # type: ignore[arg-type]
    return Codec(NETWORK.config, start.machine).prompt(start.input, head=start.head)


def fits(machine: Machine) -> bool:
    return (machine.tapes, machine.stochastic) == (1, False) and len(machine.states) <= 8 and len(machine.symbols) <= 4


def random_prompts(count: int, longest: int = 12) -> list[Prompt]:
    rng, prompts = Random(17), []
    for _ in range(count):
        machine = random_machine(rng, states=rng.randint(2, 8), symbols=rng.randint(2, 4))
        letters = [symbol for symbol in machine.symbols if symbol != machine.blank]
        prompts.append(prompt_of(machine, rng.choices(letters, k=rng.randint(0, longest))))
    return prompts


LIBRARY = [prompt_of(case.machine, case.input, case.head) for case in TABLE if fits(case.machine)]


def generated(rows: Rows, numbers: object, limit: int, **options: object) -> list[Tokens]:
    return [made.row(i) for made in rows.generate(numbers, limit, **options) for i in range(len(made.made))]  # type: ignore[arg-type]


def alone(prompt: Prompt, limit: int, network: object = NETWORK) -> Tokens:
    return np.concatenate(list(StreamingDecoder(network, VOCABULARY, prompt).generate(limit)))  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "count"), [(KernelRows, 500), (DenseRows, 12)])
def test_every_row_is_a_run_of_its_own(kind, count):
    prompts, limit = LIBRARY[: None if kind is KernelRows else 8] + random_prompts(count), 24
    table, numbers = numbered([prompt.tokens for prompt in prompts])
    rows = kind(NETWORK, VOCABULARY, table, prompts[0].stop)
    made = generated(rows, numbers, limit)
    assert len({len(tokens) for tokens in made}) > 5  # they finish at different times
    for prompt, tokens in some(list(zip(prompts, made, strict=True)), 4 if kind is KernelRows else 1):
        np.testing.assert_array_equal(tokens, alone(prompt, limit))


def test_kernels_take_nearly_all_rows_themselves():
    table, numbers = numbered([prompt.tokens for prompt in LIBRARY])
    rows = KernelRows(NETWORK, VOCABULARY, table, LIBRARY[0].stop)
    generated(rows, numbers, 30)
    assert rows.alone == 0


@pytest.mark.parametrize("kind", KINDS)
def test_rows_do_not_depend_on_each_other(kind):
    prompts = LIBRARY[:5]
    table, numbers = numbered([prompt.tokens for prompt in prompts])
    rows = kind(NETWORK, VOCABULARY, table, prompts[0].stop)
    forth, back = generated(rows, numbers, 12), generated(rows, numbers[::-1], 12)
    for one, other in zip(forth, back[::-1], strict=True):
        np.testing.assert_array_equal(one, other)
    assert generated(rows, [], 12) == []


def test_a_tape_that_grows_makes_room_for_the_rows_after_it():
    right = Machine.read("a 0 -> a 1 R\na 1 -> a 0 R\na _ -> b 1 L\nb 1 -> b 0 L\nb 0 -> b 1 L")
    prompts = [prompt_of(right, text) for text in ("01", "10" * 150, "1", "01" * 90, "")]
    table, numbers = numbered([prompt.tokens for prompt in prompts])
    made = generated(KernelRows(NETWORK, VOCABULARY, table, prompts[0].stop), numbers, 700)
    for prompt, tokens in zip(prompts, made, strict=True):
        np.testing.assert_array_equal(tokens, alone(prompt, 700))


def test_an_array_of_prompts_has_gaps():
    prompt = LIBRARY[0]
    numbers = np.arange(len(prompt))
    padded = np.full((2, len(prompt) + 2), -1)
    padded[0, : len(prompt)] = padded[1, 2:] = numbers
    for kind in KINDS:
        one, other = generated(kind(NETWORK, VOCABULARY, prompt.tokens, prompt.stop), padded, 5)
        np.testing.assert_array_equal(one, alone(prompt, 5))
        np.testing.assert_array_equal(other, one)


@pytest.mark.parametrize("kind", KINDS)
def test_two_examples_for_one_situation(kind):
    coin = Machine.read("toss _ -> toss 1 R x 3\ntoss _ -> toss 0 R x 1")
    prompts = [LIBRARY[0], prompt_of(coin, ""), LIBRARY[1]]
    table, numbers = numbered([prompt.tokens for prompt in prompts])
    rows = kind(NETWORK, VOCABULARY, table, prompts[0].stop)
    for prompt, tokens in zip(prompts, generated(rows, numbers, 9), strict=True):
        np.testing.assert_array_equal(tokens, alone(prompt, 9))
    assert getattr(rows, "alone", 1) == 1
    seeds = [3, 4, 5]
    for prompt, tokens, seed in zip(prompts, generated(rows, numbers, 9, seeds=seeds), seeds, strict=True):
        own = np.concatenate(list(KernelDecoder(NETWORK, VOCABULARY, prompt, seed=seed).generate(9)))
        np.testing.assert_array_equal(tokens, own)


@pytest.mark.parametrize("change", [0.5, 3.0, -1.0])
def test_changed_weights_change_the_rows_as_they_change_a_run(change, monkeypatch):
    interpreted.use(monkeypatch)
    network = base_network(states=8, symbols=4, tapes=1)
    with torch.no_grad():
        weights = dict(network.named_parameters())["blocks.2.attn.W_K"]
        weights[tuple(torch.nonzero(weights)[0].tolist())] *= change
    prompts = LIBRARY[:6]
    table, numbers = numbered([prompt.tokens for prompt in prompts])
    made = generated(KernelRows(network, VOCABULARY, table, prompts[0].stop), numbers, 10)
    for prompt, tokens in zip(prompts, made, strict=True):
        np.testing.assert_array_equal(tokens, alone(prompt, 10, network))
    rows = KernelRows(NETWORK, VOCABULARY, table, prompts[0].stop)
    for prompt, tokens in zip(prompts, generated(rows, numbers, 10), strict=True):  # and those of a right one do not
        np.testing.assert_array_equal(tokens, alone(prompt, 10))
    assert rows.alone == 0


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")
def test_cuda_generates_the_same_rows():
    table, numbers = numbered([prompt.tokens for prompt in LIBRARY])
    rows = rows_of(base_network(states=8, symbols=4), VOCABULARY, table, LIBRARY[0].stop, device="cuda")
    assert isinstance(rows, DenseRows)
    for prompt, tokens in zip(LIBRARY, generated(rows, numbers, 200), strict=True):
        np.testing.assert_array_equal(tokens, alone(prompt, 200))

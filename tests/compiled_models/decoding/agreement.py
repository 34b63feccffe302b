"""The tokens that a decoder generates for a run, and networks of the architecture that are no machines."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from compiled_models.decoding import DECODERS
from construction import Codec, base_network
from construction.transformer import BlockShape, Shape, Transformer
from construction.vocabulary import Tokens, Vocabulary
from tests.machines import Case


def network_for(case: Case, **options) -> Transformer:
    """The base network of a run's size."""
    machine = case.machine
    code = "joint" if machine.stochastic else "auto"
    return base_network(len(machine.states), max(2, len(machine.symbols)), machine.tapes, code=code, **options)


def generated(decoder: str, network: Transformer, case: Case, limit: int | None = None, seed: int | None = None):
    """The tokens [n w] that a decoder generates, the stop token included."""
    codec = Codec(network.config, case.machine)
    prompt = codec.prompt(case.input, head=case.head)
    seed = case.seed if seed is None else seed
    decoding = DECODERS[decoder](network, codec.vocabulary, prompt, seed=seed)
    chunks = list(decoding.generate((case.max_steps if limit is None else limit) + 1))
    return np.concatenate([np.empty((0, codec.vocabulary.width), dtype=np.int64), *chunks])


def random_network(seed: int, *, match: str = "any", dtype: torch.dtype = torch.float64) -> Transformer:
    """A small network of random weights; `match` says what its keys depend on: "any", "nothing" or "tokens"."""
    random = torch.Generator().manual_seed(seed)
    blocks = tuple(BlockShape(heads=2, d_head=3, d_mlp=5) for _ in range(3))
    network = Transformer(Shape(d_vocab=VOCABULARY.rows, d_model=10, blocks=blocks), dtype=dtype)
    for weight in network.parameters():
        weight.data = (torch.randn(weight.shape, generator=random, dtype=torch.float64) / 3).to(dtype)
    network.embed.W_E.data[0] = 0
    network.embed.W_pos.data /= 100
    block: Any
    for block in network.blocks:
        if match == "nothing":
            block.attn.W_K.data[:] = 0
        if match == "tokens":  # the last two directions are the tokens' own: t and the blocks leave them alone
            network.embed.W_pos.data[:, -2:] = 0
            block.attn.W_O.data[..., -2:] = 0
            block.mlp.W_out.data[..., -2:] = 0
            block.attn.W_K.data[:, :-2] = 0
    return network


AFTER_THE_KEYS = ("blocks.2.attn.W_V", "blocks.2.attn.W_O", "blocks.2.mlp", "blocks.3", "unembed")


def scrambled_network(seed: int, dtype: torch.dtype = torch.float64) -> Transformer:
    """No machine, but with heads of every structure: a base network whose weights beyond the tape's keys are random."""
    random = torch.Generator().manual_seed(seed)
    network = base_network(8, 4, dtype=dtype)
    for name, weight in network.named_parameters():
        if name.startswith(AFTER_THE_KEYS):
            factor = torch.rand(weight.shape, generator=random, dtype=torch.float64) * 1.5 + 0.5
            sign = torch.where(torch.rand(weight.shape, generator=random) < 0.3, -1.0, 1.0)
            weight.data *= (factor * sign).to(dtype)
    return network


def sharp_network(seed: int) -> Transformer:
    """Random weights around a head whose keys are the tokens' own and far apart, and a head with one key.

    Directions 0-5 are keys that only WORDs have, 6-9 go from values to logits alone, 10 is t, 11-17 are whatever
    blocks write; END tokens, the likeliest, have no keys.
    """
    random = np.random.default_rng(seed)
    blocks = (BlockShape(heads=1, d_head=3, d_mlp=3), BlockShape(heads=1, d_head=4, d_mlp=3))
    network = Transformer(Shape(d_vocab=SHARP.rows, d_model=18, blocks=blocks), dtype=torch.float64)
    end, scale = SHARP["END"], random.choice([30, 300])
    embed, unembed = np.zeros((SHARP.rows, 18)), np.zeros((18, SHARP.rows))
    embed[1:, :6] = random.integers(-1, 2, (SHARP.rows - 1, 6))
    embed[1:, 6:10] = random.normal(size=(SHARP.rows - 1, 4)) * (random.random((SHARP.rows - 1, 4)) < 0.3)
    embed[1:, 11:] = random.normal(size=(SHARP.rows - 1, 7))
    embed[[end.row, *range(*end.fields[0].rows.indices(SHARP.rows))], :6] = 0
    unembed[6:, 1:] = random.normal(size=(12, SHARP.rows - 1)) * (random.random((12, SHARP.rows - 1)) < 0.6)
    unembed[10:] *= 0.3
    embed[1:, 17] = 1
    unembed[17, [kind.row for kind in SHARP.kinds.values()]] = -60
    unembed[17, end.row] = 60
    own, written, every = slice(0, 6), slice(11, 18), slice(None)
    placed: list[tuple[str, Any, Any]] = [("embed.W_E", every, embed), ("unembed.W_U", every, unembed)]
    for block in range(2):
        gate, times, out = (0.3 * random.normal(size=size) for size in ((8, 3), (8, 3), (3, 7)))
        mlp, read = f"blocks.{block}.mlp", slice(10, 18)
        placed += [(f"{mlp}.W_gate", read, gate), (f"{mlp}.W_in", read, times), (f"{mlp}.W_out", (every, written), out)]
    placed += [
        ("blocks.0.attn.W_V", (0, slice(10, 18)), random.normal(size=(8, 3))),
        ("blocks.0.attn.W_O", (0, every, written), 0.3 * random.normal(size=(3, 7))),
        ("blocks.1.attn.W_Q", (0, written), scale * random.normal(size=(7, 4))),
        ("blocks.1.attn.W_K", (0, own), random.integers(-1, 2, (6, 4)).astype(float)),
        ("blocks.1.attn.W_V", (0, own), random.normal(size=(6, 4))),
        ("blocks.1.attn.W_O", (0, every, slice(6, 10)), random.normal(size=(4, 4))),
        ("blocks.1.attn.W_O", (0, every, slice(11, 15)), random.normal(size=(4, 4))),
    ]
    for name, place, weight in placed:
        network.get_parameter(name).data[place] = torch.tensor(weight)
    network.embed.W_pos.data[0, 10] = 0.01
    return network


SHARP = Vocabulary({"BEGIN": {}, "WORD": {"letter": "abc", "case": "lu"}, "END": {"e": "xyz"}})
VOCABULARY = Vocabulary({"BEGIN": {}, "WORD": {"letter": "abc", "case": "lu"}, "END": {}})


def random_tokens(seed: int, n: int) -> Tokens:
    """Tokens [n w] of VOCABULARY."""
    random = np.random.default_rng(seed)
    tokens = [VOCABULARY.token("WORD", *random.integers([3, 2])) for _ in range(n - 1)]
    return np.array([VOCABULARY.token("BEGIN"), *tokens])

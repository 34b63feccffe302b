"""The tokens that a decoder generates for a run, and networks of the architecture that are no machines."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from compiled_models.decoding import DECODERS
from compiled_models.runner import prompt_for
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
    prompt = prompt_for(codec, case.input, head=case.head)
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


VOCABULARY = Vocabulary({"BEGIN": {}, "WORD": {"letter": "abc", "case": "lu"}, "END": {}})


def random_tokens(seed: int, n: int) -> Tokens:
    """Tokens [n w] of VOCABULARY."""
    random = np.random.default_rng(seed)
    tokens = [VOCABULARY.token("WORD", *random.integers([3, 2])) for _ in range(n - 1)]
    return np.array([VOCABULARY.token("BEGIN"), *tokens])

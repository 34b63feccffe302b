"""Our plain forward pass is transformers': the same logits to the bit, with and without a cache, in every format."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from construction.llama import LlamaConfig
from construction.llama.config import HEAD_DIM, THETA
from construction.llama.transformer import EPSILON, FORMATS, LAYERS, Cache
from tests.construction.llama.runs import blueprint, random_runs

CONFIG = LlamaConfig()


def stock(dtype: torch.dtype, attention: str) -> Any:
    """transformers' own module with our weights."""
    from transformers import LlamaConfig as StockConfig
    from transformers import LlamaForCausalLM

    config = StockConfig(
        vocab_size=CONFIG.words,
        hidden_size=CONFIG.hidden,
        intermediate_size=blueprint().units,
        num_hidden_layers=LAYERS,
        num_attention_heads=CONFIG.heads,
        head_dim=HEAD_DIM,
        rms_norm_eps=EPSILON,
        rope_parameters={"rope_type": "default", "rope_theta": THETA},
        max_position_embeddings=CONFIG.context,
        attn_implementation=attention,
    )
    network = LlamaForCausalLM(config)
    network.load_state_dict(blueprint().tensors())
    return network.to(dtype).eval()


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("dtype", FORMATS)
@torch.no_grad()
def test_the_logits_are_those_of_transformers(dtype: str, attention: str):
    ours, theirs = blueprint().network(dtype=FORMATS[dtype], attention=attention), stock(FORMATS[dtype], attention)
    for run in random_runs(CONFIG, 2, steps=40, seed=2):
        assert torch.equal(ours(run.tokens), theirs(run.tokens).logits)


@torch.no_grad()
def test_a_cache_changes_nothing():
    network = blueprint().network(dtype=torch.bfloat16)
    tokens = random_runs(CONFIG, 1, steps=100, seed=3)[0].tokens[:, :300]
    cache, parts = Cache(), (tokens[:, :5], tokens[:, 5:6], tokens[:, 6:290], tokens[:, 290:])
    pieces = [network(piece, cache).argmax(-1) for piece in parts]
    assert torch.equal(torch.cat(pieces, 1), network(tokens).argmax(-1))

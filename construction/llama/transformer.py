"""A Llama, plain: the forward pass of `transformers.LlamaForCausalLM`, with its names of weights, and nothing else.

Glossary of shapes: b batch, p positions of this call, s positions so far, h heads, c channels of a head (64),
m hidden size, u units of a feed-forward layer, v words. Roundings happen where transformers has them, so that the
logits are equal to the bit in every number format (tests/construction/llama/test_transformer.py).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from construction.llama.config import ATTENTIONS, HEAD_DIM, THETA, LlamaConfig

__all__ = ["ATTENTIONS", "FORMATS", "Cache", "LlamaTransformer", "rotary_tables"]

EPSILON = 1e-6
LAYERS = 2
FORMATS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
"""The number formats in which one set of weights is exact, by name."""


class Cache:
    """The keys and values of both layers for the positions so far; the buffers grow by doubling."""

    def __init__(self) -> None:
        self.length = 0
        self._buffers: dict[tuple[int, int], Tensor] = {}

    def append(self, layer: int, *new: Tensor) -> list[Tensor]:
        """Add keys and values [b h p c]; all of them [b h s c]."""
        end = self.length + new[0].shape[2]
        return [self._appended((layer, number), tensor, end) for number, tensor in enumerate(new)]

    def _appended(self, place: tuple[int, int], new: Tensor, end: int) -> Tensor:
        buffer = self._buffers.get(place)
        if buffer is None or buffer.shape[2] < end:
            b, h, _, c = new.shape
            grown = new.new_zeros(b, h, max(256, 2 * end), c)
            if buffer is not None:
                grown[:, :, : self.length] = buffer[:, :, : self.length]
            buffer = self._buffers[place] = grown
        buffer[:, :, self.length : end] = new
        return buffer[:, :, :end]


class Linear(nn.Module):
    """weight x, without a bias; zero, ready to be filled in."""

    def __init__(self, inward: int, outward: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(outward, inward))

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(x, self.weight)


class Embedding(nn.Module):
    """A row for each word."""

    def __init__(self, words: int, hidden: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(words, hidden))  # [v m]

    def forward(self, tokens: Tensor) -> Tensor:
        return self.weight[tokens]  # [b p m]


class RMSNorm(nn.Module):
    """x / sqrt(mean(x^2) + epsilon), times a weight for each direction."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(hidden))  # [m]

    def forward(self, x: Tensor) -> Tensor:
        wide = x.float()
        wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + EPSILON)
        return self.weight * wide.to(x.dtype)


class Attention(nn.Module):
    """Causal softmax attention with rotary position embedding."""

    def __init__(self, hidden: int, heads: int, layer: int) -> None:
        super().__init__()
        self.heads, self.layer = heads, layer
        self.q_proj, self.k_proj, self.v_proj = (Linear(hidden, heads * HEAD_DIM) for _ in range(3))
        self.o_proj = Linear(heads * HEAD_DIM, hidden)
        self.hook_pattern = nn.Identity()

    def forward(self, x: Tensor, tables: tuple[Tensor, Tensor], cache: Cache, attention: str) -> Tensor:
        b, p, _ = x.shape
        q, k, v = (
            proj(x).view(b, p, self.heads, HEAD_DIM).transpose(1, 2)  # [b h p c]
            for proj in (self.q_proj, self.k_proj, self.v_proj)
        )
        q, k = (rotated(channels, *tables) for channels in (q, k))
        k, v = cache.append(self.layer, k, v)  # [b h s c]
        s = k.shape[2]
        future = torch.ones(p, s, dtype=torch.bool, device=x.device).triu(s - p + 1) if p > 1 else None  # [p s]
        if attention == "sdpa":
            mask = None if future is None else ~future
            z = functional.scaled_dot_product_attention(q, k, v, mask)  # [b h p c]
        else:
            scores = q @ k.transpose(-1, -2) * HEAD_DIM**-0.5  # [b h p s]
            scores = scores if future is None else scores.masked_fill(future, torch.finfo(x.dtype).min)
            z = self.hook_pattern(scores.softmax(-1, dtype=torch.float32).to(x.dtype)) @ v  # [b h p c]
        return self.o_proj(z.transpose(1, 2).reshape(b, p, self.heads * HEAD_DIM))  # [b p m]


class FeedForward(nn.Module):
    """down(silu(gate x) * (up x))."""

    def __init__(self, hidden: int, units: int) -> None:
        super().__init__()
        self.gate_proj, self.up_proj = Linear(hidden, units), Linear(hidden, units)
        self.down_proj = Linear(units, hidden)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))  # [b p m]


class Layer(nn.Module):
    """Attention, then feed-forward, each of the normalised stream and added to it."""

    def __init__(self, config: LlamaConfig, units: int, layer: int) -> None:
        super().__init__()
        self.input_layernorm = RMSNorm(config.hidden)
        self.self_attn = Attention(config.hidden, config.heads, layer)
        self.post_attention_layernorm = RMSNorm(config.hidden)
        self.mlp = FeedForward(config.hidden, units)

    def forward(self, x: Tensor, tables: tuple[Tensor, Tensor], cache: Cache, attention: str) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), tables, cache, attention)
        return x + self.mlp(self.post_attention_layernorm(x))


class LlamaTransformer(nn.Module):
    """A Llama of two layers, its weights named and shaped as in `transformers`; all are zero, ready to be filled in.

    Args:
        config: what it is built for.
        units: units of a feed-forward layer.
        attention: "sdpa" or "eager".

    >>> network = LlamaTransformer(LlamaConfig(states=2, symbols=2, cells=4), units=8)
    >>> network(torch.tensor([[1, 6]])).shape
    torch.Size([1, 2, 30])
    """

    def __init__(self, config: LlamaConfig, units: int, attention: str = "sdpa") -> None:
        super().__init__()
        self.config, self.units, self.attention = config, units, attention
        self.model = nn.Module()
        self.model.embed_tokens = Embedding(config.words, config.hidden)
        self.model.layers = nn.ModuleList(Layer(config, units, layer) for layer in range(LAYERS))
        self.model.norm = RMSNorm(config.hidden)
        self.lm_head = Linear(config.hidden, config.words)

    @property
    def dtype(self) -> torch.dtype:
        """The number format of its weights."""
        return self.lm_head.weight.dtype

    def forward(self, tokens: Tensor, cache: Cache | None = None, *, logits_from: int = 0) -> Tensor:
        """The logits [b p v] that follow each of `tokens` [b p].

        Args:
            tokens: ids of words.
            cache: holds the positions before these, and takes these in; None: these are the first.
            logits_from: the first position of this call whose logits are wanted; -1: only the last.
        """
        cache = Cache() if cache is None else cache
        p = tokens.shape[1]
        model: Any = self.model
        x = model.embed_tokens(tokens)  # [b p m]
        positions = torch.arange(cache.length, cache.length + p, device=tokens.device)
        tables = rotary_tables(positions, x.dtype)
        for layer in model.layers:
            x = layer(x, tables, cache, self.attention)
        cache.length += p
        return self.lm_head(model.norm(x[:, logits_from:]))  # [b p v]


def rotary_tables(positions: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Cosines and sines [p c] of the angles by which positions turn channels, computed in float32, then rounded.

    >>> [table.shape for table in rotary_tables(torch.arange(3), torch.bfloat16)]
    [torch.Size([3, 64]), torch.Size([3, 64])]
    """
    pairs = torch.arange(0, HEAD_DIM, 2, dtype=torch.float32, device=positions.device) / HEAD_DIM
    angles = positions[:, None].float() * (1.0 / THETA**pairs)  # [p c/2]
    angles = torch.cat((angles, angles), -1)  # [p c]
    return angles.cos().to(dtype), angles.sin().to(dtype)


def rotated(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Each pair of channels (i, i + 32) of x [b h p c], turned by its position's angle."""
    half = HEAD_DIM // 2
    return x * cosines + torch.cat((-x[..., half:], x[..., :half]), -1) * sines  # [b h p c]

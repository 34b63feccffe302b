"""One prompt, any counts: examples are read once, and every dataset is a number of copies of each.

Copies of a token have equal keys and values, to the bit, wherever they stand: so one entry with a count is as good
as the copies (softmax attention cannot tell), and only the counts differ between data sets. Thousands of prompts thus
share one cache, and every query of all of them is one batch.

Shapes as in construction.transformer; further n queries of the batch, e entries of the shared cache.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from construction.precision import exact_arithmetic
from construction.transformer import Block, KeyValueCache, Transformer
from construction.vocabulary import Tokens

__all__ = ["SharedPrompt", "UnequalCopies"]

BATCH = 4096  # queries at once: bounds memory


class UnequalCopies(RuntimeError):
    """Copies of a token do not have equal keys and values in this network: they cannot be merged."""


class SharedPrompt:
    """The keys and values of distinct tokens, read once by a network; counts come with the queries.

    Args:
        network: any transformer of this architecture.
        tokens: distinct tokens [e w], the first of them the one that every prompt starts with.

    Raises:
        UnequalCopies: if a token's keys and values depend on where it stands.
    """

    def __init__(self, network: Transformer, tokens: Tokens) -> None:
        self.network, self.tokens = network, tokens
        self.keys, self.values = self._read(np.arange(1, len(tokens)))
        for forwards, backwards in zip(
            (self.keys, self.values), self._read(np.arange(len(tokens) - 1, 0, -1)), strict=True
        ):
            if not all(torch.equal(a, b) for a, b in zip(forwards, backwards, strict=True)):
                raise UnequalCopies("a token's keys and values depend on where it stands; it cannot be merged")

    def _read(self, order: NDArray[np.int64]) -> tuple[list[Tensor], list[Tensor]]:
        """Keys and values [h e c] of each block, the tokens (but the first) read in some order."""
        tokens = torch.from_numpy(self.tokens[np.concatenate([[0], order])]).to(self.network.device)
        cache = _Keeping()
        with torch.inference_mode(), exact_arithmetic(self.network.device, self.network.dtype):
            self.network(tokens[None], cache, logits_from=-1)
        back = np.concatenate([[0], 1 + np.argsort(order)])
        return [k[:, back] for k in cache.keys], [v[:, back] for v in cache.values]

    def logits(self, counts: NDArray[np.int64], queries: Tokens, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """The logits [d s r] of `rows` after each of `queries` [s p w], each token there `counts` [d e] times."""
        d, s = len(counts), len(queries)
        logits = np.empty((d * s, len(rows)))
        data, query = np.divmod(np.arange(d * s), s)
        for first in range(0, d * s, BATCH):
            part = slice(first, first + BATCH)
            logits[part] = self._ask(counts[data[part]], queries[query[part]], rows)
        return logits.reshape(d, s, len(rows))

    def _ask(self, counts: NDArray[np.int64], queries: Tokens, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        network, p = self.network, queries.shape[1]
        n_e = torch.from_numpy(counts).to(network.device, network.dtype)[:, None, None]  # [n 1 1 e]
        with torch.inference_mode(), exact_arithmetic(network.device, network.dtype):
            t = n_e.sum(-1)[:, 0] + torch.arange(1, p + 1, device=network.device)  # [n p]
            x = network.embed.W_E[torch.from_numpy(queries).to(network.device)].sum(2)
            x = x + t[..., None] * network.embed.W_pos  # [n p m]
            for i, block in enumerate(network.blocks):
                positions = 1 if i + 1 == len(network.blocks) else p  # of the last block only the last position is read
                x = _counted(block, x, self.keys[i], self.values[i], n_e, positions)  # type: ignore[arg-type]
            return (x[:, -1] @ network.unembed.W_U[:, torch.from_numpy(rows)]).double().cpu().numpy()


def _counted(block: Block, x: Tensor, keys: Tensor, values: Tensor, counts: Tensor, wanted: int) -> Tensor:
    """The block's output at the last `wanted` positions w of x [n p m], behind entries [h e c] there `counts` times."""
    a, here = block.attn, x.unsqueeze(1)
    x = x[:, -wanted:]
    queries, own_keys, own_values = x.unsqueeze(1) @ a.W_Q, here @ a.W_K, here @ a.W_V  # [n h w c], [n h p c] twice
    shared, own = queries @ keys.transpose(-1, -2), queries @ own_keys.transpose(-1, -2)  # [n h w e], [n h w p]
    future = torch.ones(own.shape[-2:], dtype=torch.bool, device=x.device).triu(1 + own.shape[-1] - wanted)
    own = own.masked_fill(future, -torch.inf)
    shared = shared.masked_fill(counts == 0, -torch.inf)
    top = torch.maximum(shared.amax(-1, keepdim=True), own.amax(-1, keepdim=True))
    shared, own = (shared - top).exp() * counts, (own - top).exp()
    total = shared.sum(-1, keepdim=True) + own.sum(-1, keepdim=True)
    mixed = (shared @ values + own @ own_values) / total  # [n h w c]
    x = x + (mixed @ a.W_O).sum(1)
    return x + block.mlp(x)


class _Keeping(KeyValueCache):
    """A cache that also hands out, per block, the keys and values [h e c] that it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[Tensor] = []
        self.values: list[Tensor] = []

    def append(self, block: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        self.keys.append(keys[0].clone())
        self.values.append(values[0].clone())
        return super().append(block, keys, values)

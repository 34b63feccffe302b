"""Drafted decoding: someone proposes the run, the network checks every token of it in a few forward passes.

A proposed token stands only if it is the network's own likeliest token after all that stands before it. So the result
is what one token at a time would give, whoever drafted it and however badly; a good draft only makes it quicker. From
the first token that the network rejects, it goes on by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from compiled_models.decoding.dense import logits_after
from construction.codec import Prompt
from construction.transformer import KeyValueCache, Transformer
from construction.vocabulary import Tokens, Vocabulary

__all__ = ["Branches", "SpeculativeRun", "decode_speculatively", "likeliest"]

CHUNK = 2**21  # numbers an embedding is summed from at once: so few that the allocator keeps and reuses the memory
WIDE = 128  # positions of a draft that a forward pass takes at once, for the same reason


@dataclass(frozen=True, slots=True)
class SpeculativeRun:
    """A run: its tokens [n w], how many of them were drafted, and the cache of the prompt and all of them."""

    tokens: Tokens
    drafted: int
    cache: KeyValueCache


def decode_speculatively(
    network: Transformer, vocabulary: Vocabulary, prompt: Prompt, draft: Tokens, *, limit: int
) -> SpeculativeRun:
    """Generate greedily until the prompt's stop token, or `limit` tokens, checking the draft [n w] first.

    The stop token is among the tokens, but not in the cache: what comes before it can be asked more.

    >>> from construction import Codec, base_network
    >>> from tm import Machine
    >>> network, machine = base_network(states=3, symbols=2), Machine.read("1RB1LB_1LA1RZ")
    >>> codec = Codec(network.config, machine)
    >>> nothing = np.empty((0, codec.vocabulary.width), dtype=np.int64)
    >>> run = decode_speculatively(network, codec.vocabulary, codec.prompt(), nothing, limit=100)
    >>> again = decode_speculatively(network, codec.vocabulary, codec.prompt(), run.tokens, limit=100)
    >>> len(run.tokens), run.drafted, again.drafted, bool((run.tokens == again.tokens).all())
    (7, 0, 7, True)
    """
    cache, draft = KeyValueCache(), draft[:limit]
    at_a_time = max(16, CHUNK // network.shape.d_model // vocabulary.width)
    for logits in logits_after(network, prompt.tokens, cache, last_only=True, at_a_time=at_a_time):
        first = logits
    tokens = draft if network.embed.W_E[0].any() else _trimmed(draft)
    chunks = logits_after(network, tokens, cache, at_a_time=WIDE)
    predictions = np.concatenate([likeliest(vocabulary, logits) for logits in (first, *chunks)])
    wrong = np.flatnonzero((predictions[: len(draft)] != draft).any(axis=1))
    right = int(wrong[0]) if len(wrong) else len(draft)
    cache.length = len(prompt) + right
    if right and tuple(draft[right - 1]) == prompt.stop:
        cache.length -= 1
        return SpeculativeRun(draft[:right], right, cache)
    run, token = [*draft[:right]], predictions[right]
    while len(run) < limit:
        run.append(token)
        if tuple(token) == prompt.stop:
            break
        for logits in logits_after(network, token[None], cache, last_only=True):
            token = likeliest(vocabulary, logits)[0]
    return SpeculativeRun(np.array(run).reshape(-1, vocabulary.width), right, cache)


def _trimmed(tokens: Tokens) -> Tokens:
    """Without the columns of zeros at the end: row 0 of the vocabulary is "no field", and adds nothing."""
    columns = np.flatnonzero(tokens.any(axis=0))
    return tokens[:, : columns[-1] + 1] if len(columns) else tokens


def likeliest(vocabulary: Vocabulary, logits: NDArray[np.floating]) -> Tokens:
    """The token with the largest logit at every position, from the logits of the rows [p r]: as `Vocabulary.best`.

    >>> likeliest(Vocabulary({"A": {"x": "ab"}, "B": {}}), np.array([[0, 1, 0, 2, 2.5], [0, 1, 0, 0, 2.5]]))
    array([[1, 3],
           [4, 0]])
    """
    best = np.full(len(logits), -np.inf)
    tokens = np.zeros((len(logits), vocabulary.width), dtype=np.int64)
    for kind in vocabulary.kinds.values():
        rows = np.zeros_like(tokens)
        rows[:, 0] = kind.row
        for i, field in enumerate(kind.fields, 1):
            rows[:, i] = field.first + logits[:, field.rows].argmax(axis=1)
        score = np.take_along_axis(logits, rows[:, : 1 + len(kind.fields)], axis=1).sum(axis=1)
        better = score > best
        tokens[better], best[better] = rows[better], score[better]
    return tokens


class Branches(KeyValueCache):
    """Many continuations of one context, side by side: each sees the trunk and itself, and the trunk stays as it is.

    >>> trunk = KeyValueCache()
    >>> _ = trunk.append(0, torch.zeros(1, 1, 3, 2), torch.zeros(1, 1, 3, 2))
    >>> trunk.advance(3)
    >>> keys, _ = Branches(trunk).append(0, torch.ones(5, 1, 2, 2), torch.ones(5, 1, 2, 2))
    >>> tuple(keys.shape), trunk.length
    ((5, 1, 5, 2), 3)
    """

    def __init__(self, trunk: KeyValueCache) -> None:
        super().__init__()
        self.trunk, self.length = trunk, trunk.length

    def append(self, block: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """The trunk's keys and values [1 h s c] before those of each branch [b h p c]; for a single call a block."""
        if self.length != self.trunk.length:
            raise ValueError("branches are taken one call deep")
        old = self.trunk.append(block, keys[:1, :, :0], values[:1, :, :0])
        wide = (trunk.expand(len(keys), -1, -1, -1) for trunk in old)
        new_keys, new_values = (torch.cat([trunk, new], dim=2) for trunk, new in zip(wide, (keys, values), strict=True))
        return new_keys, new_values

"""Batches: many prompts through one network, a row a prompt; the tokens of every row are those of a run of its own.

Two ways, behind one door: a compiled loop over rows (`kernels.kernel_rows`), and the module's own forward pass with a
batch dimension, the reference, on the CPU or a GPU. There rows keep in step: all begin at position 1, so that a
position is the same for all of them and nothing has to be masked; what a row's prompt still holds is fed where other
rows generate, and a row that has finished leaves the batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import torch

from compiled_models.decoding.choice import dense_alone
from compiled_models.decoding.decoder import numbers
from compiled_models.decoding.dense import DenseDecoder
from compiled_models.decoding.kernels.kernel_rows import GeneratedRows, Integers, KernelRows
from construction.codec import Prompt
from construction.plain import departure
from construction.precision import exact_arithmetic
from construction.transformer import KeyValueCache, Transformer
from construction.vocabulary import Tokens, Vocabulary

__all__ = ["DenseRows", "Rows", "rows_of"]

MEMORY = 1 << 30  # bytes of keys and values at a time
CHUNK = 64  # positions of a forward pass while every row has them in its prompt


class Rows(Protocol):
    """Generates what follows each of many prompts."""

    def generate(
        self, prompts: Sequence[Sequence[int]] | Integers, limit: int, seeds: Sequence[int | None] | None = None
    ) -> Iterator[GeneratedRows]:
        """What follows each prompt, up to `limit` tokens a row, some rows at a time, in order.

        Args:
            prompts: each a sequence of numbers of tokens in the table; or an array [r p], where -1 stands for none.
            limit: tokens a row, 1 or more.
            seeds: draw each row by its seed, one row after the other, as a decoder of its own does; None: greedily.
        """
        ...


def rows_of(
    network: Transformer, vocabulary: Vocabulary, table: Tokens, stop: tuple[int, ...], *, device: str | None = None
) -> Rows:
    """The batched decoder of a network: kernels where they can run (see `choice.usual`), else the forward pass.

    Args:
        network: the network.
        vocabulary: its tokens.
        table: all tokens [t w] that a prompt may hold.
        stop: the token that stops the generation.
        device: "cpu" or "cuda"; None: where the network is.

    >>> from construction import Codec, base_network
    >>> from tm import Machine
    >>> network = base_network(states=3, symbols=2, dtype=torch.bfloat16)
    >>> codec = Codec(network.config, Machine.read("1RB1LB_1LA1RZ"))
    >>> type(rows_of(network, codec.vocabulary, codec.prompt().tokens, codec.stop)).__name__
    'DenseRows'
    """
    if device is not None:
        network = network.to(device)
    if dense_alone(network) or departure(network) is not None:
        return DenseRows(network, vocabulary, table, stop)
    return KernelRows(network, vocabulary, table, stop)


class DenseRows:
    """Generates through `network(tokens, cache)` with a batch dimension, on the device that the network is on.

    Args:
        network: any transformer of this architecture.
        vocabulary: its tokens.
        table: all tokens [t w] that a prompt may hold; a prompt is a row of numbers of them.
        stop: the token that stops the generation.

    >>> from construction import Codec, base_network
    >>> from tm import Machine
    >>> network = base_network(states=3, symbols=2)
    >>> codec = Codec(network.config, Machine.read("1RB1LB_1LA1RZ"))
    >>> prompt = codec.prompt()
    >>> batch = DenseRows(network, codec.vocabulary, prompt.tokens, prompt.stop)
    >>> [made.made.tolist() for made in batch.generate([range(len(prompt)), [0, 1, 5]], limit=9)]
    [[7, 2]]
    """

    def __init__(self, network: Transformer, vocabulary: Vocabulary, table: Tokens, stop: tuple[int, ...]) -> None:
        self.network, self.vocabulary, self.table = network, vocabulary, table
        self.stop = np.array(stop, dtype=np.int64)

    def generate(
        self, prompts: Sequence[Sequence[int]] | Integers, limit: int, seeds: Sequence[int | None] | None = None
    ) -> Iterator[GeneratedRows]:
        """What follows each prompt; see `Rows.generate`."""
        rows = [self.table[[number for number in prompt if number >= 0]] for prompt in prompts]
        if seeds is not None:
            yield from (self._drawn(row, limit, seed) for row, seed in zip(rows, seeds, strict=True))
            return
        longest = max(map(len, rows), default=0) + limit
        shape = self.network.shape
        position = sum(2 * block.heads * block.d_head for block in shape.blocks) * self.network.embed.W_E.element_size()
        at_once = max(1, MEMORY // (2 * position * longest))
        for first in range(0, len(rows), at_once):
            yield self._some(rows[first : first + at_once], limit)

    def _drawn(self, prompt: Tokens, limit: int, seed: int | None) -> GeneratedRows:
        """One row, by the dense decoder."""
        stop = tuple(self.stop.tolist())
        decoder = DenseDecoder(self.network, self.vocabulary, Prompt(prompt, stop), seed=seed)
        tokens = np.concatenate(list(decoder.generate(limit)))
        out = np.zeros((1, limit, tokens.shape[1]), dtype=np.int64)
        out[0, : len(tokens)] = tokens
        return GeneratedRows(out, np.array([len(tokens)]), (tokens[-1:] == self.stop).all(1))

    def _some(self, prompts: list[Tokens], limit: int) -> GeneratedRows:
        """Rows in step: feed what is known, take the likeliest where nothing is, let go of those that have stopped."""
        lengths, width = np.array(list(map(len, prompts))), self.table.shape[1]
        known = np.zeros((len(prompts), lengths.max(), width), dtype=np.int64)
        for row, prompt in enumerate(prompts):
            known[row, : len(prompt)] = prompt
        out = np.zeros((len(prompts), limit, width), dtype=np.int64)
        made, stopped = np.zeros(len(prompts), dtype=np.int64), np.zeros(len(prompts), dtype=bool)
        active, cache, shared = np.arange(len(prompts)), _RowCache(), int(lengths.min())
        for first in range(0, shared, CHUNK):
            logits = self._logits(known[:, first : min(shared, first + CHUNK)], cache)
        while True:
            asked = cache.length >= lengths[active]
            tokens = np.zeros((len(active), width), dtype=np.int64)
            if not asked.all():
                tokens[~asked] = known[active[~asked], cache.length]
            rows, best = active[asked], self.vocabulary.best_of_each(logits[asked])
            tokens[asked] = out[rows, made[rows]] = best
            made[rows] += 1
            stopped[rows] = (best == self.stop).all(1)
            going = ~stopped[active] & (made[active] < limit)
            if not going.any():
                return GeneratedRows(out, made, stopped)
            if not going.all():
                active, tokens = active[going], tokens[going]
                cache.keep(torch.from_numpy(np.flatnonzero(going)).to(self.network.device))
            logits = self._logits(tokens[:, None], cache)

    def _logits(self, tokens: Tokens, cache: KeyValueCache) -> np.ndarray:
        """The logits [b r] after the last of tokens [b p w]."""
        network = self.network
        with torch.inference_mode(), exact_arithmetic(network.device, network.dtype):
            logits = network(torch.from_numpy(tokens).to(network.device), cache, logits_from=-1)[:, 0]
            wide = logits.to(torch.float32 if logits.dtype == torch.bfloat16 else logits.dtype).cpu().numpy()
        return numbers(wide)


class _RowCache(KeyValueCache):
    """A cache from which rows can leave."""

    def keep(self, rows: torch.Tensor) -> None:
        """Go on with these rows alone."""
        for buffers in (self._keys, self._values):
            for block, buffer in buffers.items():
                buffers[block] = buffer.index_select(0, rows)

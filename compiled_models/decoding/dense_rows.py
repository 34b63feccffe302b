"""Many prompts through the module's own forward pass: a batch that rows leave when they are done, and others enter.

A batch has places. A prompt that takes one has all its tokens but the last read in a pass of its own (rows that enter
together, and are of like length, in one), and their keys and values put into its place of the cache; from then on each
pass is a token more for every row. Rows are at different positions: `RowCache` knows at which, and what each may see.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from compiled_models.decoding.decoder import numbers
from compiled_models.decoding.dense import DenseChoice
from compiled_models.decoding.kernels.kernel_rows import GeneratedRows, Integers
from compiled_models.decoding.row_cache import RowCache
from construction.module import module_of
from construction.network import Network
from construction.plain import departure
from construction.precision import exact_arithmetic
from construction.transformer import KeyValueCache
from construction.vocabulary import Tokens, Vocabulary

__all__ = ["DenseRows"]

MEMORY = 1 << 30  # bytes of keys and values at a time
CHUNK = 64  # positions of a prompt that are read in one pass
FREE = 8  # rows enter when one place in so many is free: reading their prompts is then one pass for all of them


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A prompt [n w] that is to take a place: its number among all, and how its tokens are to be chosen."""

    number: int
    prompt: Tokens
    seed: int | None


@dataclass(slots=True)
class _Row:
    """A prompt in its place: what it has generated, the tokens that the network has not seen, who chooses the next."""

    of: _Waiting
    made: list[tuple[int, ...]]
    choice: DenseChoice | None

    @property
    def last(self) -> Sequence[int] | Tokens:
        """The token whose turn it is."""
        return self.made[-1] if self.made else self.of.prompt[-1]


class DenseRows:
    """Generates through `network(tokens, cache)` with a batch dimension, on the device that the network is on.

    Args:
        network: any transformer of this architecture.
        vocabulary: its tokens.
        table: all tokens [t w] that a prompt may hold; a prompt is a row of numbers of them.
        stop: the token that stops the generation.
        width: how many rows there are at a time; None: as many as a gigabyte of keys and values holds.

    >>> from construction import Codec, base_network
    >>> from tm import Machine
    >>> network = base_network(states=3, symbols=2)
    >>> codec = Codec(network.config, Machine.read("1RB1LB_1LA1RZ"))
    >>> prompt = codec.prompt()
    >>> batch = DenseRows(network, codec.vocabulary, prompt.tokens, prompt.stop)
    >>> [made.made.tolist() for made in batch.generate([range(len(prompt)), [0, 1, 5]], limit=9)]
    [[7, 2]]
    """

    def __init__(
        self,
        network: Network,
        vocabulary: Vocabulary,
        table: Tokens,
        stop: tuple[int, ...],
        *,
        width: int | None = None,
    ) -> None:
        self.network, self.vocabulary, self.table = module_of(network), vocabulary, table
        self.stop, self.width = stop, width
        self._plain = departure(self.network) is None

    def generate(
        self, prompts: Sequence[Sequence[int]] | Integers, limit: int, seeds: Sequence[int | None] | None = None
    ) -> Iterator[GeneratedRows]:
        """What follows each prompt; see `batched.Rows.generate`."""
        rows = [self.table[[number for number in prompt if number >= 0]] for prompt in prompts]
        drawn = [None] * len(rows) if seeds is None else seeds
        waiting = deque(_Waiting(i, *each) for i, each in enumerate(zip(rows, drawn, strict=True)))
        width = min(len(rows), self.width or self._fitting(max(map(len, rows), default=0) + limit))
        done: dict[int, list[tuple[int, ...]]] = {}
        first = following = 0
        for number, made in self._finished(waiting, width, limit):
            done[number] = made
            while following in done:
                following += 1
            if following - first >= width or following == len(rows):
                yield self._rows([done.pop(i) for i in range(first, following)], limit)
                first = following

    def _fitting(self, longest: int) -> int:
        """How many rows of a length fit into memory, buffers that have doubled counted."""
        network = self.network
        position = sum(2 * block.heads * block.d_head for block in network.shape.blocks)
        return max(1, MEMORY // (2 * position * network.embed.W_E.element_size() * longest))

    def _finished(
        self, waiting: deque[_Waiting], width: int, limit: int
    ) -> Iterator[tuple[int, list[tuple[int, ...]]]]:
        """The number of each prompt and its tokens, as they get done."""
        places: list[_Row | None] = [None] * width
        cache = RowCache(width, self.network.device)
        while waiting or any(places):
            free = [i for i, row in enumerate(places) if row is None]
            if waiting and (len(free) * FREE >= width or len(free) == len(places)):
                self._enter(places, free, waiting, cache)
            elif not waiting and 2 * len(free) >= len(places):
                going = np.array([i for i, row in enumerate(places) if row is not None])
                cache.keep(going)
                places = [places[i] for i in going]
            self._step(places, cache)
            over = [i for i, row in enumerate(places) if row and (row.made[-1] == self.stop or len(row.made) == limit)]
            cache.leave(np.array(over, dtype=np.int64))
            for i in over:
                if row := places[i]:
                    yield row.of.number, row.made
                places[i] = None

    def _enter(self, places: list[_Row | None], free: list[int], waiting: deque[_Waiting], cache: RowCache) -> None:
        """Let prompts take the free places: read all but their last tokens, those of like length together."""
        groups: dict[int, list[tuple[int, _Waiting]]] = {}
        for place in free[: len(waiting)]:
            each = waiting.popleft()
            choice = None
            if each.seed is not None:
                choice = DenseChoice(self.network, self.vocabulary, each.seed, plain=self._plain)
            places[place] = _Row(each, [], choice)
            groups.setdefault((len(each.prompt) - 1).bit_length(), []).append((place, each))
        for group in groups.values():
            at, lengths = np.array([place for place, _ in group]), np.array([len(e.prompt) - 1 for _, e in group])
            known = np.zeros((len(group), lengths.max(), self.table.shape[1]), dtype=np.int64)
            for row, (_, each) in enumerate(group):
                known[row, : lengths[row]] = each.prompt[:-1]  # behind a shorter one there is nothing that is looked at
            filled = KeyValueCache()
            for start in range(0, known.shape[1], CHUNK):
                self._forward(known[:, start : start + CHUNK], filled)
            cache.enter(at, lengths, filled)

    def _step(self, places: list[_Row | None], cache: RowCache) -> None:
        """A token more for every row."""
        tokens = np.zeros((len(places), 1, self.table.shape[1]), dtype=np.int64)
        for i, row in enumerate(places):
            if row is not None:
                tokens[i, 0] = row.last
        logits = self._forward(tokens, cache)
        there = [i for i, row in enumerate(places) if row is not None]
        likeliest = self.vocabulary.best_of_each(numbers(logits[there]))
        for i, best in zip(there, likeliest.tolist(), strict=True):
            row = places[i]
            if row is None:
                continue
            if row.choice is None:
                row.made.append(tuple(best))
            else:
                new = np.array([row.last]) if row.made else row.of.prompt
                row.made.append(row.choice(logits[i], new, len(row.of.prompt) + len(row.made)))

    def _forward(self, tokens: Tokens, cache: KeyValueCache) -> np.ndarray:
        """The logits [b r] after the last of tokens [b p w]."""
        network = self.network
        with torch.inference_mode(), exact_arithmetic(network.device, network.dtype):
            logits = network(torch.from_numpy(tokens).to(network.device), cache, logits_from=-1)[:, 0]
            wide = logits.to(torch.float32 if logits.dtype == torch.bfloat16 else logits.dtype)
        return np.asarray(wide.cpu().numpy())

    def _rows(self, made: list[list[tuple[int, ...]]], limit: int) -> GeneratedRows:
        """The tokens of some rows, as an array."""
        tokens = np.zeros((len(made), limit, self.table.shape[1]), dtype=np.int64)
        for row, each in enumerate(made):
            tokens[row, : len(each)] = each
        lengths = np.array(list(map(len, made)), dtype=np.int64)
        return GeneratedRows(tokens, lengths, np.array([each[-1] == self.stop for each in made], dtype=np.bool_))

"""The streaming decoder: a network's tokens in memory that does not grow with the run.

Its cache keeps, for every head, one entry for each distinct key instead of one for each token (entries.py says why
that is exact). It works from the weights, for any network of this architecture, and knows nothing of machines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compiled_models.decoding.decoder import DecoderState, numbers
from compiled_models.decoding.memory import HeadMemory, proposals
from compiled_models.decoding.sampler import Sampler, merged_edge, skip
from compiled_models.decoding.weights import (
    BlockWeights,
    NetworkWeights,
    Remembering,
    Sparse,
    keys_stay,
    read_weights,
    remembering,
)
from construction.codec import Prompt
from construction.network import Network
from construction.vocabulary import Tokens, Vocabulary

__all__ = ["MergedCache", "StreamingDecoder"]

Floats = NDArray[np.floating]
_AS_IEEE = np.errstate(all="ignore")  # as the module computes: an underflow is 0, and NaN an error of ours in the end


@dataclass(frozen=True, slots=True)
class _Block:
    """One block ready to be run: its heads' matrices side by side, so that one product serves all of them."""

    inward: Sparse  # [m, queries, keys and values of all heads]
    cuts: list[tuple[slice, slice, slice]]  # where each head's query, key and value are
    outward: Sparse  # [values of all heads, m]
    gate: Sparse
    times: Sparse
    out: Sparse
    memories: list[HeadMemory]
    needed: Remembering


class MergedCache:
    """The keys and values of every token absorbed so far, merged; the streaming counterpart of a key-value cache.

    Args:
        network: any transformer of this architecture, in float64 or float32.

    >>> from construction import Codec, base_network
    >>> from tm import Machine
    >>> network, machine = base_network(states=2, symbols=2), Machine.read("blank: 0\\nA 0 -> B 1 R")
    >>> codec = Codec(network.config, machine)
    >>> bos, example, run = codec.prompt().tokens
    >>> cache = MergedCache(network)
    >>> cache.absorb(np.array([bos, example]), counts=[1, 1_000_000])
    >>> codec.text(codec.vocabulary.best(cache.advance(run))), cache.length
    ('A0>1RB', 1000002)
    """

    def __init__(self, network: Network | NetworkWeights) -> None:
        weights = network if isinstance(network, NetworkWeights) else read_weights(network)
        self.weights, self.length = weights, 0
        needs = remembering(weights)
        self._blocks = [self._block(number, block, needs[number]) for number, block in enumerate(weights.blocks)]

    def _block(self, number: int, block: BlockWeights, needed: Remembering) -> _Block:
        dtype, memories, cuts, parts, end = self.weights.dtype, [], [], [], 0
        for i, head in enumerate(block.heads):
            match, carried = head.key.matrix.shape[1], head.value.matrix.shape[1]
            memories.append(HeadMemory(proposals(self.weights, number, i), match, carried, dtype))
            ends = end + match, end + 2 * match, end + 2 * match + carried
            cuts.append((slice(end, ends[0]), slice(*ends[:2]), slice(*ends[1:])))
            parts += [head.query.matrix, head.key.matrix, head.value.matrix]
            end = ends[2]
        m = len(self.weights.position)
        inward = Sparse(np.hstack([np.zeros((m, 0), dtype), *parts]))
        outward = Sparse(np.vstack([np.zeros((0, m), dtype), *(head.out.matrix for head in block.heads)]))
        return _Block(inward, cuts, outward, block.gate, block.times, block.out, memories, needed)

    # -- one token after the other -----------------------------------------------------------------------------------

    @_AS_IEEE
    def absorb(self, tokens: Tokens, counts: Sequence[int] | None = None) -> None:
        """Take in tokens [n w], each as often as `counts` says (once): the same as so many copies in a row.

        Copies whose keys and values provably do not depend on where they stand are taken in at once.
        """
        for token, count in zip(tokens, [1] * len(tokens) if counts is None else counts, strict=True):
            embedding = self._embedding(token)
            if count > 1 and keys_stay(self.weights, embedding, self.length + 1, self.length + count):
                self._forward(embedding, count, answer=False)
            else:
                for _ in range(count):
                    self._forward(embedding, 1, answer=False)

    @_AS_IEEE
    def advance(self, token: NDArray[np.int64]) -> Floats:
        """Take in a token [w]; return the logits [r] that follow it."""
        return numbers(self.weights.unembed(self._forward(self._embedding(token), 1, answer=True)))

    def _embedding(self, token: NDArray[np.int64]) -> Floats:
        return self.weights.embed[token].sum(0)

    def _forward(self, x: Floats, count: int, *, answer: bool) -> Floats:
        """The residual stream [m] after all blocks; without `answer`, only as far as keys and values need it."""
        x = x + self.weights.dtype.type(self.length + 1) * self.weights.position
        self.length += count
        for block in self._blocks:
            if block.memories:
                x = self._attend(block, x, count, answer or block.needed.attention)
            if block.out.weights.size and (answer or block.needed.feed_forward):
                x = x + block.out(np.maximum(block.gate(x), 0) * block.times(x))
        return x

    def _attend(self, block: _Block, x: Floats, count: int, answer: bool) -> Floats:
        inward, outputs = block.inward(x), []
        for memory, (query, key, value) in zip(block.memories, block.cuts, strict=True):
            memory.add(inward[key], inward[value].astype(np.float64) * count, count)
            if answer:
                outputs.append(memory.attend(inward[query]))
        return x + block.outward(np.concatenate(outputs).astype(x.dtype)) if answer else x

    # -- moving the cache elsewhere ----------------------------------------------------------------------------------

    def heads(self) -> Iterator[tuple[tuple[int, int], HeadMemory]]:
        """The memory of every live head, by its block and its number among the live ones."""
        for number, block in enumerate(self._blocks):
            for i, memory in enumerate(block.memories):
                yield (number, i), memory


class StreamingDecoder:
    """Generates token by token through a `MergedCache`.

    Args:
        network: any transformer of this architecture, in float64 or float32.
        vocabulary: its tokens.
        prompt: the tokens before the first generated one, and the one that stops the generation.
        seed: draw tokens by their probability; None: take the likeliest.
    """

    name = "streaming"

    def __init__(self, network: Network, vocabulary: Vocabulary, prompt: Prompt, *, seed: int | None = None) -> None:
        self.fallback = ""
        self.stop = prompt.stop
        self.cache = MergedCache(network)
        self.sampler = Sampler(vocabulary, seed)
        self._edge = merged_edge(self.cache.weights)
        self._pending: Tokens = prompt.tokens
        self._stopped, self._draws = False, 0

    @property
    def stopped(self) -> bool:
        """Whether the last token generated is the stop token."""
        return self._stopped

    def generate(self, limit: int) -> Iterator[Tokens]:
        """One token [1 w] at a time; see `Decoder.generate`."""
        for _ in range(limit):
            if self._stopped:
                return
            self.cache.absorb(self._pending[:-1])
            token = self.sampler(self.cache.advance(self._pending[-1]), self._edge)
            self._draws += 1
            self._pending = np.array([token], dtype=np.int64)
            self._stopped = token == self.stop
            yield self._pending

    def state(self) -> DecoderState:
        """The state between two tokens, for a snapshot or another decoder."""
        heads = {place: memory.entries().copy() for place, memory in self.cache.heads()}
        return DecoderState(self.cache.length, self._pending, self._stopped, heads, self._draws)

    def restore(self, state: DecoderState) -> None:
        """Go on from a state: of this decoder, or of another one with the same network, prompt and seed.

        Only for a decoder that has generated nothing yet.
        """
        self.cache.length, self._pending, self._stopped = state.length, state.pending, state.stopped
        for place, memory in self.cache.heads():
            memory.add_all(state.heads[place])
        skip(self.sampler.random, state.draws)
        self._draws = state.draws

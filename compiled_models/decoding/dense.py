"""The dense decoder: the module's own forward pass with an ordinary key-value cache. The reference for every other.

The checking decoder is the same for a run that is known: a network cannot guess, but it can say of every step whether
it may be taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from compiled_models.decoding.decoder import numbers
from compiled_models.decoding.sampler import Sampler, edge
from compiled_models.decoding.streaming import MergedCache
from construction.codec import Prompt
from construction.module import module_of
from construction.network import Network
from construction.plain import departure
from construction.precision import exact_arithmetic
from construction.transformer import KeyValueCache, Transformer
from construction.vocabulary import Tokens, Vocabulary

__all__ = ["CheckingDecoder", "DenseChoice", "DenseDecoder", "ForcedRun", "logits_after", "teacher_forced"]

CHUNK = 512  # positions a forward pass takes at once when many are known: bounds the memory of scores


class DenseChoice:
    """Chooses the tokens of a run from the logits of the forward pass: the likeliest, or drawn as every decoder draws.

    Args:
        network: the network that the logits are of.
        vocabulary: its tokens.
        seed: draw tokens by their probability; None: take the likeliest.
        plain: whether the network computes what its weights say: else merged keys, which are of those, tell nothing.
    """

    def __init__(self, network: Transformer, vocabulary: Vocabulary, seed: int | None, *, plain: bool) -> None:
        self.sampler = Sampler(vocabulary, seed)
        self._network, self._as_it_is = network, network.dtype == torch.bfloat16 or not plain
        self._merged: MergedCache | None = None
        self._unmerged: list[Tokens] = []  # generated tokens and the prompt's that the merged cache has not taken in
        units = sum(block.d_mlp for block in network.shape.blocks[-1:]) if plain else 0
        self._rounding = torch.finfo(network.dtype).eps / 2, units

    def __call__(self, logits: NDArray[np.floating], new: Tokens, length: int) -> tuple[int, ...]:
        """The next token.

        Args:
            logits: of every row [r].
            new: the tokens [n w] that came before it, since the last choice.
            length: how many there are in all.
        """
        if self._as_it_is or self.sampler.random is None:
            return self.sampler(logits, 0.0)
        self._unmerged.append(new)
        return self.sampler(logits, self.edge(length), self._merged_logits)

    def edge(self, length: int) -> float:
        """How close to a boundary rounding could decide, after so many tokens."""
        return edge(*self._rounding, length)

    def _merged_logits(self) -> NDArray[np.floating]:
        """The logits after the same tokens, from merged keys: their sums do not depend on any order."""
        if self._merged is None:
            self._merged = MergedCache(self._network)
        tokens = np.concatenate(self._unmerged)
        self._unmerged = []
        self._merged.absorb(tokens[:-1])
        return self._merged.advance(tokens[-1])


class DenseDecoder:
    """Generates token by token through `network(tokens, cache)`, on the device that the network is on.

    Args:
        network: any transformer of this architecture.
        vocabulary: its tokens.
        prompt: the tokens before the first generated one, and the one that stops the generation.
        seed: draw tokens by their probability; None: take the likeliest.
    """

    name = "dense"

    def __init__(self, network: Network, vocabulary: Vocabulary, prompt: Prompt, *, seed: int | None = None) -> None:
        self.fallback = ""
        self.network, self.stop = module_of(network), prompt.stop
        self.choice = DenseChoice(self.network, vocabulary, seed, plain=departure(self.network) is None)
        self.sampler = self.choice.sampler
        self.cache = KeyValueCache()
        self._pending: Tokens = prompt.tokens
        self._stopped = False

    def generate(self, limit: int) -> Iterator[Tokens]:
        """One token [1 w] at a time; see `Decoder.generate`."""
        for _ in range(limit):
            if self._stopped:
                return
            for logits in logits_after(self.network, self._pending, self.cache, last_only=True):
                final = logits
            token = self._choose(final[-1])
            self._pending = np.array([token], dtype=np.int64)
            self._stopped = token == self.stop
            yield self._pending

    def _choose(self, logits: NDArray[np.floating]) -> tuple[int, ...]:
        return self.choice(logits, self._pending, self.cache.length)


class CheckingDecoder(DenseDecoder):
    """Generates a known run [n w], as long as the network gives each of its tokens, after all before it, a chance.

    That is a probability under the linear read-out, relu(logit), beyond all rounding. From the first token that has
    none, the network goes on by itself, with the likeliest; `refused` is that token's number, from 0, else None.

    >>> from construction import Codec, base_network
    >>> from tm import Machine
    >>> coin = Machine.read("toss _ -> heads 1 S x 1\\ntoss _ -> tails 0 S x 1")
    >>> network = base_network(states=3, symbols=3)
    >>> codec = Codec(network.config, coin)
    >>> run = np.array([codec.step(coin.rules[1]), codec.stop])
    >>> decoder = CheckingDecoder(network, codec.vocabulary, codec.prompt(), run)
    >>> [codec.text(token) for (token,) in decoder.generate(9)], decoder.refused
    (['toss/_>0/S/tails', '<stop>'], None)
    """

    def __init__(self, network: Network, vocabulary: Vocabulary, prompt: Prompt, run: Tokens) -> None:
        super().__init__(network, vocabulary, prompt)
        self.refused: int | None = None
        self._run, self._checked = run, 0

    def _choose(self, logits: NDArray[np.floating]) -> tuple[int, ...]:
        if self.refused is None and self._checked < len(self._run):
            token = tuple(int(row) for row in self._run[self._checked])
            probability = float(logits[[row for row in token if row]].sum())  # row 0 is "no field"
            if probability > self.choice.edge(self.cache.length):
                self._checked += 1
                return token
            self.refused = self._checked
        return super()._choose(logits)


def logits_after(
    network: Transformer, tokens: Tokens, cache: KeyValueCache, *, last_only: bool = False, at_a_time: int = CHUNK
) -> Iterator[NDArray[np.floating]]:
    """The logits [p r] that follow tokens [p w], in chunks of positions; only the last one's of each if so asked."""
    for first in range(0, len(tokens), at_a_time):
        with torch.inference_mode(), exact_arithmetic(network.device, network.dtype):
            chunk = torch.from_numpy(tokens[first : first + at_a_time]).to(network.device)[None]
            logits = network(chunk, cache, logits_from=-1 if last_only else 0)[0]
            wide = logits.to(torch.float32 if logits.dtype == torch.bfloat16 else logits.dtype).cpu().numpy()
        yield numbers(wide)


@dataclass(frozen=True, slots=True)
class ForcedRun:
    """What a network says at every position of a run that is known already.

    Attributes:
        predicted: the likeliest token at each position [n w], the last prompt token's first.
        margins: how far each leads the second likeliest [n].
        wrong: the positions where it is not the run's token.
    """

    predicted: Tokens
    margins: NDArray[np.floating]
    wrong: list[int]


def teacher_forced(network: Transformer, vocabulary: Vocabulary, prompt: Prompt, run: Tokens) -> ForcedRun:
    """Check a whole known run [n w] in one forward pass (in chunks of positions, to bound memory).

    Nothing is generated: each position sees the true tokens before it, so that every one is checked on its own.

    Raises:
        ValueError: for an empty run.
    """
    if not len(run):
        raise ValueError("an empty run has no token to check")
    tokens = np.concatenate([prompt.tokens, run[:-1]])
    predicted, margins, skip = [], [], len(prompt) - 1
    for chunk in logits_after(network, tokens, KeyValueCache()):
        for row in chunk[skip:]:
            predicted.append(vocabulary.best(row))
            margins.append(vocabulary.margin(row))
        skip = max(0, skip - len(chunk))
    wrong = [i for i, token in enumerate(predicted) if token != tuple(run[i])]
    return ForcedRun(np.array(predicted, dtype=np.int64), np.array(margins), wrong)

"""What every decoder is: it takes a network and a prompt and generates tokens, and knows nothing of machines.

Between two tokens it has a state: enough for any decoder of the same network to go on from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from compiled_models.decoding.entries import Entries
from compiled_models.decoding.weights import HeadWeights, NetworkWeights
from construction.codec import Prompt
from construction.network import Network
from construction.vocabulary import Tokens, Vocabulary
from tm import Problem, TapeheadError

__all__ = [
    "Decoder",
    "DecoderState",
    "GenerationError",
    "NumberedTokens",
    "Numbering",
    "Resumable",
    "generated",
    "numbers",
    "rows_of",
]

WIDEST = 64  # fields of a token: no vocabulary here comes near


class GenerationError(TapeheadError, RuntimeError):
    """A network generated what no run has here, or nothing: its weights are not those of the construction."""


def numbers(logits: NDArray[np.floating]) -> NDArray[np.floating]:
    """The logits, if every one of them is a number.

    Raises:
        GenerationError: if one is not (NaN): the network computes with numbers that its format does not have.

    >>> numbers(np.array([1.0, np.inf - np.inf]))
    Traceback (most recent call last):
    compiled_models.decoding.decoder.GenerationError: a logit of the network is not a number (NaN)
        expected: numbers
        found: 1 of 2 logits that are none
    """
    if (wrong := np.isnan(logits)).any():
        share = f"{wrong.sum():,} of {wrong.size:,} logits that are none"
        raise GenerationError(Problem("a logit of the network is not a number (NaN)", "numbers", share))
    return logits


class Decoder(Protocol):
    """Generates the tokens that follow a prompt."""

    @property
    def name(self) -> str:
        """Which decoder is at work now: "dense", "streaming" or "kernels"."""
        ...

    @property
    def fallback(self) -> str:
        """Why it is not the one that was asked for; else empty."""
        ...

    def __init__(
        self, network: Network, vocabulary: Vocabulary, prompt: Prompt, *, seed: int | None = None
    ) -> None: ...

    def generate(self, limit: int) -> Iterator[Tokens]:
        """Chunks [n w] of generated tokens, `limit` of them in all, or fewer if the stop token comes (it is included).

        A later call goes on where the last one stopped.
        """
        ...


@dataclass(frozen=True, slots=True)
class NumberedTokens:
    """Tokens that repeat: the different ones, `distinct` [t w], and for each of n tokens its number there.

    >>> tokens = NumberedTokens(np.array([[5, 0], [3, 8]]), np.array([1, 0, 1, 1], dtype=np.int32))
    >>> len(tokens), tokens.rows().tolist(), tokens[1:3].rows().tolist()
    (4, [[3, 8], [5, 0], [3, 8], [3, 8]], [[5, 0], [3, 8]])
    """

    distinct: Tokens
    numbers: NDArray[np.int32]

    def rows(self) -> Tokens:
        """The tokens [n w] as they are everywhere else."""
        return self.distinct[self.numbers]

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, part: slice) -> NumberedTokens:
        return NumberedTokens(self.distinct, self.numbers[part])


def rows_of(tokens: Tokens | NumberedTokens) -> Tokens:
    """Tokens [n w] as they are everywhere, from either form."""
    return tokens.rows() if isinstance(tokens, NumberedTokens) else tokens


@runtime_checkable
class Numbering(Protocol):
    """A decoder that can give tokens by number: of millions of tokens a few are different."""

    def numbered(self, limit: int) -> Iterator[Tokens | NumberedTokens]:
        """The same tokens as `Decoder.generate`, some of the chunks by number."""
        ...


def generated(decoder: Decoder, limit: int) -> Iterator[Tokens | NumberedTokens]:
    """What a decoder generates next, by number where it can: see `Decoder.generate`."""
    return decoder.numbered(limit) if isinstance(decoder, Numbering) else decoder.generate(limit)


@runtime_checkable
class Resumable(Protocol):
    """A decoder whose state between two tokens can be taken out, and put into another one."""

    def state(self) -> DecoderState:
        """The state after the last generated token."""
        ...

    def restore(self, state: DecoderState) -> None:
        """Go on from a state; only for a decoder that has generated nothing yet."""
        ...


@dataclass(frozen=True, slots=True)
class DecoderState:
    """Everything that the tokens to come depend on.

    Attributes:
        length: how many tokens have been absorbed.
        pending: the tokens [n w] known but not yet absorbed: the prompt at first, then the last one generated.
        stopped: whether the last one generated is the stop token.
        heads: the merged entries of each head, by its block and its number among the live ones.
        draws: how many random numbers have been drawn.
    """

    length: int
    pending: Tokens
    stopped: bool
    heads: dict[tuple[int, int], Entries]
    draws: int

    def contradictions(self, weights: NetworkWeights, prompt: Prompt, generated: int) -> Iterator[str]:
        """What is wrong with it as the state of a network that has generated so many tokens (one or more) of a prompt.

        Each token but the last has been absorbed by every head once, under one of its distinct keys.
        """
        length = len(prompt) + generated - 1
        for name, actual, expected in (("length", self.length, length), ("draws", self.draws, generated)):
            if actual != expected:
                yield f"{name} {actual} after {generated} tokens, instead of {expected}"
        if self.pending.shape != (1, prompt.tokens.shape[1]) or self.pending.dtype != np.int64:
            yield f"pending tokens of the shape {self.pending.shape}"
        elif (tuple(self.pending[0].tolist()) == prompt.stop) is not self.stopped:
            yield f"a last token that does not go with stopped = {self.stopped}"
        heads = {(i, j): head for i, block in enumerate(weights.blocks) for j, head in enumerate(block.heads)}
        if self.heads.keys() != heads.keys():
            yield f"the heads {list(self.heads)}, instead of {list(heads)}"
        for place in sorted(self.heads.keys() & heads.keys()):
            wrong = list(_unfit(self.heads[place], heads[place], weights))
            wrong = wrong or list(_miscounted(self.heads[place], length, _values(weights, *place)))
            yield from (f"head {place}: {reason}" for reason in wrong)


def _unfit(entries: Entries, head: HeadWeights, weights: NetworkWeights) -> Iterator[str]:
    """What is wrong with the shapes and number formats of a head's entries."""
    size = len(entries.counts) if entries.counts.ndim else 0
    double = np.dtype(np.float64)
    channels, values = head.key.matrix.shape[1], head.value.matrix.shape[1]
    expected = ((weights.dtype, (size, channels)), (double, (size, values)), (double, (size,)))
    for name, array, (kind, shape) in zip(Entries._fields, entries, expected, strict=True):
        if array.shape != shape or array.dtype != kind:
            yield f"{name} {array.dtype} {array.shape}, instead of {kind} {shape}"
        elif not np.isfinite(array).all():
            yield f"{name} that are not finite"


def _miscounted(entries: Entries, length: int, values: NDArray[np.float64] | None) -> Iterator[str]:
    """What is wrong with entries as what a head remembers of so many tokens, whose rows bring these values [r v]."""
    keys, sums, counts = entries
    if (counts < 1).any() or (counts != np.floor(counts)).any() or counts.sum() != length:
        yield f"counts that do not come to {length} tokens"
    if len(np.unique(keys + 0.0, axis=0)) != len(counts):
        yield "a key twice"
    if values is not None:
        most = np.abs(values).max(0)
        if (np.abs(sums) > counts[:, None] * most * WIDEST).any():
            yield "sums of more than so many tokens bring"
        if (values == np.floor(values)).all() and (sums != np.floor(sums)).any():
            yield "broken sums of whole values"


def _values(weights: NetworkWeights, block: int, number: int) -> NDArray[np.float64] | None:
    """What each row of the vocabulary brings to a head's value [r v]; None where it depends on more than the token."""
    matrix = weights.blocks[block].heads[number].value
    if (matrix.read & weights.written_before(block)).any():
        return None
    return weights.embed.astype(np.float64) @ matrix.matrix

"""What every decoder is: it takes a network and a prompt and generates tokens, and knows nothing of machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from compiled_models.decoding.state import DecoderState
from construction.codec import Prompt
from construction.transformer import Transformer
from construction.vocabulary import Tokens, Vocabulary

__all__ = ["Decoder", "Resumable", "Sampler", "skip"]


class Decoder(Protocol):
    """Generates the tokens that follow a prompt."""

    def __init__(
        self, network: Transformer, vocabulary: Vocabulary, prompt: Prompt, *, seed: int | None = None
    ) -> None: ...

    def generate(self, limit: int) -> Iterator[Tokens]:
        """Chunks [n w] of generated tokens, `limit` of them in all, or fewer if the stop token comes (it is included).

        A later call goes on where the last one stopped.
        """
        ...


@runtime_checkable
class Resumable(Protocol):
    """A decoder whose state between two tokens can be taken out, and put into another one."""

    def state(self) -> DecoderState:
        """The state after the last generated token."""
        ...

    def restore(self, state: DecoderState) -> None:
        """Go on from a state; only for a decoder that has generated nothing yet."""
        ...


def skip(random: np.random.Generator | None, draws: int) -> None:
    """Leave out as many numbers as `random.random()` would have drawn (a double takes one step of PCG64).

    >>> one, other = np.random.default_rng(3), np.random.default_rng(3)
    >>> _ = one.random(1000)
    >>> skip(other, 1000)
    >>> one.random() == other.random()
    True
    """
    if random is not None:
        random.bit_generator.advance(draws)  # type: ignore[attr-defined]


class Sampler:
    """Chooses a token from the logits of the rows: the likeliest, or, given a seed, one drawn by the linear read-out.

    P(token) = relu(logit). Every draw takes exactly one number u of `numpy.random.default_rng(seed)`: the first token,
    in the order of their rows, whose cumulative share exceeds u. So every decoder makes the same draws, unless all
    logits are next to nothing: then the last bits decide, in which decoders differ.

    >>> vocabulary = Vocabulary({"A": {"x": "ab"}, "B": {}})
    >>> logits = np.array([0, 0, 0.5, 0.5, 0])
    >>> Sampler(vocabulary, None)(logits), {Sampler(vocabulary, seed)(logits) for seed in range(9)}
    ((1, 2), {(1, 2), (1, 3)})
    """

    def __init__(self, vocabulary: Vocabulary, seed: int | None) -> None:
        self.vocabulary = vocabulary
        self.random = None if seed is None else np.random.default_rng(seed)

    def __call__(self, logits: NDArray[np.floating]) -> tuple[int, ...]:
        if self.random is None:
            return self.vocabulary.best(logits)
        drawn, tokens = self.random.random(), self.vocabulary.positive(logits)
        if not tokens:
            return self.vocabulary.best(logits)
        shares = np.cumsum([probability for _, probability in tokens])
        return tokens[int(np.searchsorted(shares, drawn * shares[-1], side="right"))][0]

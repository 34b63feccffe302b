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
from tm import Problem, TapeheadError

__all__ = ["Decoder", "GenerationError", "Resumable", "numbers"]


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

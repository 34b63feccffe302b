"""What every decoder is: it takes a network and a prompt and generates tokens, and knows nothing of machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from compiled_models.decoding.state import DecoderState
from construction.codec import Prompt
from construction.transformer import Transformer
from construction.vocabulary import Tokens, Vocabulary

__all__ = ["Decoder", "Resumable"]


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

"""A decoder's state between two tokens: enough for any decoder of the same network to go on from."""

from __future__ import annotations

from dataclasses import dataclass

from compiled_models.decoding.entries import Entries
from construction.vocabulary import Tokens

__all__ = ["DecoderState"]


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

"""Checks a run that is known: a network cannot guess, but it can say of every step whether it may be taken."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from compiled_models.decoding.dense import DenseDecoder
from compiled_models.decoding.sampler import edge
from construction.codec import Prompt
from construction.transformer import Transformer
from construction.vocabulary import Tokens, Vocabulary

__all__ = ["FollowingDecoder"]


class FollowingDecoder(DenseDecoder):
    """Generates a known run [n w], as long as the network gives each of its tokens, after all before it, a chance.

    That is a probability under the linear read-out, relu(logit), beyond all rounding. From the first token that has
    none, the network goes on by itself, with the likeliest; `refused` is that token's number, from 0, else None.

    >>> from construction import Codec, base_network
    >>> from tm import Machine
    >>> coin = Machine.read("toss _ -> heads 1 S x 1\\ntoss _ -> tails 0 S x 1")
    >>> network = base_network(states=3, symbols=3)
    >>> codec = Codec(network.config, coin)
    >>> run = np.array([codec.step(coin.rules[1]), codec.stop])
    >>> following = FollowingDecoder(network, codec.vocabulary, codec.prompt(), run)
    >>> [codec.text(token) for (token,) in following.generate(9)], following.refused
    (['toss/_>0/S/tails', '<stop>'], None)
    """

    def __init__(self, network: Transformer, vocabulary: Vocabulary, prompt: Prompt, run: Tokens) -> None:
        super().__init__(network, vocabulary, prompt)
        self.refused: int | None = None
        self._run, self._followed = run, 0

    def _choose(self, logits: NDArray[np.floating]) -> tuple[int, ...]:
        if self.refused is None and self._followed < len(self._run):
            token = tuple(int(row) for row in self._run[self._followed])
            probability = float(logits[[row for row in token if row]].sum())  # row 0 is "no field"
            if probability > edge(*self._rounding, self.cache.length):
                self._followed += 1
                return token
            self.refused = self._followed
        return super()._choose(logits)

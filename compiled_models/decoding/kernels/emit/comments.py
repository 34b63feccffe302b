"""What the source of a kernel says of itself: the blueprint's own words, where the weights are the blueprint's.

Machine code is made from a source without comments, so that what is said changes nothing, not even where it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np

from compiled_models.decoding.weights import BlockWeights, HeadWeights
from construction.blueprint import Blueprint
from construction.config import NetworkConfig
from construction.network import Network, tensors_of
from construction.tuned_network import draw_network

__all__ = ["Comments", "comments_for"]

Matrix = Literal["W_Q", "W_K", "W_V"]


class Comments:
    """Names and sentences for the weights of a network.

    Args:
        network: its tensors; one of which a single weight differs from the blueprint's has no sentences.
        blueprint: None: there is none, and what is known of a weight is where it stands.

    >>> Comments().block(2), Comments().direction(7)
    ('block 2', 'direction 7')
    """

    def __init__(self, network: Network | None = None, blueprint: Blueprint | None = None) -> None:
        self._blueprint = blueprint
        self._sentences: dict[tuple[str, tuple[int, ...]], str] = {}
        if network is not None and blueprint is not None:
            originals = blueprint.weights(network.config, dtype=network.number_format).tensors
            tensors = tensors_of(network).items()
            same = {name for name, tensor in tensors if np.array_equal(tensor.array, originals[name])}
            self._sentences = {(e.tensor, e.index): e.because for e in blueprint.entries if e.tensor in same}

    def block(self, number: int) -> str:
        """The name of a block."""
        return f"block {number}" if self._blueprint is None else list(self._blueprint.blocks)[number]

    def direction(self, column: int) -> str:
        """The name of a direction of the residual stream."""
        return f"direction {column}" if self._blueprint is None else self._blueprint.stream.direction(column).name

    def head(self, block: int, head: HeadWeights) -> str:
        """The name of a head."""
        if self._blueprint is None:
            return f"head {head.number} of block {block}"
        return list(self._blueprint.blocks.values())[block].heads[head.number].name

    def channels(self, block: int, head: HeadWeights, matrix: Matrix, live: Iterable[int]) -> list[str]:
        """Why live channels of a head read what they read."""
        numbers = head.carried if matrix == "W_V" else head.match
        sources = range(len(head.query.matrix))
        places = ((head.number, source, int(numbers[channel])) for channel in live for source in sources)
        return self._of(f"blocks.{block}.attn.{matrix}", places)

    def unit(self, number: int, block: BlockWeights, live: int) -> list[str]:
        """Why there is a feed-forward unit."""
        unit, sources = int(block.units[live]), range(len(block.gate.matrix))
        return self._of(f"blocks.{number}.mlp.W_gate", ((source, unit) for source in sources))

    def logits(self, rows: Iterable[int], directions: int) -> list[str]:
        """Why rows of the vocabulary have the logits that they have."""
        return self._of("unembed.W_U", ((source, row) for row in rows for source in range(directions)))

    def _of(self, tensor: str, places: Iterable[tuple[int, ...]]) -> list[str]:
        """The sentences of some weights, each once."""
        if not self._sentences:  # a source for the compiler: there may be millions of places
            return []
        return list(dict.fromkeys(s for place in places if (s := self._sentences.get((tensor, place)))))


def comments_for(network: Network) -> Comments:
    """The words of the blueprint that a network's configuration draws, base or tuned; generic ones if it has none.

    >>> from construction import base_network
    >>> comments_for(base_network(states=2, symbols=2)).block(2)
    'READ'
    """
    if not isinstance(network.config, NetworkConfig):
        return Comments()
    blueprint = draw_network(network.config)
    return Comments(network, blueprint) if blueprint.shape == network.shape else Comments()

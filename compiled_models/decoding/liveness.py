"""What of a forward pass can be left out where only keys and values are wanted, and where a token repeats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compiled_models.decoding.weights import BlockWeights, Flags, NetworkWeights

__all__ = ["Remembering", "keys_stay", "remembering"]

Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Remembering:
    """What of one block some later key or value depends on."""

    attention: bool
    feed_forward: bool


def remembering(weights: NetworkWeights) -> list[Remembering]:
    """For each block, what is needed at a token whose own logits nobody asks for: all but the last of a prompt.

    From the last block to the first, keeping the directions that the keys and values of later blocks depend on.

    >>> from construction import base_network
    >>> from compiled_models.decoding.weights import read_weights
    >>> needed = remembering(read_weights(base_network(4, 2)))
    >>> [(block.attention, block.feed_forward) for block in needed]
    [(True, True), (False, True), (False, False), (False, False)]
    """
    live = np.zeros(len(weights.position), dtype=bool)
    needs: list[Remembering] = []
    for block in reversed(weights.blocks):
        feed_forward = bool((block.out.written & live).any())
        if feed_forward:
            live = live | block.gate.read | block.times.read
        attention = any((head.out.written & live).any() for head in block.heads)
        for head in block.heads:
            live = live | head.key.read | head.value.read
            if attention:
                live = live | head.query.read
        needs.insert(0, Remembering(attention, feed_forward))
    return needs


def keys_stay(weights: NetworkWeights, embedding: Floats, first: int, last: int) -> bool:
    """Whether all copies of a token at the positions first..last have the same keys and values in every block.

    t, and whatever attention writes, may differ from copy to copy, and so may the output of a unit that reads them,
    unless its gate is closed: a gate that depends on nothing else but t is linear in t, hence closed in between if it
    is closed at both ends.

    Args:
        embedding: of the token, without its position.
    """
    ends: Floats = np.stack([embedding + t * weights.position for t in (first, last)])  # [2 m]
    moves, steady = np.zeros(len(weights.position), dtype=bool), weights.position == 0
    for block in weights.blocks:
        if any(((head.key.read | head.value.read) & (moves | ~steady)).any() for head in block.heads):
            return False
        for head in block.heads:
            moves = moves | head.out.written
        if block.out.sources.size:
            ends, moves, steady = _after_feed_forward(block, ends, moves, steady)
    return True


def _after_feed_forward(block: BlockWeights, ends: Floats, moves: Flags, steady: Flags) -> tuple[Floats, Flags, Flags]:
    """The residual stream at both ends, what moves unpredictably, and what stays the same from copy to copy."""
    gate, times, out = block.gate.matrix, block.times.matrix, block.out.matrix
    unknown = (gate[moves] != 0).any(0)  # [u]
    gates = np.maximum(np.where(unknown, 0, ends @ gate), 0)  # [2 u]
    closed = ~unknown & (gates == 0).all(0)
    varies = ~closed & (gate[moves | ~steady].any(0) | times[moves | ~steady].any(0))
    products = np.where(varies, 0, gates * (ends @ times))
    return ends + products @ out, moves | out[varies].any(0), steady

"""What a head's keys look like, as far as its weights tell: a proposal, to be verified on every key as it comes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from compiled_models.decoding.weights import NetworkWeights

__all__ = ["DISTINCT", "ONE_KEY", "Structure", "proposals"]


@dataclass(frozen=True, slots=True)
class Structure:
    """The shape of a head's keys.

    Attributes:
        name: "one key", "parabola" or "distinct" (any keys: nothing to verify).
        finite: the keys come from the tokens alone, so there are no more of them than distinct tokens.
        linear, square: of a parabola, the channels that hold 2c and -c^2 for an integer c (the latter plus a constant
            that takes few values, as do all other channels).
    """

    name: str
    finite: bool = False
    linear: int = -1
    square: int = -1


ONE_KEY = Structure("one key", finite=True)
DISTINCT = Structure("distinct")


def proposals(weights: NetworkWeights, block: int, head: int) -> list[Structure]:
    """The structures that a head's keys may have, to be tried in order; the last one fits any keys.

    - No live match channel: all scores are 0, so one key stands for all.
    - W_K reads only directions that no earlier block writes, and not t: a finite set of keys.
    - Two channels beside such finite ones: perhaps 2c and -c^2, either way round.

    >>> from construction import base_network
    >>> from compiled_models.decoding.weights import read_weights
    >>> weights = read_weights(base_network(4, 2))
    >>> [proposals(weights, block, 0)[0].name for block in (0, 2, 3)], proposals(weights, 3, 0)[0].finite
    (['one key', 'parabola', 'distinct'], True)
    """
    key = weights.blocks[block].heads[head].key.matrix
    if not key.shape[1]:
        return [ONE_KEY]
    varying = np.flatnonzero(key[weights.written_before(block)].any(0))
    if not varying.size:
        return [Structure("distinct", finite=True)]
    if varying.size == 2:
        first, second = (int(channel) for channel in varying)
        return [Structure("parabola", False, *order) for order in ((first, second), (second, first))] + [DISTINCT]
    return [DISTINCT]

"""What can be compiled: every head recognised, and the directions divided into scalar and wide ones.

A *scalar* direction is one that a feed-forward unit, a head with one key or a parabola reads or writes: the kernel
holds it in a variable, and every weight on it is a product in the source. A *wide* direction is one of many that only
tokens bring along or only a head with finitely many keys writes: at any token few of them are not 0, so that the kernel
follows lists of those instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from compiled_models.decoding.memory import Structure, proposals
from compiled_models.decoding.weights import Flags, HeadWeights, NetworkWeights, Remembering, remembering
from construction.vocabulary import Vocabulary

__all__ = ["RecognisedHead", "RecognisedNetwork", "Unsupported", "recognise"]

MOST_PRODUCTS = 6_000  # straight-line source of so many takes half a minute to compile


class Unsupported(Exception):
    """No kernel can be generated for this network; the text says why."""


@dataclass(frozen=True, slots=True)
class RecognisedHead:
    """A head with the structure of its keys."""

    block: int
    number: int
    structure: Structure
    weights: HeadWeights

    @property
    def place(self) -> tuple[int, int]:
        """Its block and its number among the live heads there, as a `DecoderState` has them."""
        return self.block, self.number

    @property
    def name(self) -> str:
        """What its variables begin with."""
        return f"h{self.block}_{self.number}"


@dataclass(frozen=True, slots=True)
class RecognisedNetwork:
    """A network that can be compiled.

    Attributes:
        scalar: which directions are scalar.
        own: which directions nothing but the tokens themselves writes.
        needed: what of each block later keys and values depend on.
    """

    weights: NetworkWeights
    vocabulary: Vocabulary
    heads: tuple[RecognisedHead, ...]
    scalar: Flags
    own: Flags
    needed: list[Remembering]


def recognise(weights: NetworkWeights, vocabulary: Vocabulary) -> RecognisedNetwork:
    """Recognise every head and divide the directions.

    Raises:
        Unsupported: where a head is not recognised, or what is left over is too long for straight-line source.

    >>> from construction import base_network
    >>> from construction.vocabulary import machine_vocabulary
    >>> from compiled_models.decoding.weights import read_weights
    >>> network = recognise(read_weights(base_network(8, 4)), machine_vocabulary(8, 4, 1, "joint"))
    >>> [head.structure.name for head in network.heads], int(network.scalar.sum()), len(network.scalar)
    (['one key', 'parabola', 'distinct'], 19, 235)
    """
    heads = tuple(
        RecognisedHead(number, i, proposals(weights, number, i)[0], head)
        for number, block in enumerate(weights.blocks)
        for i, head in enumerate(block.heads)
    )
    scalar = np.logical_or.reduce([weights.position != 0, *_scalar_parts(weights, heads)])
    network = RecognisedNetwork(
        weights, vocabulary, heads, scalar, ~weights.written_before(len(weights.blocks)), remembering(weights)
    )
    if reasons := list(_objections(network)):
        raise Unsupported("; ".join(reasons))
    return network


def _scalar_parts(weights: NetworkWeights, heads: tuple[RecognisedHead, ...]) -> Iterator[Flags]:
    for block in weights.blocks:
        yield from (block.gate.read, block.times.read, block.out.written)
    for head in heads:
        parts = head.weights
        if head.structure.name != "distinct":
            yield from (parts.query.read, parts.key.read, parts.out.written)
        if head.structure.name == "one key":
            yield parts.value.read


def _objections(network: RecognisedNetwork) -> Iterator[str]:
    if network.weights.embed[0].any():
        yield "row 0 of W_E, which means no field, has a weight"
    for head in network.heads:
        yield from _objections_to(network, head)
    if (products := _products(network)) > MOST_PRODUCTS:
        yield f"{products:,} weights are too many for straight-line source"


def _objections_to(network: RecognisedNetwork, head: RecognisedHead) -> Iterator[str]:
    if head.structure.name == "one key":
        return
    where = f"head {head.number} of block {head.block}"
    if (head.weights.value.read & network.weights.written_before(head.block)).any():
        yield f"{where} carries values that are no token's own"
    if head.structure.name == "parabola":
        return
    if not head.structure.finite:
        yield f"{where} has keys of no known structure"
    if network.needed[head.block].attention:
        yield f"later keys depend on {where}, which has many keys"
    if (head.weights.query.read & ~network.scalar & ~network.own).any():
        yield f"{where} asks for what another such head wrote"


def _products(network: RecognisedNetwork) -> int:
    """How many weights the straight-line source would have."""
    parts = [part for block in network.weights.blocks for part in (block.gate, block.times, block.out)]
    for head in network.heads:
        if head.structure.name != "distinct":
            parts += [head.weights.query, head.weights.key, head.weights.value, head.weights.out]
    return sum(part.weights.size for part in parts)

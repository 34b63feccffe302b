"""A network's weights as decoders that do not use torch want them: live channels only, and sparse.

A channel in which queries meet keys is live if both W_Q and W_K have a non-zero weight in it; a channel that carries
values is live if both W_V and W_O have. The others add 0 to every score and to every output, so they are left out. And
so is what of a forward pass nobody needs: where only keys and values are wanted, and where a token repeats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from construction.network import Network, tensors_of
from construction.plain import departure
from tm import InputError, Problem

__all__ = [
    "BlockWeights",
    "HeadWeights",
    "NetworkWeights",
    "Remembering",
    "Sparse",
    "keys_stay",
    "not_finite",
    "read_weights",
    "remembering",
]

Floats = NDArray[np.floating]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]


class Sparse:
    """A matrix [s d] of which only the non-zero weights are multiplied.

    >>> Sparse(np.array([[0.0, 2.0], [3.0, 0.0]]))(np.array([5.0, 7.0]))
    array([21., 10.])
    """

    def __init__(self, matrix: Floats) -> None:
        self.matrix = matrix
        self.sources, self.targets = np.nonzero(matrix)
        self.weights = matrix[self.sources, self.targets]

    def __call__(self, x: Floats) -> Floats:
        """The vector x [s] times the matrix, added up in float64 and rounded to the matrix's number format."""
        products = x[self.sources] * self.weights
        return np.bincount(self.targets, products, self.matrix.shape[1]).astype(self.matrix.dtype)

    @property
    def read(self) -> Flags:
        """Which rows have a non-zero weight: the directions that the matrix reads."""
        return np.asarray(self.matrix.any(1))

    @property
    def written(self) -> Flags:
        """Which columns have one: the directions that it writes."""
        return np.asarray(self.matrix.any(0))


@dataclass(frozen=True, slots=True)
class HeadWeights:
    """One attention head; c are its live match channels, v its live value channels.

    `match` [c] and `carried` [v] are the numbers that these have in the module's tensors.
    """

    number: int
    match: Integers
    carried: Integers
    query: Sparse  # [m c]
    key: Sparse  # [m c]
    value: Sparse  # [m v]
    out: Sparse  # [v m]


@dataclass(frozen=True, slots=True)
class BlockWeights:
    """One block: the heads that write something, and the feed-forward units that do.

    `units` [u] are the numbers that these have in the module's tensors.
    """

    heads: tuple[HeadWeights, ...]
    units: Integers
    gate: Sparse  # [m u]
    times: Sparse  # [m u]
    out: Sparse  # [u m]

    @property
    def written(self) -> Flags:
        """The directions that this block writes."""
        return np.logical_or.reduce([self.out.written, *(head.out.written for head in self.heads)])


@dataclass(frozen=True, slots=True)
class NetworkWeights:
    """All weights of a network."""

    embed: Floats  # [r m]
    position: Floats  # [m]
    blocks: tuple[BlockWeights, ...]
    unembed: Sparse  # [m r]

    @property
    def dtype(self) -> np.dtype[np.floating]:
        """The number format."""
        return self.embed.dtype

    def written_before(self, block: int) -> Flags:
        """The directions that change from token to token beyond the token itself: t, and what earlier blocks write."""
        return np.logical_or.reduce([self.position != 0, *(earlier.written for earlier in self.blocks[:block])])


def read_weights(network: Network) -> NetworkWeights:
    """The weights of a network as numpy arrays (views of its tensors where they are on the CPU).

    Raises:
        InputError: for a number format that numpy does not have, and for a network that computes something else than
            its weights say (`construction.plain.departure`).

    >>> from construction import base_network
    >>> [len(block.heads) for block in read_weights(base_network(4, 2, tapes=2)).blocks]
    [2, 0, 2, 1]
    """
    if (changed := departure(network)) is not None:
        hint = 'decoder="dense" runs the network as it is'
        problem = "this decoder works from the weights, and they are not all that the network computes with"
        raise InputError(Problem(problem, "a plain network", str(changed), hint))
    if (name := network.number_format) not in ("float64", "float32"):
        hint = 'decoder="dense" takes it'
        raise InputError(
            Problem("this decoder has no arithmetic for the number format", "float64 or float32", name, hint)
        )
    tensors = {name: tensor.array for name, tensor in tensors_of(network).items()}
    return NetworkWeights(
        embed=tensors["embed.W_E"],
        position=tensors["embed.W_pos"][0],
        blocks=tuple(_block(tensors, f"blocks.{i}") for i in range(len(network.shape.blocks))),
        unembed=Sparse(tensors["unembed.W_U"]),
    )


def not_finite(network: Network) -> Problem | None:
    """The first weight that is infinite or not a number: decoders that leave out zeros and others would differ there.

    >>> from construction import base_network
    >>> network = base_network(2, 2)
    >>> network.embed.W_E.data[3, 0] = float("nan")
    >>> not_finite(network).found
    'embed.W_E[3, 0] = nan'
    """
    for name, tensor in tensors_of(network).items():
        if not (finite := np.isfinite(tensor.array)).all():
            place = tuple(int(i) for i in np.argwhere(~finite)[0])
            value = f"{name}[{', '.join(map(str, place))}] = {float(tensor.array[place])}"
            return Problem("the network has weights that are not finite", "finite numbers", value)
    return None


def _block(tensors: dict[str, Floats], name: str) -> BlockWeights:
    attention: Sequence[Floats] = [tensors[f"{name}.attn.{part}"] for part in ("W_Q", "W_K", "W_V", "W_O")]
    heads = (_head(number, *parts) for number, parts in enumerate(zip(*attention, strict=True)))
    gate, times, out = (tensors[f"{name}.mlp.{part}"] for part in ("W_gate", "W_in", "W_out"))
    live = gate.any(0) & times.any(0) & out.any(1)
    feed_forward = Sparse(gate[:, live]), Sparse(times[:, live]), Sparse(out[live])
    live_heads = tuple(head for head in heads if head.out.sources.size)
    return BlockWeights(live_heads, np.flatnonzero(live), *feed_forward)


def _head(number: int, query: Floats, key: Floats, value: Floats, out: Floats) -> HeadWeights:
    match, carried = query.any(0) & key.any(0), value.any(0) & out.any(1)
    return HeadWeights(
        number,
        np.flatnonzero(match),
        np.flatnonzero(carried),
        Sparse(query[:, match]),
        Sparse(key[:, match]),
        Sparse(value[:, carried]),
        Sparse(out[carried]),
    )


# -- what of a forward pass can be left out ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Remembering:
    """What of one block some later key or value depends on."""

    attention: bool
    feed_forward: bool


def remembering(weights: NetworkWeights) -> list[Remembering]:
    """For each block, what is needed at a token whose own logits nobody asks for: all but the last of a prompt.

    From the last block to the first, keeping the directions that the keys and values of later blocks depend on.

    >>> from construction import base_network
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

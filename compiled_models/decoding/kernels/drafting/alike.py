"""What a network must be like for its tokens to be verified many at a time, and what of it has to be computed for that.

A drafted run is verified in two parts. *Reading*, up to the feed-forward layer behind the parabola heads, depends on
the position: it is computed at every one. *Deciding*, the blocks after it, must depend on nothing but the token and
what was read; then equal ones are equal, and each is computed once a block of tokens.

A parabola head may have many value channels of which all but one are 0. If the feed-forward layer treats all alike, it
is enough to compute it for one *sample* channel, with the mean of whichever holds something.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from compiled_models.decoding.kernels.heads import KernelHead, MatchingHead, OneKeyHead, ParabolaHead
from compiled_models.decoding.kernels.recognise import RecognisedNetwork, Unsupported
from compiled_models.decoding.weights import BlockWeights, Flags, Floats, Sparse
from construction.vocabulary import Kind

__all__ = ["Divided", "Reading", "divided"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What becomes of the mean value of a parabola head.

    Attributes:
        means: the direction that each value channel writes its mean to [v].
        own: directions that the units of one channel alone write, for each channel [v j].
        shared: directions that the units of several channels write.
    """

    head: ParabolaHead
    means: list[int]
    own: list[list[int]]
    shared: list[int]

    @property
    def outcome(self) -> list[int]:
        """The directions that hold what was read, as the sample channel 0 has them."""
        return [*self.own[0], *self.shared]


@dataclass(frozen=True, slots=True)
class Divided:
    """A network divided into reading and deciding.

    Attributes:
        block: the block that reads.
        readings: one for each of its heads.
        sample: its feed-forward layer, with the units of the sample channels only.
        kept: the directions of what a token brings that deciding depends on.
    """

    block: int
    readings: list[Reading]
    sample: BlockWeights
    kept: list[int]


def divided(network: RecognisedNetwork, heads: tuple[KernelHead, ...], kind: Kind) -> Divided:
    """Divide a network for runs whose tokens are all of one kind.

    Raises:
        Unsupported: where it cannot be, with the reason.
    """
    parabolas = [head for head in heads if isinstance(head, ParabolaHead)]
    blocks = {head.recognised.block for head in parabolas}
    if len(blocks) != 1:
        raise Unsupported("the heads with parabolas for keys are not all in one block")
    (block,) = blocks
    for head in heads:
        if isinstance(head, OneKeyHead) and head.recognised.block >= block:
            raise Unsupported(f"{head.name} is not before the block that reads")
        if isinstance(head, MatchingHead) and head.recognised.block <= block:
            raise Unsupported(f"{head.name} is not after the block that reads")
    fixed = _same_for_all(network, kind)
    means = [_means(network, head) for head in parabolas]
    readings = [_reading(network, head, means, number, fixed) for number, head in enumerate(parabolas)]
    _check_alone(network, block, means, readings)
    _check_silent(network.weights.blocks[block], readings, np.where(fixed, network.weights.embed[kind.row], 0))
    sample = _sample(network, block, means, readings, fixed)
    read = {d for reading in readings for d in (*chain(*reading.own), *reading.shared)}
    kept = [d for d in np.flatnonzero(_needed(network, block)).tolist() if d not in read]
    moving = network.weights.written_before(block + 1)
    if any(moving[d] for d in kept):
        raise Unsupported("what is decided depends on the position beyond what was read")
    return Divided(block, readings, sample, kept)


def _same_for_all(network: RecognisedNetwork, kind: Kind) -> Flags:
    """The directions that are the same at all tokens of a kind: only the kind brings them, and nothing writes them."""
    varies = network.weights.written_before(len(network.weights.blocks))
    for field in kind.fields:
        varies = varies | (network.weights.embed[field.rows] != 0).any(0)
    return np.asarray(~varies)


def _needed(network: RecognisedNetwork, block: int) -> Flags:
    """The scalar directions that are read after the block, up to the logits."""
    weights = network.weights
    needed = weights.unembed.read.copy()
    for later in weights.blocks[block + 1 :]:
        needed |= later.gate.read | later.times.read
        for head in later.heads:
            needed |= head.query.read
    return needed & network.scalar & ~_written_after(network, block)


def _written_after(network: RecognisedNetwork, block: int) -> Flags:
    later = [later.written for later in network.weights.blocks[block + 1 :]]
    alone = ~network.weights.written_before(block + 1) & ~(network.weights.embed != 0).any(0)
    return np.logical_or.reduce([np.zeros_like(alone), *later]) & alone


def _means(network: RecognisedNetwork, head: ParabolaHead) -> list[int]:
    """The direction that each value channel has to itself."""
    out, taken = head.recognised.weights.out.matrix, (network.weights.embed != 0).any(0)
    taken = taken | network.weights.written_before(head.recognised.block)
    means: list[int] = []
    for channel in range(head.channels):
        written = np.flatnonzero(out[channel]).tolist()
        if len(written) != 1 or taken[written[0]] or out[channel, written[0]] != out[0].sum():
            raise Unsupported(f"{head.name} writes its values to directions that are not theirs alone")
        taken[written[0]] = True
        means += written
    return means


def _reading(
    network: RecognisedNetwork, head: ParabolaHead, means: list[list[int]], number: int, fixed: Flags
) -> Reading:
    block = network.weights.blocks[head.recognised.block]
    every = list(chain(*means))
    writers: dict[int, set[int]] = {}  # of each direction the channels whose units write it
    units = [_units_of(block, direction) for direction in means[number]]
    for channel, its in enumerate(units):
        for unit in its:
            for d in np.flatnonzero(block.out.matrix[unit]).tolist():
                writers.setdefault(d, set()).add(channel)
    shared = [d for d, channels in writers.items() if len(channels) > 1]
    own = [[d for d, channels in writers.items() if channels == {channel}] for channel in range(len(units))]
    signatures = {
        tuple(_signature(block, unit, direction, own_directions, shared, every, fixed) for unit in its)
        for its, direction, own_directions in zip(units, means[number], own, strict=True)
    }
    if len(signatures) != 1:
        raise Unsupported(f"what {head.name} reads is not treated alike, whatever it is")
    return Reading(head, means[number], own, shared)


def _check_alone(network: RecognisedNetwork, block: int, means: list[list[int]], readings: list[Reading]) -> None:
    """Nothing but the means of its own head reaches what is read: only the sample channel is looked at everywhere."""
    read = [d for reading in readings for d in (*chain(*reading.own), *reading.shared)]
    moves = network.weights.written_before(block) | (network.weights.embed != 0).any(0)
    for head in network.weights.blocks[block].heads:
        moves = moves | head.out.written
    every = [*chain(*means), *read]
    if moves[read].any() or len(set(every)) < len(every):
        raise Unsupported("what is read has directions that something else writes to")


def _check_silent(block: BlockWeights, readings: list[Reading], brought: Floats) -> None:
    """A channel that holds nothing adds nothing to the directions that it shares: the sample is one of many."""
    for reading in readings:
        for unit in _units_of(block, reading.means[0]):
            gate, times = (float(brought @ matrix.matrix[:, unit]) for matrix in (block.gate, block.times))
            if gate > 0 and times and block.out.matrix[unit, reading.shared].any():
                raise Unsupported(f"{reading.head.name} reads something where nothing is")


def _units_of(block: BlockWeights, direction: int) -> list[int]:
    """The units that read a direction."""
    reads = (block.gate.matrix[direction] != 0) | (block.times.matrix[direction] != 0)
    return [int(unit) for unit in np.flatnonzero(reads)]


def _signature(
    block: BlockWeights, unit: int, mean: int, own: list[int], shared: list[int], every: list[int], fixed: Flags
) -> tuple[object, ...]:
    """What a unit does with the mean of its channel, in terms that are the same for other channels."""
    parts: list[object] = []
    for matrix in (block.gate.matrix, block.times.matrix):
        others = [d for d in np.flatnonzero(matrix[:, unit]).tolist() if d != mean]
        if any(d in every or not fixed[d] for d in others):
            raise Unsupported("a unit that reads a mean reads something else that changes")
        parts += [float(matrix[mean, unit]), *((d, float(matrix[d, unit])) for d in others)]
    written = block.out.matrix[unit]
    parts += [float(written[d]) for d in own] + [(d, float(written[d])) for d in shared]
    return tuple(parts)


def _sample(
    network: RecognisedNetwork, block: int, means: list[list[int]], readings: list[Reading], fixed: Flags
) -> BlockWeights:
    """The block with the units of each head's channel 0, and those that read no mean but write where they write."""
    weights = network.weights.blocks[block]
    outcome = {d for reading in readings for d in (*chain(*reading.own), *reading.shared)}
    kept = np.zeros(len(weights.units), dtype=bool)
    for reading in readings:
        kept[_units_of(weights, reading.means[0])] = True
    of_means = np.zeros(len(weights.units), dtype=bool)
    for direction in list(chain(*means)):
        of_means[_units_of(weights, direction)] = True
    for unit in np.flatnonzero(~of_means).tolist():
        if outcome.intersection(np.flatnonzero(weights.out.matrix[unit]).tolist()):
            reads = (weights.gate.matrix[:, unit] != 0) | (weights.times.matrix[:, unit] != 0)
            if not fixed[reads].all():
                raise Unsupported("what is read depends on more than the cells")
            kept[unit] = True
    lone = {d for reading in readings if len(reading.own) > 1 for own in reading.own for d in own}
    for unit in np.flatnonzero(kept & ~of_means).tolist():
        if lone.intersection(np.flatnonzero(weights.out.matrix[unit]).tolist()):
            raise Unsupported("a channel's outcome is not its own")
    gate, times = (Sparse(np.where(kept, matrix.matrix, 0)) for matrix in (weights.gate, weights.times))
    return replace(weights, gate=gate, times=times, out=Sparse(np.where(kept[:, None], weights.out.matrix, 0)))

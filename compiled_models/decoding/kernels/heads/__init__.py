"""The heads of a kernel, by the structure of their keys: the source of each, and the data that it works on."""

from __future__ import annotations

from compiled_models.decoding.kernels.emit.read_out import ReadOut
from compiled_models.decoding.kernels.heads.head import KernelHead
from compiled_models.decoding.kernels.heads.matching import MatchingHead
from compiled_models.decoding.kernels.heads.one_key import OneKeyHead
from compiled_models.decoding.kernels.heads.parabola import ParabolaHead
from compiled_models.decoding.kernels.recognise import RecognisedNetwork

__all__ = ["KernelHead", "MatchingHead", "OneKeyHead", "ParabolaHead", "heads_of"]

HEADS: dict[str, type[KernelHead]] = {"one key": OneKeyHead, "parabola": ParabolaHead, "distinct": MatchingHead}
"""By the name of the `Structure` that a head's keys have."""


def heads_of(network: RecognisedNetwork, read_out: ReadOut) -> tuple[KernelHead, ...]:
    """Every head of a network, in the order of blocks."""
    return tuple(
        HEADS[head.structure.name](head, network, number, read_out) for number, head in enumerate(network.heads)
    )

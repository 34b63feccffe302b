"""Decoders: ways to generate a network's tokens. All of them generate the same ones; dense is the reference.

Kernels, and what computes with PyTorch, are imported when they are asked for: a short run needs neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from compiled_models.decoding.adaptive import AdaptiveDecoder
from compiled_models.decoding.choice import DECODERS, choose, usual
from compiled_models.decoding.decoder import Decoder, DecoderState, GenerationError
from compiled_models.decoding.sampler import Sampler
from compiled_models.decoding.streaming import MergedCache, StreamingDecoder
from tm.lazy import lazily

if TYPE_CHECKING:
    from compiled_models.decoding.dense import CheckingDecoder, DenseDecoder, ForcedRun, teacher_forced
    from compiled_models.decoding.kernels import KernelDecoder

__all__ = [
    "DECODERS",
    "AdaptiveDecoder",
    "CheckingDecoder",
    "Decoder",
    "DecoderState",
    "DenseDecoder",
    "ForcedRun",
    "GenerationError",
    "KernelDecoder",
    "MergedCache",
    "Sampler",
    "StreamingDecoder",
    "choose",
    "teacher_forced",
    "usual",
]

_MODULES = {
    "compiled_models.decoding.dense": ("CheckingDecoder", "DenseDecoder", "ForcedRun", "teacher_forced"),
    "compiled_models.decoding.kernels": ("KernelDecoder",),
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazily(__name__, _MODULES, __all__)

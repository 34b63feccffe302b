"""Decoders: ways to generate a network's tokens. All of them generate the same ones; dense is the reference.

Kernels, and what computes with PyTorch, are imported when they are asked for: a short run needs neither.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from compiled_models.decoding.adaptive import AdaptiveDecoder
from compiled_models.decoding.choice import DECODERS, choose, usual
from compiled_models.decoding.decoder import Decoder, DecoderState, GenerationError
from compiled_models.decoding.sampler import Sampler
from compiled_models.decoding.streaming import MergedCache, StreamingDecoder

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

    def __getattr__(name: str) -> Any:
        for module, names in _MODULES.items():
            if name in names:
                return getattr(importlib.import_module(module), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return __all__

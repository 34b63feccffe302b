"""Decoders: ways to generate a network's tokens. All of them generate the same ones; dense is the reference."""

from compiled_models.decoding.adaptive import AdaptiveDecoder
from compiled_models.decoding.choice import DECODERS, choose, usual
from compiled_models.decoding.decoder import Decoder, DecoderState, GenerationError
from compiled_models.decoding.dense import CheckingDecoder, DenseDecoder, ForcedRun, teacher_forced
from compiled_models.decoding.kernels import KernelDecoder
from compiled_models.decoding.sampler import Sampler
from compiled_models.decoding.streaming import MergedCache, StreamingDecoder

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

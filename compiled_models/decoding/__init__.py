"""Decoders: ways to generate a network's tokens. All of them generate the same ones; dense is the reference."""

from compiled_models.decoding.decoder import Decoder, Sampler
from compiled_models.decoding.dense import DenseDecoder, ForcedRun, teacher_forced

__all__ = ["DECODERS", "Decoder", "DenseDecoder", "ForcedRun", "Sampler", "teacher_forced"]

DECODERS = {"dense": DenseDecoder}

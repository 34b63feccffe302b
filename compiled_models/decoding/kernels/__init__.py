"""Kernels: machine code generated from the non-zero weights of a network whose heads are recognised."""

from compiled_models.decoding.kernels.decoder import KernelDecoder

__all__ = ["KernelDecoder"]

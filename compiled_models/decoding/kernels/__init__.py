"""Kernels: machine code generated from the non-zero weights of a network whose heads are recognised."""

from compiled_models.decoding.kernels.kernel_decoder import KernelDecoder

__all__ = ["KernelDecoder"]

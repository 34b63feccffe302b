"""Kernels: machine code generated from the non-zero weights of a network whose heads are recognised."""

from compiled_models.decoding.kernels.kernel_decoder import KernelDecoder
from compiled_models.decoding.kernels.source import commented_source

__all__ = ["KernelDecoder", "commented_source"]

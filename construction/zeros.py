"""Zeros that take no memory until something is written there: nearly all weights of a network stay zero."""

from __future__ import annotations

import math
import mmap
import os
from typing import Any

import torch

__all__ = ["MANY", "zeros"]

MANY = 1 << 20
"""Bytes of a tensor from which on its memory is mapped, page by page."""
PRIVATE: dict[str, int] = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if os.name == "posix" else {}
"""Pages of this process alone, also after a fork."""


def zeros(*size: int, dtype: torch.dtype, device: Any = None) -> torch.Tensor:
    """As `torch.zeros`, which writes each of its zeros; of many on the CPU only pages that are written take memory.

    >>> zeros(2, 3, dtype=torch.float32)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    >>> large = zeros(1 << 10, 1 << 10, dtype=torch.float64, device="cpu")  # 8 MiB, of which a page is written
    >>> large[7, 7] = 1
    >>> large[7, 6:9]
    tensor([0., 1., 0.], dtype=torch.float64)
    """
    bytes = math.prod(size) * dtype.itemsize
    if bytes < MANY or device is None or torch.device(device).type != "cpu":
        return torch.zeros(*size, dtype=dtype, device=device)
    return torch.frombuffer(mmap.mmap(-1, bytes, **PRIVATE), dtype=dtype).view(size)

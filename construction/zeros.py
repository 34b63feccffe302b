"""Zeros that take no memory until something is written there: nearly all weights of a network stay zero."""

from __future__ import annotations

import math
import mmap
import os
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

__all__ = ["zeros"]

ALIGNED = 64
"""Bytes on a multiple of which a tensor begins, as PyTorch's own do: the widest registers are filled at once."""
PRIVATE: dict[str, int] = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if os.name == "posix" else {}
"""Pages of this process alone, also after a fork."""


def zeros(sizes: Mapping[str, tuple[int, ...]], dtype: type[np.floating]) -> dict[str, NDArray[np.floating]]:
    """Tensors of these sizes side by side, all zero; only pages that are written take memory.

    `numpy.zeros` asks the system for huge pages, of which one weight takes 2 MB.

    >>> tensors = zeros({"small": (2,), "large": (1 << 10, 1 << 10)}, np.float64)  # 8 MiB, of which a page is written
    >>> tensors["large"][7, 7] = 1
    >>> tensors["large"][7, 6:9], tensors["small"]
    (array([0., 1., 0.]), array([0., 0.]))
    """
    itemsize, begin, places = np.dtype(dtype).itemsize, 0, {}
    for name, size in sizes.items():
        end = begin + math.prod(size) * itemsize
        places[name] = slice(begin, end)
        begin = -(-end // ALIGNED) * ALIGNED
    memory = np.frombuffer(mmap.mmap(-1, max(begin, 1), **PRIVATE), np.uint8)
    return {name: memory[place].view(dtype).reshape(sizes[name]) for name, place in places.items()}

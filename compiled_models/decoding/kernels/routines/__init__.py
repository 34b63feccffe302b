"""The loops of a kernel that are the same for every network, as plain functions: their source becomes part of it.

They are typed, tested and run as Python; numba compiles them with the rest of the kernel. Each file lists what it has:
`ROUTINES` are inlined where they are called, `SELDOM` are not. Here are the types of the arrays that they work on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Arrays", "Doubles", "Flags", "Floats", "Integers"]

Integers = NDArray[np.int64]
Doubles = NDArray[np.float64]
Flags = NDArray[np.bool_]
Floats = NDArray[Any]
"""Of the network's number format."""
Arrays = NDArray[Any] | tuple[NDArray[Any], ...]
"""An argument of a kernel: an array, or several under one name."""

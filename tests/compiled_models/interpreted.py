"""Kernels run by Python itself: slow, but nothing is compiled, and an index out of bounds is an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compiled_models.decoding.kernels import decoder


def interpreted(source: str) -> Callable[..., Any]:
    """The function `advance` of a kernel's source, not compiled."""
    names: dict[str, Any] = {}
    exec(source.replace("from numba import njit", "njit = lambda **_: lambda function: function"), names)
    return names["advance"]


def use(monkeypatch) -> None:
    """Interpret all kernels from now on."""
    monkeypatch.setattr(decoder, "compiled", interpreted)

"""Kernels run by Python itself: slow, but nothing is compiled, and an index out of bounds is an error."""

from __future__ import annotations

from compiled_models.decoding.kernels import kernel_decoder, kernel_rows
from compiled_models.decoding.kernels.drafting import drafter
from compiled_models.machine_code.kernels import interpreted


def use(monkeypatch) -> None:
    """Interpret all kernels from now on."""
    monkeypatch.setattr(kernel_decoder, "kernel", interpreted)
    monkeypatch.setattr(kernel_rows, "kernel", interpreted)
    monkeypatch.setattr(drafter, "kernel", interpreted)

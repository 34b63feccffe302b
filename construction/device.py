"""Where a network is: a device that is there, or one clear error."""

from __future__ import annotations

import torch

from tm import InputError, Problem

__all__ = ["usable_device"]


def usable_device(device: torch.device | str | None) -> torch.device:
    """The device of that name; None is the CPU.

    Raises:
        InputError: for a device that is unknown, or not on this machine.

    >>> usable_device(None)
    device(type='cpu')
    """
    try:
        usable = torch.device(device or "cpu")
    except RuntimeError:
        usable = None
    if usable is None or usable.type not in ("cpu", "cuda"):
        raise InputError(Problem("no such device", "cpu or cuda", repr(device)))
    if usable.type == "cuda" and not (torch.cuda.is_available() and (usable.index or 0) < torch.cuda.device_count()):
        hint = "use the CPU, or a PyTorch with CUDA on a machine with a GPU"
        expected = "an NVIDIA GPU that PyTorch can use"
        raise InputError(Problem("there is no CUDA device on this machine", expected, repr(str(usable)), hint))
    return usable

"""A network's fingerprint: the hash of its weights, and how many there are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import torch

from construction.transformer import Transformer

__all__ = ["Fingerprint", "fingerprint"]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What identifies a network: a hash of its weights alone, and their number."""

    sha256: str
    parameters: int
    nonzero: int


def fingerprint(network: Transformer) -> Fingerprint:
    """The fingerprint of a network, from the bytes of its tensors, their names, sizes and number formats.

    >>> from construction import base_network
    >>> one, other = (fingerprint(base_network(states=2, symbols=2)) for _ in range(2))
    >>> one == other, one.parameters > one.nonzero
    (True, True)
    """
    digest, parameters, nonzero = hashlib.sha256(), 0, 0
    for name, weight in sorted(network.named_parameters()):
        tensor = weight.detach().cpu().contiguous()
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
        if tensor.numel():
            digest.update(tensor.view(torch.uint8).numpy().data)
        parameters += tensor.numel()
        nonzero += int(tensor.count_nonzero())
    return Fingerprint(digest.hexdigest(), parameters, nonzero)

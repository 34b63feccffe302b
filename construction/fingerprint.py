"""What a network's weights are: their hash and number, and which of them are not another network's."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from construction.network import Network, Tensor, tensors_of

if TYPE_CHECKING:
    from torch import nn

__all__ = ["Fingerprint", "changed_weights", "fingerprint"]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What identifies a network: a hash of its weights alone, and their number."""

    sha256: str
    parameters: int
    nonzero: int


def fingerprint(network: Network | nn.Module) -> Fingerprint:
    """The fingerprint of a network, from the bytes of its tensors, their names, sizes and number formats.

    >>> from construction import base_network
    >>> one, other = (fingerprint(base_network(states=2, symbols=2)) for _ in range(2))
    >>> one == other, one.parameters > one.nonzero
    (True, True)
    """
    digest, parameters, nonzero = hashlib.sha256(), 0, 0
    for name, tensor in sorted(tensors_of(network).items()):
        digest.update(f"{name} {tensor.kind}\n".encode())
        digest.update(tensor.memory.data)
        parameters += tensor.array.size
        nonzero += int(np.count_nonzero(tensor.array))
    return Fingerprint(digest.hexdigest(), parameters, nonzero)


def changed_weights(base: Network | nn.Module, network: Network | nn.Module) -> list[str]:
    """The names of the tensors in which a network differs from another one, in size or in any weight.

    >>> from construction import base_network, compile_machine
    >>> from tm import Machine
    >>> tuned = compile_machine(Machine.read("1RB1LB_1LA1RZ"), states=4, symbols=2)
    >>> changed_weights(base_network(states=4, symbols=2), tuned)
    ['blocks.3.mlp.W_gate', 'blocks.3.mlp.W_in', 'blocks.3.mlp.W_out']
    """
    one, other = tensors_of(base), tensors_of(network)
    names = [*one, *(name for name in other if name not in one)]
    return [name for name in names if not (name in one and name in other and _same(one[name], other[name]))]


def _same(one: Tensor, other: Tensor) -> bool:
    return one.kind == other.kind and bool((one.array == other.array).all())

"""A network as PyTorch's module, which computes with its numbers."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from construction.network import Network, Weights
from construction.number_format import FORMATS
from construction.transformer import Transformer

__all__ = ["module_of"]


def module_of(network: Network, device: Any = None) -> Transformer:
    """PyTorch's module of a network: of weights a new one, on a device; a module is itself.

    On the CPU it has the very memory of the weights, where PyTorch and NumPy both have the number format.

    >>> from construction import NetworkConfig, draw_base_network
    >>> config = NetworkConfig.of(states=2, symbols=2)
    >>> weights = draw_base_network(config).weights(config)
    >>> module = module_of(weights)
    >>> type(module).__name__, module.embed.W_E.data_ptr() == weights.tensors["embed.W_E"].ctypes.data
    ('Transformer', True)
    >>> module_of(module) is module
    True
    """
    if isinstance(network, Transformer):
        return network
    if not isinstance(network, Weights):
        raise TypeError(f"expected a Transformer or Weights, found a {type(network).__name__}")
    dtype = FORMATS[network.number_format]
    names: Any = {name: getattr(network, name) for name in ("config", "stream", "vocabulary", "block_names")}
    module = Transformer(network.shape, dtype=dtype, device="meta", **names)
    for name in dict(module.named_parameters()):
        owner, _, weight = name.rpartition(".")
        numbers = torch.from_numpy(network.tensors[name]).to(device=device, dtype=dtype)
        setattr(module.get_submodule(owner), weight, nn.Parameter(numbers))
    return module

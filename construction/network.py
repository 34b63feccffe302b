"""A network: its weights by name, and what they are for. The weights are all of it.

`Weights` hold them as NumPy arrays, as a blueprint draws them; PyTorch's module `Transformer` is what computes with
them (`construction.module`). Whatever is said of a network, or made of it without PyTorch, is said of its numbers,
whichever of the two it was given: the hash, the certificate, streaming and the kernels read them here. What a module
may do beyond its weights, `construction.plain` looks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from construction.number_format import bfloat16
from construction.shape import Shape

if TYPE_CHECKING:
    from torch import nn

__all__ = ["Network", "Tensor", "Weights", "kinds_of", "tensors_of"]

Floats = NDArray[np.floating]


class Network:
    """What every network has; `Weights` are one, and PyTorch's module `Transformer` is one.

    Attributes:
        shape: the sizes.
        number_format: the name of the number format of every weight.
        config: what the network was built for.
        stream: the named directions of its residual stream.
        vocabulary: its tokens, and what each row stands for.
        block_names: what its blocks are called.
    """

    shape: Shape
    number_format: str
    config: Any
    stream: Any
    vocabulary: Any
    block_names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Weights(Network):
    """A network as its numbers alone: an array for each name in the module's state dict.

    Numbers in bfloat16, which NumPy does not have, stand here as the float32 numbers that they are.

    >>> from construction import NetworkConfig, draw_base_network
    >>> config = NetworkConfig.of(states=2, symbols=2)
    >>> weights = draw_base_network(config).weights(config)
    >>> weights.tensors["embed.W_E"].shape == (weights.shape.d_vocab, weights.shape.d_model)
    True
    """

    shape: Shape
    number_format: str
    tensors: Mapping[str, Floats] = field(repr=False)
    config: Any = None
    stream: Any = field(default=None, repr=False)
    vocabulary: Any = field(default=None, repr=False)
    block_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        sizes = {name: array.shape for name, array in self.tensors.items()}
        formats = {array.dtype.name for array in self.tensors.values()}
        expected = "float64" if self.number_format == "float64" else "float32"
        if sizes != self.shape.tensors or formats - {expected}:
            raise ValueError(f"weights of a {self.shape} are arrays in {expected} by the names and sizes that it has")


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor of a network: its numbers, and the format that they are in (of bfloat16 as float32, see `Weights`).

    >>> Tensor(np.zeros((2, 3)), "float64").kind
    '(2, 3) torch.float64'
    """

    array: Floats
    number_format: str

    @property
    def kind(self) -> str:
        """Its size and number format, as PyTorch has them."""
        return f"{self.array.shape} torch.{self.number_format}"

    @property
    def memory(self) -> NDArray[Any]:
        """The numbers side by side, as memory holds them in their own format."""
        array = np.ascontiguousarray(self.array)
        if self.number_format == "bfloat16":  # the upper half of a float32
            return np.right_shift(array.view(np.uint32), 16).astype(np.uint16)
        return array


def tensors_of(network: Network | nn.Module) -> dict[str, Tensor]:
    """The tensors of a network by name: views of its own memory where that can be, so that they must not be changed.

    >>> from construction import base_network
    >>> tensors = tensors_of(base_network(states=2, symbols=2))
    >>> len(tensors), tensors["embed.W_pos"].kind
    (31, '(1, 47) torch.float64')
    """
    if isinstance(network, Weights):
        as_run = bfloat16 if network.number_format == "bfloat16" else np.asarray  # also numbers written there since
        return {name: Tensor(as_run(array), network.number_format) for name, array in network.tensors.items()}
    return {name: _tensor(weight) for name, weight in _parameters(network)}


def kinds_of(network: Network | nn.Module) -> dict[str, str]:
    """The size and the number format of each tensor, also of one without numbers."""
    if isinstance(network, Weights):
        return {name: tensor.kind for name, tensor in tensors_of(network).items()}
    return {name: f"{tuple(weight.shape)} {weight.dtype}" for name, weight in _parameters(network)}


def _parameters(network: Any) -> Any:
    return network.named_parameters()


def _tensor(weight: Any) -> Tensor:
    """A parameter's numbers: PyTorch is asked for them by methods of its own, and need not be loaded here."""
    name, here = str(weight.dtype).removeprefix("torch."), weight.detach().cpu()
    return Tensor((here.float() if name == "bfloat16" else here).numpy(), name)

"""By what a module of PyTorch is not the plain architecture: its submodules, its hooks, and PyTorch around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.modules import module as every_module
from torch.overrides import _get_current_function_mode_stack as function_modes
from torch.utils._device import DeviceContext
from torch.utils._python_dispatch import _get_current_dispatch_mode_stack as dispatch_modes

from construction.activations import HookPoints
from construction.member import Member, Point, Weight
from construction.network import Network
from construction.shape import Shape
from construction.transformer import (
    Attention,
    Block,
    Embedding,
    FeedForward,
    KeyValueCache,
    Transformer,
    Unembedding,
)

__all__ = ["Departure", "departures"]

HOOKS = {
    "_forward_pre_hooks": "a forward pre-hook",
    "_forward_hooks": "a forward hook",
    "_backward_pre_hooks": "a backward pre-hook",
    "_backward_hooks": "a backward hook",
}
POINTS = (  # of a block: where a hook finds its activations
    *(f"attn.hook_{name}" for name in ("q", "k", "v", "attn_scores", "pattern", "z")),
    *(f"mlp.hook_{name}" for name in ("pre", "pre_linear", "post")),
    *(f"hook_{name}" for name in ("resid_pre", "resid_mid", "resid_post", "attn_out", "mlp_out")),
)
_UNTOLD = ("__doc__", "__annotations__")  # of a class: what Python itself may add to it, and nothing is computed by


def _methods(kind: type) -> dict[str, object]:
    return {name: value for name, value in vars(kind).items() if name not in _UNTOLD}


KINDS = (Embedding, Block, Attention, FeedForward, Unembedding, KeyValueCache)
FORMAT = Unembedding.__mro__[1]  # what all of them are: a module that is never cast
OWN = {kind: _methods(kind) for kind in (Transformer, HookPoints, Network, FORMAT, Member, Weight, Point, *KINDS)}
CALLS = {
    kind: {name: vars(kind).get(name) for name in names}
    for kind, names in {
        nn.Module: ("__call__", "_call_impl", "_wrapped_call_impl", "__getattr__", "__getattribute__"),
        nn.Identity: ("forward", "__call__", "_call_impl", "_wrapped_call_impl"),
        nn.ModuleList: ("__iter__", "__getattr__"),
    }.items()
}


@dataclass(frozen=True, slots=True)
class Departure:
    """Where a network is not plain, what is found there, and what should be."""

    where: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.where} is {self.found}, expected {self.expected}"


def departures(network: Any) -> Iterator[Departure]:
    """Everything by which a module is not the plain architecture; see `construction.plain.departure`."""
    for hooks, name in HOOKS.items():
        if getattr(every_module, f"_global{hooks}"):
            yield Departure("every module", f"given {name}", "none")
    yield from _of_python()
    if not isinstance(getattr(network, "shape", None), Shape):
        yield Departure("the network's shape", f"a {type(getattr(network, 'shape', None)).__name__}", "a Shape")
        return
    modules = dict(network.named_modules(remove_duplicate=False))
    for name, module in modules.items():
        yield from _of_module(name or "the network", module)
    yield from _of_tree(network, modules)
    yield from _of_weights(network)


def _of_python() -> Iterator[Departure]:
    """Classes that were changed, and modes that are entered."""
    for kind, own in OWN.items():
        now = _methods(kind)
        for name in [*own, *(name for name in now if name not in own)]:
            if now.get(name) is not own.get(name):
                what = "replaced" if name in own and name in now else "missing" if name in own else "added"
                yield Departure(f"{kind.__name__}.{name}", what, "the library's own")
    for module, called in CALLS.items():
        for name, method in called.items():
            if vars(module).get(name) is not method:
                yield Departure(f"{module.__name__}.{name}", "replaced", "PyTorch's own")
    for mode in [*function_modes(), *dispatch_modes()]:
        if not isinstance(mode, DeviceContext):  # it says where tensors are made that do not say it themselves
            yield Departure("PyTorch", f"in the mode {type(mode).__name__}", "none that its functions go through")


def _of_module(where: str, module: nn.Module) -> Iterator[Departure]:
    for hooks, name in HOOKS.items():
        if getattr(module, hooks):
            yield Departure(where, f"given {name}", "none")
    members = module._modules.keys() | module._parameters.keys()
    for name in vars(module):
        if name in members or hasattr(type(module), name):
            yield Departure(where, f"given a {name} of its own", "none")
    for name in module._buffers:
        yield Departure(where, f"given a buffer {name}", "none")
    for name, weight in module._parameters.items():
        if type(weight) is not nn.Parameter:
            yield Departure(f"{where}.{name}", f"a {type(weight).__name__}", "a Parameter")


def _of_tree(network: nn.Module, modules: dict[str, nn.Module]) -> Iterator[Departure]:
    """Another type of module, one too many or missing, or blocks in another order."""
    blocks = len(network.shape.blocks) if isinstance(network, Transformer) else 0
    kinds = dict(_tree(blocks))
    for name in [*kinds, *(name for name in modules if name not in kinds)]:
        expected = f"{kinds[name].__name__}" if name in kinds else "no module"
        actual = type(modules[name]).__name__ if name in modules else "missing"
        if name not in modules or name not in kinds or type(modules[name]) is not kinds[name]:
            yield Departure(name or "the network", actual, expected)
    order = list(modules["blocks"]._modules) if "blocks" in modules else []
    if order != [str(i) for i in range(blocks)]:
        yield Departure("blocks", f"in the order {', '.join(order)}", "their own")


def _of_weights(network: nn.Module) -> Iterator[Departure]:
    """Weights with which a network of this shape cannot compute: missing, of another size, kind or number format."""
    if not isinstance(network, Transformer):
        return
    sizes = network.shape.tensors
    weights = dict(network.named_parameters(remove_duplicate=False))
    for name in [*sizes, *(name for name in weights if name not in sizes)]:
        weight = weights.get(name)
        actual = "missing" if weight is None else f"{tuple(weight.shape)} {weight.dtype}"
        expected = f"{sizes[name]} {network.dtype}" if name in sizes else "no tensor"
        if actual != expected:
            yield Departure(name, actual, expected)
        elif weight is not None and weight.is_meta:
            yield Departure(name, "a tensor without numbers", "one with numbers")
        elif weight is not None and weight.layout is not torch.strided:
            yield Departure(name, str(weight.layout), "torch.strided")


def _tree(blocks: int) -> Iterator[tuple[str, type[nn.Module]]]:
    """Every module of the plain architecture with so many blocks, by its name."""
    yield from {"": Transformer, "embed": Embedding, "blocks": nn.ModuleList, "unembed": Unembedding}.items()
    for i in range(blocks):
        yield f"blocks.{i}", Block
        yield f"blocks.{i}.attn", Attention
        yield f"blocks.{i}.mlp", FeedForward
        yield from ((f"blocks.{i}.{point}", nn.Identity) for point in POINTS)
    yield from ((f"embed.{point}", nn.Identity) for point in ("hook_embed", "hook_pos_embed"))

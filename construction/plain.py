"""Whether a network computes what its weights say and nothing else: the plain architecture, unhooked and unchanged.

PyTorch lets anyone put a function into a network that its weights know nothing of: a hook, another submodule, another
`forward`. What is said of the weights (a certificate), or made from them alone (a kernel), holds for the plain network.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torch import nn
from torch.nn.modules import module as every_module

from construction.transformer import Attention, Block, Embedding, FeedForward, Transformer, Unembedding

__all__ = ["Departure", "departure"]

HOOKS = {
    "_forward_pre_hooks": "a forward pre-hook",
    "_forward_hooks": "a forward hook",
    "_backward_pre_hooks": "a backward pre-hook",
    "_backward_hooks": "a backward hook",
}
FORWARDS = {kind: kind.forward for kind in (Transformer, Embedding, Block, Attention, FeedForward, Unembedding)}
CALLS = {nn.Module: nn.Module.__call__, nn.Identity: nn.Identity.forward}


@dataclass(frozen=True, slots=True)
class Departure:
    """Where a network is not plain, what is found there, and what should be."""

    where: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.where} is {self.found}, expected {self.expected}"


def departure(network: nn.Module) -> Departure | None:
    """The first thing by which a network is not the plain architecture; None if it is.

    Looked at are the type of every submodule; hooks, its own and those of all modules; attributes that hide a method
    or a submodule; submodules, buffers and kinds of parameters. Hooks on a weight's gradient change no token and do not
    count. The values and the sizes of the weights are another matter: `certify` compares them.

    >>> from construction.base_network import base_network
    >>> network = base_network(states=2, symbols=2)
    >>> departure(network) is None
    True
    >>> hook = network.blocks[2].attn.hook_pattern.register_forward_hook(lambda module, inputs, output: 0 * output)
    >>> print(departure(network))
    blocks.2.attn.hook_pattern is given a forward hook, expected none
    """
    return next(_departures(network), None)


def _departures(network: nn.Module) -> Iterator[Departure]:
    for hooks, name in HOOKS.items():
        if getattr(every_module, f"_global{hooks}"):
            yield Departure("every module", f"given {name}", "none")
    for kind, forward in FORWARDS.items():
        if kind.forward is not forward:
            yield Departure(f"{kind.__name__}.forward", "replaced", "the library's own")
    if nn.Module.__call__ is not CALLS[nn.Module] or nn.Identity.forward is not CALLS[nn.Identity]:
        yield Departure("torch.nn", "changed", "PyTorch's own")
    found = dict(network.named_modules(remove_duplicate=False))
    for name, module in found.items():
        yield from _of_module(name or "the network", module)
    yield from _of_tree(network, found)


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


def _of_tree(network: nn.Module, found: dict[str, nn.Module]) -> Iterator[Departure]:
    """Another type of module, one too many or missing, or blocks in another order."""
    blocks = len(network.shape.blocks) if isinstance(network, Transformer) else 0
    expected = dict(_tree(blocks))
    for name in [*expected, *(name for name in found if name not in expected)]:
        wanted = f"{expected[name].__name__}" if name in expected else "no module"
        is_now = type(found[name]).__name__ if name in found else "missing"
        if name not in found or name not in expected or type(found[name]) is not expected[name]:
            yield Departure(name or "the network", is_now, wanted)
    order = list(found["blocks"]._modules) if "blocks" in found else []
    if order != [str(i) for i in range(blocks)]:
        yield Departure("blocks", f"in the order {', '.join(order)}", "their own")


def _tree(blocks: int) -> Iterator[tuple[str, type[nn.Module]]]:
    """Every module of the plain architecture with so many blocks, by its name."""
    yield from {"": Transformer, "embed": Embedding, "blocks": nn.ModuleList, "unembed": Unembedding}.items()
    for i in range(blocks):
        yield f"blocks.{i}", Block
        yield f"blocks.{i}.attn", Attention
        yield f"blocks.{i}.attn.hook_pattern", nn.Identity
        yield f"blocks.{i}.mlp", FeedForward
        yield f"blocks.{i}.hook_resid_post", nn.Identity

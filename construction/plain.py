"""Whether a network computes what its weights say and nothing else: the plain architecture, unhooked and unchanged.

PyTorch lets anyone put a function into a network that its weights know nothing of: a hook, another submodule, another
`forward`. What is said of the weights (a certificate), or made from them alone (a kernel), holds for the plain network.
Numbers alone (`construction.network.Weights`) are nothing else, and PyTorch is not asked; whoever computes with PyTorch
makes a module of them first, and asks of that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from construction.network import Network, Weights

if TYPE_CHECKING:
    from construction.plain_module import Departure

__all__ = ["departure"]


def departure(network: Network) -> Departure | None:
    """The first thing by which a network is not the plain architecture; None if it is.

    Looked at are the type of every submodule; hooks, its own and those of all modules; attributes that hide a method
    or a submodule; submodules, buffers and kinds of parameters; whatever was replaced in the library's classes or in
    how PyTorch calls a module; modes that come between PyTorch and its functions; weights that do not make up a network
    of its shape. Hooks on a weight's gradient change no token and do not count. The values of the weights are another
    matter: `certify` compares them.

    >>> from construction.base_network import base_network
    >>> network = base_network(states=2, symbols=2)
    >>> departure(network) is None
    True
    >>> hook = network.blocks[2].attn.hook_pattern.register_forward_hook(lambda module, inputs, output: 0 * output)
    >>> print(departure(network))
    blocks.2.attn.hook_pattern is given a forward hook, expected none
    """
    if isinstance(network, Weights):
        return None
    from construction.plain_module import departures

    return next(departures(network), None)

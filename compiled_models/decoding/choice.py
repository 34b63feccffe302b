"""Which decoder runs a network: the one that was asked for, the usual one, or dense where only that can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compiled_models.decoding.adaptive import AdaptiveDecoder
from compiled_models.decoding.decoder import Decoder
from compiled_models.decoding.streaming import StreamingDecoder
from construction.codec import Prompt
from construction.config import usable_device
from construction.network import Network, Weights
from construction.plain import departure
from construction.vocabulary import Tokens, Vocabulary

__all__ = ["DECODERS", "choose", "dense_alone", "placed", "usual"]


def _dense(network: Network, vocabulary: Vocabulary, prompt: Prompt, **how: Any) -> Decoder:
    from compiled_models.decoding.dense import DenseDecoder

    return DenseDecoder(network, vocabulary, prompt, **how)


def _kernels(network: Network, vocabulary: Vocabulary, prompt: Prompt, **how: Any) -> Decoder:
    from compiled_models.decoding.kernels import KernelDecoder

    return KernelDecoder(network, vocabulary, prompt, **how)


DECODERS: dict[str, Callable[..., Decoder]] = {"dense": _dense, "streaming": StreamingDecoder, "kernels": _kernels}
"""The decoders by name; all of them generate the same tokens. Each is loaded, dense with PyTorch, when it is made."""


def choose(
    network: Network,
    vocabulary: Vocabulary,
    prompt: Prompt,
    *,
    asked: str | None = None,
    seed: int | None = None,
    known: Tokens | None = None,
) -> Decoder:
    """The decoder of a run.

    Args:
        network: the network, on the device on which it runs.
        vocabulary: its tokens.
        prompt: the tokens before the first generated one, and the one that stops the generation.
        asked: one of `DECODERS`; None: the usual one, which takes to a kernel only once a run is long.
        seed: draw tokens by their probability; None: take the likeliest.
        known: a run [n w] to be checked, token by token, instead of generated.

    >>> from construction import Codec, base_network
    >>> from tm import Machine
    >>> network = base_network(states=3, symbols=2)
    >>> codec = Codec(network.config, Machine.read("1RB1LB_1LA1RZ"))
    >>> type(choose(network, codec.vocabulary, codec.prompt())).__name__
    'AdaptiveDecoder'
    >>> hook = network.blocks[0].register_forward_hook(lambda module, inputs, output: None)
    >>> choose(network, codec.vocabulary, codec.prompt()).fallback
    'blocks.0 is given a forward hook, expected none'
    """
    changed = departure(network)
    if known is not None or changed is not None:
        from compiled_models.decoding.dense import CheckingDecoder, DenseDecoder

        dense: DenseDecoder
        if known is not None:
            dense = CheckingDecoder(network, vocabulary, prompt, known)
        else:
            dense = DenseDecoder(network, vocabulary, prompt, seed=seed)
        dense.fallback = "" if changed is None else str(changed)
        return dense
    name = asked or usual(network)
    kind = AdaptiveDecoder if asked is None and name == "kernels" else DECODERS[name]
    return kind(network, vocabulary, prompt, seed=seed)


def usual(network: Network, device: str | None = None) -> str:
    """Kernels where they can run: on the CPU, in float64 and float32, for a network as it was built; else dense."""
    return "dense" if dense_alone(network, device) or departure(network) is not None else "kernels"


def dense_alone(network: Network, device: str | None = None) -> bool:
    """Whether only the dense decoder runs a network: on a GPU (`device`; None: where it is), and in bfloat16."""
    place = device or getattr(network, "device", "cpu")  # numbers alone are nowhere else
    return str(place).startswith("cuda") or network.number_format == "bfloat16"


def placed(network: Network, device: str | None, decoder: str | None = None) -> Network:
    """The network on a device, as a decoder is to run it; None: where it is, and any that can.

    Numbers alone are on the CPU. For the dense decoder they are made PyTorch's module here: it is what computes, so it
    is what a certificate has to be of, and PyTorch may have been changed (see `construction.plain`).

    Raises:
        InputError: for a device that is not there.
    """
    if isinstance(network, Weights):
        if device in (None, "cpu") and decoder != "dense" and not dense_alone(network):
            return network
    elif device is None:
        return network
    from construction.module import module_of

    place = usable_device(device)
    return module_of(network).to(place)

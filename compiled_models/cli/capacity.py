"""Options of the commands that make a network, its size above all, and how a network is shown."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import click

from compiled_models.capacity import USUAL, USUAL_FORMAT, USUAL_JOINT, Capacity
from construction.config import NetworkConfig
from construction.fingerprint import fingerprint
from construction.network import Network
from construction.number_format import FORMATS
from tm.text import counted

__all__ = ["LLAMAS", "Capacity", "capacity_options", "cells_option", "network_json", "network_text", "sizes_text"]

LLAMAS = ("llama", "tuned-llama")
"""The names of the stock Llama's networks: the rules in the prompt, or in the weights."""

F = TypeVar("F", bound=Callable[..., Any])
cells_option = click.option("--cells", type=click.IntRange(1), help="Cells of a stock Llama's tape; default 4,096.")


def capacity_options(function: F) -> F:
    """The options --states, --symbols, --tapes, --code and --dtype, given to the command as one `capacity`."""

    @functools.wraps(function)
    def command(**options: Any) -> Any:
        values = {field.name: options.pop(field.name) for field in dataclasses.fields(Capacity)}
        return function(capacity=Capacity(**values), **options)

    for name, usual in reversed(USUAL.items()):
        help = f"Slots for {name}; default {usual} (joint code: {USUAL_JOINT[name]}), or what the machine needs."
        command = click.option(f"--{name}", type=click.IntRange(1), help=help)(command)
    codes, dtypes = click.Choice(["auto", "joint", "factored"]), click.Choice([*FORMATS, "float16"])
    help = "How actions are coded: joint (needed for stochastic machines) or factored (for large ones)."
    command = click.option("--code", type=codes, default="auto", help=help)(command)
    help = f"The number format of the weights; default {USUAL_FORMAT}, of a stock Llama float32."
    command = click.option("--dtype", type=dtypes, help=help)(command)
    return cast(F, command)


def network_json(network: Network) -> dict[str, object]:
    """A network as the JSON of a result has it."""
    config, identity = network.config, fingerprint(network)
    sizes = {"states": config.states, "symbols": config.symbols, "tapes": config.tapes}
    weights = {"sha256": identity.sha256, "parameters": identity.parameters, "nonzero": identity.nonzero}
    return {"kind": config.kind, **sizes, **weights}


def sizes_text(config: NetworkConfig) -> str:
    """How many states, symbols and tapes a network has room for."""
    return ", ".join(counted(getattr(config, f"{one}s"), one) for one in ("state", "symbol", "tape"))


def network_text(network: Network) -> str:
    """A network in one line; it says so where the network had to be larger than usual."""
    config, identity = network.config, fingerprint(network)
    grown = [counted(usual, name.removesuffix("s")) for name, usual in USUAL.items() if getattr(config, name) > usual]
    note = f" (larger than the usual {', '.join(grown)})" if grown else ""
    sizes = sizes_text(config)
    weights = f"{identity.nonzero:,} non-zero of {identity.parameters:,} weights"
    return f"{config.kind}, {sizes}{note}, {config.code} code, {weights}, sha256 {identity.sha256[:16]}…"

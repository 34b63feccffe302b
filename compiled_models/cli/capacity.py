"""Options of the commands that make a network, its size above all, and how a network is shown."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import click

from compiled_models.checkpoint import load
from construction.config import NetworkConfig
from construction.fingerprint import fingerprint
from construction.number_format import FORMATS
from construction.transformer import Transformer
from construction.tuned_network import construct, tuned_to
from tm import InputError, Machine, Problem

__all__ = ["LLAMAS", "Capacity", "capacity_options", "cells_option", "network_json", "network_text"]

USUAL = {"states": 16, "symbols": 8, "tapes": 2}  # nearly all of the library, and half as fast as the smallest
USUAL_JOINT = {"states": 8, "symbols": 4, "tapes": 1}  # a direction an action: 288; for the above it would be 9,216

USUAL_FORMAT = "float64"
LLAMAS = ("llama", "tuned-llama")
"""The names of the stock Llama's networks: the rules in the prompt, or in the weights."""

F = TypeVar("F", bound=Callable[..., Any])
cells_option = click.option("--cells", type=click.IntRange(1), help="Cells of a stock Llama's tape; default 4,096.")


@dataclass(frozen=True, slots=True)
class Capacity:
    """The capacity, code and number format that the options ask for; None: what is usual, grown to the machine."""

    states: int | None = None
    symbols: int | None = None
    tapes: int | None = None
    code: str = "auto"
    dtype: str | None = None

    def config(self, machine: Machine | None = None) -> NetworkConfig:
        """The configuration of the command line's network: what was asked for, else the defaults, grown to the machine.

        >>> config = Capacity(states=3).config(Machine.read("a 0 -> b 1 R"))
        >>> config.states, config.symbols, config.tapes
        (3, 8, 2)
        """
        need = {"states": 0, "symbols": 0, "tapes": 0}
        if machine is not None:
            need = {"states": len(machine.states), "symbols": len(machine.symbols), "tapes": machine.tapes}
        code = "joint" if machine is not None and machine.stochastic and self.code == "auto" else self.code
        sizes = {}
        for name, usual in (USUAL_JOINT if code == "joint" else USUAL).items():
            grown = need[name] if name == "tapes" else 1 << max(0, need[name] - 1).bit_length()
            sizes[name] = getattr(self, name) or max(usual, grown)
        dtype = self.dtype or USUAL_FORMAT
        if dtype not in FORMATS:
            raise InputError(Problem("only --network llama has this number format", ", ".join(FORMATS), dtype))
        return NetworkConfig.of(**sizes, code=code, dtype=FORMATS[dtype])

    def base(self, machine: Machine | None = None) -> Transformer:
        """The base network of that capacity."""
        return construct(self.config(machine))

    def tuned(self, machine: Machine) -> Transformer:
        """The network of that capacity tuned to a machine."""
        return construct(tuned_to(self.config(machine), machine))

    def network(self, choice: str, machine: Machine) -> Transformer:
        """The network that `--network` names: base, tuned, or a file.

        Raises:
            InputError: for another name, and where a size is asked for beside a file, which has its own.
        """
        if choice not in ("base", "tuned"):
            if not os.path.exists(choice):
                expected = "base, tuned, llama, tuned-llama, or a checkpoint file"
                raise InputError(Problem("no such network", expected, repr(choice)))
            if self != Capacity():
                raise InputError(
                    Problem("a checkpoint file has its own size", "no --states, --symbols, --tapes, --code")
                )
            return load(choice)
        return self.base(machine) if choice == "base" else self.tuned(machine)


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


def network_json(network: Transformer) -> dict[str, object]:
    """A network as the JSON of a result has it."""
    config, identity = network.config, fingerprint(network)
    sizes = {"states": config.states, "symbols": config.symbols, "tapes": config.tapes}
    weights = {"sha256": identity.sha256, "parameters": identity.parameters, "nonzero": identity.nonzero}
    return {"kind": config.kind, **sizes, **weights}


def network_text(network: Transformer) -> str:
    """A network in one line; it says so where the network had to be larger than usual."""
    config, identity = network.config, fingerprint(network)
    grown = [f"{usual} {name}" for name, usual in USUAL.items() if getattr(config, name) > usual]
    note = f" (larger than the usual {', '.join(grown).replace('1 tapes', '1 tape')})" if grown else ""
    sizes = f"{config.states} states, {config.symbols} symbols, {config.tapes} tape{'s' * (config.tapes > 1)}"
    weights = f"{identity.nonzero:,} non-zero of {identity.parameters:,} weights"
    return f"{config.kind}, {sizes}{note}, {config.code} code, {weights}, sha256 {identity.sha256[:16]}…"

"""The capacity that is asked for of a network, and what becomes of it where a machine needs more."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from construction.config import NetworkConfig
from construction.fingerprint import fingerprint
from construction.network import Network, Weights
from construction.number_format import FORMATS
from construction.tuned_network import construct, construct_weights, tuned_to
from tm import InputError, Machine, Problem

if TYPE_CHECKING:
    from construction.transformer import Transformer

__all__ = ["USUAL", "USUAL_FORMAT", "USUAL_JOINT", "Capacity"]

USUAL = {"states": 16, "symbols": 8, "tapes": 2}  # nearly all of the library, and half as fast as the smallest
USUAL_JOINT = {"states": 8, "symbols": 4, "tapes": 1}  # a direction an action: 288; for the above it would be 9,216

USUAL_FORMAT = "float64"


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
        return NetworkConfig.of(**sizes, code=code, dtype=dtype)

    @property
    def identity(self) -> str:
        """The SHA-256 of the usual network of that capacity, which runs every machine that needs no larger one."""
        return _identity(self.config())

    def base(self, machine: Machine | None = None) -> Transformer:
        """The base network of that capacity, as PyTorch's module."""
        return construct(self.config(machine))

    def tuned(self, machine: Machine) -> Transformer:
        """The network of that capacity tuned to a machine, as PyTorch's module."""
        return construct(tuned_to(self.config(machine), machine))

    def weights(self, choice: str, machine: Machine | None = None) -> Weights:
        """The base network of that capacity, or the one that is tuned to a machine, as its numbers alone."""
        config = self.config(machine)
        return construct_weights(config if choice == "base" or machine is None else tuned_to(config, machine))

    def network(self, choice: str, machine: Machine) -> Network:
        """The network that `--network` names: base or tuned, as its numbers; or a file's, as PyTorch's module.

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
            from compiled_models.checkpoint import load

            return load(choice)
        return self.weights(choice, machine)


@lru_cache(maxsize=16)
def _identity(config: NetworkConfig) -> str:
    return fingerprint(construct_weights(config)).sha256

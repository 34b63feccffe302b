"""The tuned network of a machine: the base network with the policy in the weights of its last feed-forward layer.

It stands for the fine-tuned model. Only DECIDE's feed-forward differs: one AND unit a rule. DECIDE's attention stays;
without examples in the prompt it says STOP everywhere, and each unit takes that back where its rule applies.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from construction.base_network import draw_base_network, heads
from construction.blueprint import Blueprint
from construction.codec import Codec, require_capacity
from construction.config import NetworkConfig
from construction.network import Weights
from construction.number_format import Numeric, rounded
from construction.residual import Direction
from tm import InputError, Machine, Problem, Rule

if TYPE_CHECKING:
    import torch

    from construction.transformer import Transformer

__all__ = ["compile_machine", "construct", "construct_weights", "draw_network", "draw_tuned_network", "tuned_to"]


def compile_machine(
    machine: Machine,
    *,
    states: int | None = None,
    symbols: int | None = None,
    tapes: int | None = None,
    code: str = "auto",
    dtype: torch.dtype | str = "float64",
    device: torch.device | str | None = None,
) -> Transformer:
    """The tuned network of a machine; as large as the machine, unless slots for more are asked for.

    Raises:
        CapacityError: if the machine does not fit, or is stochastic and the code is factored.
        InputError: for a device that is not there.

    >>> network = compile_machine(Machine.read("right 1 -> right 1 R"))
    >>> network.config.kind, len(network.blocks[3].mlp.W_out)
    ('tuned', 1)
    """
    if not isinstance(machine, Machine):
        raise InputError(Problem("compile_machine takes a machine", "a Machine", repr(machine)))
    config = NetworkConfig.of(
        states=len(machine.states) if states is None else states,
        symbols=max(2, len(machine.symbols)) if symbols is None else symbols,
        tapes=machine.tapes if tapes is None else tapes,
        code=code,
        dtype=dtype,
    )
    return construct(tuned_to(config, machine), device)


def tuned_to(config: NetworkConfig, machine: Machine) -> NetworkConfig:
    """The configuration of the network of a capacity that has a machine in its weights.

    Raises CapacityError if the machine does not fit, or is stochastic and the code is factored.

    >>> tuned_to(NetworkConfig.of(states=2, symbols=3), Machine.read("a 0 -> b 1 R")).kind
    'tuned'
    """
    require_capacity(config, machine)
    return config.tuned_to(machine.write())  # read back: the slots' order is the order of the text that goes along


def construct(config: NetworkConfig, device: torch.device | str | None = None) -> Transformer:
    """The network that a configuration describes, base or tuned.

    Raises MachineError for a policy that is no machine, CapacityError for one that does not fit, InputError for a
    device that is not there.

    >>> construct(NetworkConfig.of(states=2, symbols=3).tuned_to("a 0 -> b 1 R")).config.kind
    'tuned'
    """
    return draw_network(config).network(config, dtype=config.number_format, device=device)


def construct_weights(config: NetworkConfig) -> Weights:
    """The same network as its numbers alone, without PyTorch. Raises as `construct` does.

    >>> from construction.fingerprint import fingerprint
    >>> config = NetworkConfig.of(states=2, symbols=3)
    >>> fingerprint(construct_weights(config)) == fingerprint(construct(config))
    True
    """
    return draw_network(config).weights(config, dtype=config.number_format)


def draw_network(config: NetworkConfig) -> Blueprint:
    """The blueprint of the network that a configuration describes, base or tuned.

    Raises MachineError for a policy that is no machine, CapacityError for one that does not fit.
    """
    machine = config.machine()
    return draw_base_network(config) if machine is None else draw_tuned_network(config, machine)


def draw_tuned_network(config: NetworkConfig, machine: Machine) -> Blueprint:
    """The blueprint of the tuned network: the base network's, and an AND unit for each rule."""
    blueprint, codec = draw_base_network(config), Codec(config, machine)
    for rule in machine.rules:
        weights = [other.weight or 1 for other in machine.rules_for(rule.state, rule.read)]
        share = 1 if len(weights) == 1 else _rounded(Fraction(rule.weight or 1, sum(weights)), config.number_format)
        _and_unit(blueprint, config, codec, rule, share)
    return blueprint


def _and_unit(blueprint: Blueprint, config: NetworkConfig, codec: Codec, rule: Rule, share: Numeric) -> None:
    """relu(state + symbols - k) is 1 in the rule's situation and 0 elsewhere: k + 1 flags must all be up."""
    stream, state, symbols, action = blueprint.stream, *codec.slots(rule)
    gate: dict[Direction, Numeric] = {stream["state"][state]: 1, stream["one"].only: -config.tapes}
    gate |= {stream[f"symbol {i}"][symbol]: 1 for i, symbol in zip(heads(config), symbols, strict=True)}
    out: dict[Direction, Numeric] = {stream["stop"].only: -share}
    for field, value in action.items():
        out[stream[f"decided {field}"][value]] = share
    text = str(rule)
    because = f"The rule {text}: in its situation, its action and not STOP."
    times: dict[Direction, Numeric] = {stream["one"].only: 1}
    blueprint.blocks["DECIDE"].feed_forward.unit(text, gate=gate, times=times, out=out, because=because)


@cache
def _rounded(share: Fraction, number_format: str) -> Fraction:
    """The share as the nearest number of the number format: 1/3 is none."""
    return Fraction(rounded(float(share), number_format))

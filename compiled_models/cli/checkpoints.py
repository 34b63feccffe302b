"""`tapehead base` and `tapehead compile`: a network as a safetensors file."""

from __future__ import annotations

import click

from compiled_models.checkpoint import save
from compiled_models.cli.arguments import (
    FileName,
    force_option,
    input_of,
    json_option,
    machine_argument,
    notation_option,
    print_json,
    read_machine,
    unknown_option,
)
from compiled_models.cli.capacity import Capacity, capacity_options, network_json, network_text
from compiled_models.cli.printing import say
from construction.fingerprint import changed_weights
from tm import Start
from tm.text import quoted

__all__ = ["base_command", "compile_command"]


@click.command()
@click.option("-o", "--output", required=True, type=FileName(dir_okay=False), help="The safetensors file to write.")
@force_option
@capacity_options
@json_option
def base_command(
    output: str,
    force: bool,
    capacity: Capacity,
    as_json: bool,
) -> None:
    """Write the base network: it runs every machine within its capacity, from the prompt."""
    network = capacity.base()
    save(network, output, force=force)
    if as_json:
        print_json({"file": output, "network": network_json(network)})
        return
    say(f"{output}: {network_text(network)}")


@click.command()
@machine_argument
@click.argument("input", default="")
@click.option("-o", "--output", required=True, type=FileName(dir_okay=False), help="The safetensors file to write.")
@force_option
@notation_option
@unknown_option
@capacity_options
@json_option
def compile_command(
    machine: str,
    input: str,
    output: str,
    force: bool,
    notation: str | None,
    unknown: str | None,
    capacity: Capacity,
    as_json: bool,
) -> None:
    """Write the tuned network of MACHINE: the policy is in the weights of its last feed-forward layer.

    A machine with rules for symbols that it does not name (a wildcard of another notation) is compiled for those that
    INPUT names; every other symbol is then an error.
    """
    policy = read_machine(machine, notation, unknown)
    policy = Start.of(policy, input_of(policy, input)).machine
    network = capacity.tuned(policy)
    save(network, output, force=force)
    if as_json:
        print_json(
            {"machine": policy.name, "file": output, "symbols": policy.symbols, "network": network_json(network)}
        )
        return
    say(f"{output}: {network_text(network)}")
    changed, tensors = changed_weights(capacity.base(policy), network), len(list(network.named_parameters()))
    say(f"differs from the base network of its size in {len(changed)} of {tensors} tensors: {', '.join(changed)}")
    if policy.others:
        say(f"it takes the symbols {' '.join(map(quoted, policy.symbols))}")

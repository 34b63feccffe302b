"""`tapehead compile`: the tuned network of a machine as a safetensors file."""

from __future__ import annotations

import click

from compiled_models.checkpoint import save
from compiled_models.cli.arguments import (
    force_option,
    json_option,
    machine_argument,
    notation_option,
    print_json,
    read_machine,
)
from compiled_models.cli.capacity import Capacity, capacity_options, network_json, network_text
from compiled_models.cli.printing import say

__all__ = ["command"]


@click.command()
@machine_argument
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False), help="The safetensors file to write.")
@force_option
@notation_option
@capacity_options
@json_option
def command(
    machine: str,
    output: str,
    force: bool,
    notation: str | None,
    capacity: Capacity,
    as_json: bool,
) -> None:
    """Write the tuned network of MACHINE: the policy is in the weights of its last feed-forward layer."""
    policy = read_machine(machine, notation)
    network = capacity.tuned(policy)
    save(network, output, force=force)
    if as_json:
        print_json({"machine": policy.name, "file": output, "network": network_json(network)})
        return
    say(f"{output}: {network_text(network)}")

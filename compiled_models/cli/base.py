"""`tapehead base`: the base network as a safetensors file."""

from __future__ import annotations

import click

from compiled_models.checkpoint import save
from compiled_models.cli.arguments import force_option, json_option, print_json
from compiled_models.cli.capacity import Capacity, capacity_options, network_json, network_text
from compiled_models.cli.printing import say

__all__ = ["command"]


@click.command()
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False), help="The safetensors file to write.")
@force_option
@capacity_options
@json_option
def command(
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

"""`tapehead explain`: every non-zero weight with the sentence that justifies it."""

from __future__ import annotations

import click

from compiled_models.cli.arguments import json_option, notation_option, print_json, read_machine
from compiled_models.cli.capacity import Capacity, capacity_options, cells_option
from compiled_models.cli.llama import llama_config
from compiled_models.cli.printing import say
from compiled_models.view.explanation import LLAMA_PARTS, PARTS, Part, explain
from construction.base_network import draw_base_network
from construction.number_format import Constants
from construction.tuned_network import draw_tuned_network
from tm import Machine

__all__ = ["command"]


@click.command()
@click.argument("machine", required=False)
@click.option("--block", metavar="B", help=f"Only one part: {', '.join(PARTS)}, or the number of a block.")
@click.option(
    "--network",
    type=click.Choice(["base", "llama"]),
    default="base",
    show_default=True,
    help=f"Of a stock Llama the parts are {', '.join(LLAMA_PARTS)}.",
)
@notation_option
@capacity_options
@cells_option
@json_option
def command(
    machine: str | None,
    block: str | None,
    network: str,
    notation: str | None,
    capacity: Capacity,
    cells: int | None,
    as_json: bool,
) -> None:
    """List every non-zero weight of the base network (or of the network tuned to MACHINE), and why it is there."""
    policy = read_machine(machine, notation) if machine is not None else None
    if network == "llama":
        _explain_llama(policy, block, capacity, cells, as_json=as_json)
        return
    config = capacity.config(policy)
    blueprint = draw_tuned_network(config, policy) if policy else draw_base_network(config)
    constants = Constants.of(config.number_format)
    parts = list(explain(blueprint, block))
    if as_json:
        print_json({"parts": [_json(part, constants) for part in parts]})
        return
    _print(parts, constants)
    weights = sum(len(part.entries) for part in parts)
    say(f"\n{weights:,} non-zero weights of {blueprint.shape.parameters:,} in the whole network; all others are 0")


def _explain_llama(
    policy: Machine | None, part: str | None, capacity: Capacity, cells: int | None, *, as_json: bool
) -> None:
    from compiled_models.view.llama_explanation import explain_llama
    from construction.llama import draw_llama

    config = llama_config(capacity, cells, policy)
    blueprint = draw_llama(config if policy is None else config.tuned_to(policy.write()))
    parts = list(explain_llama(blueprint, part))
    if as_json:
        names = ("part", "because", "lines", "weights")
        print_json({"parts": [{name: getattr(part, name) for name in names} for part in parts]})
        return
    heading = ""
    for one in parts:
        if one.part != heading:
            heading = one.part
            say(f"\n{heading}\n{'=' * len(heading)}")
        say(f"\n{one.because}")
        for line in one.lines:
            say(f"    {line}")
    weights = sum(one.weights for one in parts)
    layers = f"{blueprint.in_layers:,} of them in the two layers"
    say(f"\n{weights:,} non-zero weights of {blueprint.nonzero:,}, {layers}; all others are 0")


def _print(parts: list[Part], constants: Constants) -> None:
    heading = ""
    for part in parts:
        if part.part != heading:
            heading = part.part
            say(f"\n{heading}\n{'=' * len(heading)}")
        say(f"\n{part.because}")
        for line in part.lines(constants):
            say(f"    {line}")


def _json(part: Part, constants: Constants) -> dict[str, object]:
    weights = [
        {
            "source": entry.source,
            "target": entry.target,
            "tensor": entry.tensor,
            "index": entry.index,
            "weight": str(entry.weight),
            "value": float(entry.weight.value(constants)),
        }
        for entry in part.entries
    ]
    return {"block": part.part, "because": part.because, "weights": weights}

"""`tapehead show`: a page in which a transformer runs a machine in front of you."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

from compiled_models.atomic import replacing
from compiled_models.cli.arguments import (
    force_option,
    head_option,
    machine_argument,
    notation_option,
    read_machine,
    start_of,
    unknown_option,
)
from compiled_models.cli.capacity import Capacity, capacity_options
from compiled_models.cli.printing import say
from compiled_models.view.page import page
from tm.text import shown

__all__ = ["command"]


@click.command()
@machine_argument
@click.argument("input", required=False)
@click.option("-o", "--output", required=True, metavar="FILE", help="The page: one HTML file that needs no other.")
@click.option("--open", "opened", is_flag=True, help="Show it in the browser.")
@click.option("--steps", type=click.IntRange(1), default=10_000, show_default=True, help="Steps to generate at most.")
@click.option("--seed", type=click.IntRange(0), help="Of the page's own draws, for a machine that draws its steps.")
@head_option
@notation_option
@unknown_option
@capacity_options
@force_option
def command(
    machine: str,
    input: str | None,
    output: str,
    opened: bool,
    steps: int,
    seed: int | None,
    head: str | None,
    notation: str | None,
    unknown: str | None,
    capacity: Capacity,
    force: bool,
) -> None:
    """Write a page in which the network runs MACHINE on INPUT: step through it, change the machine, break a weight.

    The network's weights are in the page, and generate the run there, in any browser, without a network connection.
    """
    start = start_of(read_machine(machine, notation, unknown), input, head)
    text = page(capacity.base(start.machine), start, steps=steps, seed=seed)
    with replacing(output, force=force) as beside:
        beside.write_text(text, encoding="utf-8")
    say(f"{shown(output)}: {len(text.encode()):,} bytes")
    if opened:
        webbrowser.open(Path(output).resolve().as_uri())

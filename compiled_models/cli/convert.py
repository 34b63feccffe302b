"""`tapehead convert`: a machine in another notation."""

from __future__ import annotations

import click

from compiled_models.atomic import replacing
from compiled_models.cli.arguments import (
    force_option,
    json_option,
    machine_argument,
    notation_option,
    print_json,
    read_machine,
)
from compiled_models.cli.printing import give
from tm.registry import writers

__all__ = ["command"]


@click.command()
@machine_argument
@click.option("--to", "target", required=True, metavar="NOTATION", help=f"One of {', '.join(writers())}.")
@notation_option
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="A file to write; default: the screen.")
@force_option
@json_option
def command(machine: str, target: str, notation: str | None, output: str | None, force: bool, as_json: bool) -> None:
    """Write MACHINE in another notation."""
    text = read_machine(machine, notation).write(target)
    if output:
        with replacing(output, force=force) as beside:
            beside.write_text(text, encoding="utf-8")
    if as_json:
        print_json({"notation": target, "text": text, "file": output})
    elif not output:
        give(text)

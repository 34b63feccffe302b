"""`tapehead graph`: a picture of a machine's states and rules."""

from __future__ import annotations

from pathlib import Path

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
from compiled_models.cli.printing import say
from compiled_models.view.state_graph import FORMATS, draw
from tm import InputError, Problem

__all__ = ["command"]

TEXTS = {".dot": "graphviz", ".gv": "graphviz", ".mmd": "mermaid", ".graphml": "graphml"}


@click.command()
@machine_argument
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False), help="The file; its ending is the format."
)
@force_option
@notation_option
@json_option
def command(machine: str, output: str, force: bool, notation: str | None, as_json: bool) -> None:
    """Draw the state graph of MACHINE: .svg, .png and .pdf are pictures; .dot, .mmd, .graphml are for other tools."""
    suffix = Path(output).suffix.lower()
    if suffix not in TEXTS and suffix not in FORMATS:
        endings = " ".join([*FORMATS, *TEXTS])
        raise InputError(Problem("the file's ending says no format", f"one of {endings}", suffix or "none"))
    policy = read_machine(machine, notation)
    with replacing(output, force=force) as beside:
        if suffix in TEXTS:
            beside.write_text(policy.write(TEXTS[suffix]), encoding="utf-8")
        else:
            draw(policy, beside, format=FORMATS[suffix])
    summary = f"{output}: {len(policy.states)} states, {len(policy.rules)} rules"
    if as_json:
        print_json({"file": output, "states": len(policy.states), "rules": len(policy.rules)})
    else:
        say(summary)

"""`tapehead library`, `tapehead convert` and `tapehead graph`: machines without a network."""

from __future__ import annotations

from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from compiled_models.atomic import replacing
from compiled_models.cli.arguments import (
    FileName,
    force_option,
    json_option,
    machine_argument,
    notation_option,
    print_json,
    read_machine,
)
from compiled_models.cli.printing import console, give, say
from compiled_models.interrupt import stopping_at_once
from tm import InputError, Problem, library
from tm.registry import writers
from tm.text import counted

__all__ = ["convert_command", "graph_command", "library_command"]

TEXTS = {".dot": "graphviz", ".gv": "graphviz", ".mmd": "mermaid", ".graphml": "graphml"}
"""Endings of files that are graphs as text, and their notations."""


@click.command()
@json_option
def library_command(as_json: bool) -> None:
    """List the machines of the library, with what each does and an input to try."""
    machines = [_description(name) for name in library.names()]
    if as_json:
        print_json({"machines": machines})
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("name", "tapes", "an input", "what it does"):
        table.add_column(column, no_wrap=column != "what it does")
    for machine in machines:
        table.add_row(*(Text(str(machine[key])) for key in ("name", "tapes", "input", "does")))
    console().print(table)


def _description(name: str) -> dict[str, object]:
    """A machine's name, tapes, first example input (as the command line takes it) and first comment."""
    example = library.examples(name)[0].input
    text = example if isinstance(example, str) else ",".join("".join(tape) for tape in example)
    return {"name": name, "tapes": library.load(name).tapes, "input": text, "does": library.summary(name)}


@click.command()
@machine_argument
@click.option("--to", "target", required=True, metavar="NOTATION", help=f"One of {', '.join(writers())}.")
@notation_option
@click.option("-o", "--output", type=FileName(dir_okay=False), help="A file to write; default: the screen.")
@force_option
@json_option
def convert_command(
    machine: str, target: str, notation: str | None, output: str | None, force: bool, as_json: bool
) -> None:
    """Write MACHINE in another notation."""
    text = read_machine(machine, notation).write(target)
    if output is not None:
        with replacing(output, force=force) as beside:
            beside.write_text(text, encoding="utf-8")
    if as_json:
        print_json({"notation": target, "text": text, "file": output})
    elif output is None:
        give(text)


@click.command()
@machine_argument
@click.option(
    "-o", "--output", required=True, type=FileName(dir_okay=False), help="The file; its ending is the format."
)
@force_option
@notation_option
@json_option
def graph_command(machine: str, output: str, force: bool, notation: str | None, as_json: bool) -> None:
    """Draw the state graph of MACHINE: .svg, .png and .pdf are pictures; .dot, .mmd, .graphml are for other tools."""
    with stopping_at_once():  # matplotlib takes its time
        from compiled_models.view.state_graph import FORMATS, draw
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
    summary = f"{output}: {counted(len(policy.states), 'state')}, {counted(len(policy.rules), 'rule')}"
    if as_json:
        print_json({"file": output, "states": len(policy.states), "rules": len(policy.rules)})
    else:
        say(summary)

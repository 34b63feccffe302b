"""`tapehead library`: the machines that come along."""

from __future__ import annotations

from itertools import takewhile

import click
from rich.table import Table
from rich.text import Text

from compiled_models.cli.arguments import json_option, print_json
from compiled_models.cli.printing import console
from tm import library

__all__ = ["command"]


@click.command()
@json_option
def command(as_json: bool) -> None:
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
    return {"name": name, "tapes": library.load(name).tapes, "input": text, "does": _sentence(library.text(name))}


def _sentence(text: str) -> str:
    """The first sentence of the comment that a machine's file begins with, over as many lines as it takes."""
    lines = takewhile(lambda line: line.startswith("#") and not line.startswith("# example"), text.splitlines())
    sentence, stop, _ = " ".join(line.removeprefix("#").strip() for line in lines).partition(". ")
    return sentence + stop.strip()

"""`tapehead compare`: simulator, tuned network and base network side by side."""

from __future__ import annotations

from itertools import zip_longest

import click
from rich.table import Table
from rich.text import Text

from compiled_models.cli.arguments import (
    head_option,
    json_option,
    machine_argument,
    notation_option,
    own_input,
    print_json,
    read_machine,
    search_json,
    start_of,
    unknown_option,
)
from compiled_models.cli.capacity import Capacity, capacity_options
from compiled_models.cli.printing import console, say
from compiled_models.comparison import Comparison, compare
from compiled_models.decoding import DECODERS
from tm.start import declared
from tm.text import counted

__all__ = ["command"]


@click.command()
@machine_argument
@click.argument("inputs", nargs=-1)
@click.option("--decoder", type=click.Choice(list(DECODERS)), default="dense", show_default=True)
@click.option("--max-steps", type=click.IntRange(1), default=1_000, show_default=True)
@head_option
@click.option("--seed", type=int, help="Draw the steps of a stochastic or nondeterministic machine.")
@notation_option
@unknown_option
@capacity_options
@json_option
def command(
    machine: str,
    inputs: tuple[str, ...],
    decoder: str,
    max_steps: int,
    head: str | None,
    seed: int | None,
    notation: str | None,
    unknown: str | None,
    capacity: Capacity,
    as_json: bool,
) -> int:
    """Run MACHINE on each INPUT by the simulator, the tuned and the base network, and compare token by token.

    Without INPUT it is the sample input of MACHINE's own file, if it has one.
    """
    policy = read_machine(machine, notation, unknown)
    starts = [start_of(policy, text, head) for text in inputs or (None,)]
    texts = inputs or (own_input(policy, starts[0]) if policy.inputs.sample is not None else "",)
    for start in starts:  # one network for all inputs has slots for the symbols of all
        policy = declared(policy, start.machine.symbols)
    base, equal = capacity.base(policy), True
    for text, start in zip(texts, starts, strict=True):
        options = {"head": start.head, "max_steps": max_steps, "seed": seed, "decoder": decoder}
        comparison = compare(base, policy, start.input, **options)  # type: ignore[arg-type]
        equal &= comparison.equal
        if as_json:
            print_json(_json(policy.name, text, comparison))
        else:
            _print(text, comparison)
    return int(not equal)


def _json(name: str, text: str, comparison: Comparison) -> dict[str, object]:
    fields = {field: getattr(comparison, field) for field in ("simulator", "tuned", "base", "equal", "steps", "halted")}
    if comparison.search is not None:
        fields["search"] = search_json(comparison.search)
    return {"machine": name, "input": text, **fields, "sha256": comparison.fingerprint.sha256}


def _print(text: str, comparison: Comparison) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("token", "simulator", "tuned network", "base network", ""):
        table.add_column(column, justify="right" if column == "token" else "left")
    rows = zip_longest(comparison.simulator, comparison.tuned, comparison.base, fillvalue="")
    for number, row in enumerate(rows, 1):
        same = len(set(row)) == 1
        cells = [Text(cell, style="" if same else "bold red") for cell in row]
        table.add_row(
            str(number), *cells, Text("equal" if same else "NOT EQUAL", style="green" if same else "bold red")
        )
    console().print(table)
    verdict = "equal" if comparison.equal else "NOT EQUAL"
    short = comparison.fingerprint.sha256[:16]
    if comparison.search is not None:
        say(f"search   {comparison.search}; both networks check it")
    say(f"input {text!r}: {counted(comparison.steps, 'step')}, {verdict}; base network sha256 {short}…")

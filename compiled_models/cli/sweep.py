"""`tapehead sweep`: any list of machines and inputs through one network, into a file of results."""

from __future__ import annotations

import shlex
import time
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource
from rich.progress import Progress, SpinnerColumn, TextColumn

from compiled_models.capacity import Capacity
from compiled_models.cli.arguments import FileName, json_option, notation_option, print_json, unknown_option
from compiled_models.cli.capacity import capacity_options
from compiled_models.cli.printing import console, say
from compiled_models.cli.workers import workers_of, workers_options
from compiled_models.sweep.jobs import jobs_of, machines_in, starts_in
from compiled_models.sweep.rows import Options
from compiled_models.sweep.sweep import Swept, sweep
from tm.text import counted

__all__ = ["command"]


@click.command()
@click.argument("machines")
@click.argument("inputs", required=False, type=FileName(exists=False, dir_okay=False))
@click.option(
    "--out",
    "results",
    required=True,
    type=FileName(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The results: .parquet (the extra `parquet`) or .csv.",
)
@click.option("--max-steps", type=click.IntRange(1), default=1_000_000, show_default=True, help="Of a run, at most.")
@click.option("--seed", type=click.IntRange(0), help="Draw the steps of stochastic machines.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
@workers_options
@click.option("--force", is_flag=True, help="Begin anew: lose the results and the parts that stand there already.")
@notation_option
@unknown_option
@capacity_options
@json_option
def command(
    machines: str,
    inputs: str | None,
    results: Path,
    workers: int | None,
    dask: str | None,
    force: bool,
    notation: str | None,
    capacity: Capacity,
    as_json: bool,
    **options: Any,  # those of `Options`
) -> None:
    """Run MACHINES on INPUTS, all on one network, a row each in a file of results; go on where a sweep was stopped.

    MACHINES is a file, a folder (every file in it), a file with a busy beaver on every line, a name from the library,
    or a machine's text. INPUTS is a file with an input on every line, for all machines, or a table with tabs:
    machine<tab>input, or with a first line that names its columns (machine, input, head, seed). "" is the blank tape.
    Without INPUTS it is those of the examples in a machine's file, or the blank tape.

    A machine that needs a larger network than the others gets it; a row says which network it is of. What cannot be
    read or run is a row with its error. The same command goes on where it was stopped or killed.
    """
    sources = list(machines_in(machines, notation))
    jobs = jobs_of(sources, None if inputs is None else starts_in(inputs), table=str(inputs or ""))
    given = Options(capacity=capacity, **options)
    team = workers_of(workers, dask, given.device)
    words, began = _words(click.get_current_context()), time.perf_counter()
    last, at_first = Swept(len(jobs), 0), 0
    screen = console(error=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False))
    try:
        with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
            task = bar.add_task("reading what is there")

            def progress(swept: Swept) -> None:
                nonlocal last, at_first
                at_first = at_first if last.parts else swept.ready
                last = swept
                bar.update(task, description=_line(swept, time.perf_counter() - began, swept.ready - at_first))

            done = sweep(jobs, results, given, workers=team, command=shlex.join(words), force=force, progress=progress)
    except KeyboardInterrupt:
        if last.parts:
            there = f"{results}.parts holds {last.done:,} of {counted(last.parts, 'part')}"
            say(f"tapehead: {there}; the same command{' without --force' * force} goes on from there", error=True)
        raise
    seconds = time.perf_counter() - began
    if as_json:
        counts = {name: getattr(done, name) for name in ("rows", "halted", "stopped", "errors", "networks")}
        print_json({"file": str(results), **counts, "parts": done.parts, "resumed": done.found, "seconds": seconds})
    else:
        _print(done, results, len(sources), seconds)


def _words(context: click.Context) -> list[str]:
    """What was typed, as far as it was: the command again."""
    arguments: list[str] = []
    given: list[str] = []
    for parameter in context.command.params:
        name, value = str(parameter.name), context.params.get(str(parameter.name))
        if context.get_parameter_source(name) is not ParameterSource.COMMANDLINE or value is None:
            continue
        if isinstance(parameter, click.Option):
            given += [parameter.opts[-1]] if parameter.is_flag else [parameter.opts[-1], str(value)]
        else:
            arguments.append(str(value))
    return [*context.command_path.split(), *arguments, *given]


def _line(swept: Swept, seconds: float, new: int) -> str:
    """How far a sweep is, and how fast since it was begun or gone on with."""
    rate = f", {new / seconds:,.0f} rows/s" if new else ""
    errors = f", {swept.errors:,} not run" if swept.errors else ""
    parts = f"{swept.done:,} of {counted(swept.parts, 'part')}"
    return f"{swept.ready:,} of {counted(swept.rows, 'row')}, {parts}{rate}{errors}"


def _print(swept: Swept, results: Path, machines: int, seconds: float) -> None:
    went_on = ""
    if swept.found == swept.parts:
        went_on = " (all of them were there already)"
    elif swept.found:
        went_on = f" ({swept.found:,} of {counted(swept.parts, 'part')} were there already)"
    say(f"results  {results}: {counted(swept.rows, 'row')} of {counted(machines, 'machine')}{went_on}")
    say(f"         {swept.halted:,} halted, {swept.stopped:,} did not, {swept.errors:,} not run (column error)")
    for number, (sha256, rows) in enumerate(sorted((swept.networks or {}).items(), key=lambda each: -each[1])):
        say(f"{'' if number else 'network':<8} {counted(rows, 'row')} by sha256 {sha256[:16]}…")
    say(f"         {seconds:.1f} s; the manifest is {results}.manifest.json")

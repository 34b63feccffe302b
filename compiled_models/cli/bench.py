"""`tapehead bench`: how fast each decoder is, beside plain simulators in the same run."""

from __future__ import annotations

from pathlib import Path

import click
from rich.progress import Progress

from compiled_models.atomic import require_replaceable
from compiled_models.bench.measure import CONTESTANTS, Measurement
from compiled_models.bench.report import FILES, write
from compiled_models.bench.rows import COUNTS, measured_rows
from compiled_models.bench.suite import (
    LENGTHS,
    QUICK_CONTESTANTS,
    QUICK_WORKLOADS,
    Suite,
    lengths,
    measurements,
    start_times,
)
from compiled_models.bench.workloads import WORKLOADS
from compiled_models.cli.arguments import FileName, force_option, json_option, print_json
from compiled_models.cli.printing import console, say
from tm import FileError, Problem

__all__ = ["command"]


@click.command()
@click.option(
    "--workload",
    "workloads",
    multiple=True,
    type=click.Choice(list(WORKLOADS)),
    help="Only these; BB(5) for the plot in any case.",
)
@click.option("--quick", is_flag=True, help="Within a minute: few steps of few workloads, by the fast contestants.")
@click.option("-o", "--output", type=FileName(file_okay=False), help=f"A folder for {', '.join(FILES)}.")
@force_option
@json_option
def command(workloads: tuple[str, ...], quick: bool, output: str | None, force: bool, as_json: bool) -> None:
    """Measure every decoder beside plain simulators: steps a second and peak memory, each in a process of its own."""
    names = list(workloads) or list(QUICK_WORKLOADS if quick else WORKLOADS)
    if quick and output:
        raise click.UsageError("what is quick is not kept: --quick, or -o")
    folder = _folder(output, force) if output else None
    suite = _suite(names, quick=quick)
    if folder:
        write(suite, folder, force=force)
    if as_json:
        print_json(suite.json())
        return
    for name in names:
        say(f"{name:10} {WORKLOADS[name]().name}")
    console().print(suite.speeds())
    console().print(suite.memory())
    if (growth := suite.growth()) is not None:
        say(f"peak memory of kernels grows by {growth:.0f} MB from 10^5 steps of BB(5) to 4.7 * 10^7")
    console().print(suite.batches())
    if quick:
        return
    say(
        "; ".join(f"{name}: {seconds:.1f} s" for name, seconds in suite.start.items())
        + " (10,000 steps of BB(5) as a command)"
    )


def _folder(output: str, force: bool) -> Path:
    """The folder, before anything is measured that could not be written to it."""
    for name in FILES:
        require_replaceable(Path(output, name), force=force)
    try:
        Path(output).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(Problem("no folder can be made", found=error.strerror or str(error), source=output)) from error
    return Path(output)


def _suite(names: list[str], *, quick: bool) -> Suite:
    contestants = len(QUICK_CONTESTANTS if quick else CONTESTANTS)
    total = len(names) * contestants + 1 + (0 if quick else sum(map(len, LENGTHS.values())) + 1)
    screen = console(error=True)
    with Progress(console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task("start", total=total)
        start = {} if quick else start_times()
        results: tuple[list[Measurement], list[Measurement]] = ([], [])
        for number, source in enumerate((measurements(names, quick=quick), () if quick else lengths())):
            for contestant, name, measurement in source:
                bar.update(task, advance=1, description=f"{name}: {contestant}")
                rate = "cannot run it" if measurement is None else f"{measurement.rate:,.0f} steps/s"
                say(f"{name}: {contestant}: {rate}", error=True)
                if measurement is not None:
                    results[number].append(measurement)
        bar.update(task, advance=1, description="many prompts at once")
        rows = measured_rows(COUNTS[:4] if quick else COUNTS)
    return Suite(results[0], results[1], start, rows)

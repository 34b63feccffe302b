"""`tapehead bench`: how fast each decoder is, beside plain simulators in the same run."""

from __future__ import annotations

from pathlib import Path

import click
from rich.progress import Progress

from compiled_models.atomic import require_replaceable
from compiled_models.bench.measure import CONTESTANTS, Measurement
from compiled_models.bench.report import FILES, write
from compiled_models.bench.suite import LENGTHS, Suite, lengths, measurements, start_times
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
@click.option("-o", "--output", type=FileName(file_okay=False), help=f"A folder for {', '.join(FILES)}.")
@force_option
@json_option
def command(workloads: tuple[str, ...], output: str | None, force: bool, as_json: bool) -> None:
    """Measure every decoder beside plain simulators: steps a second and peak memory, each in a process of its own."""
    names = list(workloads) or list(WORKLOADS)
    folder = _folder(output, force) if output else None
    suite = _suite(names)
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


def _suite(names: list[str]) -> Suite:
    total = len(names) * len(CONTESTANTS) + sum(map(len, LENGTHS.values())) + 1
    screen = console(error=True)
    with Progress(console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task("start", total=total)
        start = start_times()
        results: tuple[list[Measurement], list[Measurement]] = ([], [])
        for number, source in enumerate((measurements(names), lengths())):
            for contestant, name, measurement in source:
                bar.update(task, advance=1, description=f"{name}: {contestant}")
                if not screen.is_terminal:  # a bar that nobody sees: a line a measurement instead
                    say(f"{name}: {contestant}", error=True)
                if measurement is not None:
                    results[number].append(measurement)
    return Suite(results[0], results[1], start)

"""Options that every experiment takes, and how its result is shown."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import click
from rich.progress import track
from rich.table import Table as RichTable
from rich.text import Text

from compiled_models.atomic import require_replaceable
from compiled_models.cli.arguments import FileName, force_option, json_option, print_json
from compiled_models.cli.printing import console, say
from compiled_models.cli.workers import workers_of, workers_options
from compiled_models.elicit.report.chart import FORMATS
from compiled_models.elicit.report.estimate import Estimate
from compiled_models.elicit.report.experiment import Experiment
from tm import FileError, InputError, Problem

__all__ = ["SHARE", "experiment_options", "output_options", "progress", "show"]

SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


def output_options(function: F) -> F:
    """The options --seed, -o, --force and --json; what must not be written over is refused before the experiment."""

    @functools.wraps(function)
    def checked(*, output: Path | None, force: bool, **options: Any) -> Any:
        if output is not None:
            _require_place(output, force)
        return function(output=output, **options)

    help = "A plot to write (.png, .svg or .pdf); its numbers go beside it as CSV."
    command = force_option(json_option(checked))
    command = click.option("-o", "--output", type=FileName(dir_okay=False, path_type=Path), help=help)(command)
    help = "Where all draws start from."
    return cast(F, click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help=help)(command))


def _require_place(output: Path, force: bool) -> None:
    if output.suffix not in FORMATS:
        raise InputError(Problem("the file's ending says no format", f"one of {' '.join(FORMATS)}", output.name))
    if not output.absolute().parent.is_dir():
        raise FileError(Problem("there is no such folder for the plot", source=str(output.parent)))
    for path in (output, output.with_suffix(".csv"), output.with_name(f"{output.stem}-curves.csv")):
        require_replaceable(path, force=force)


def experiment_options(seeds: int) -> Callable[[F], F]:
    """The options --seed, --seeds (how many data sets; this many by default), --workers, --dask, -o and --json."""
    help = "Data sets to draw, each from its own seed."
    several = click.option("--seeds", type=click.IntRange(1), default=seeds, show_default=True, help=help)

    def decorated(function: F) -> F:
        @functools.wraps(function)
        def with_workers(*, workers: int | None, dask: str | None, **options: Any) -> Any:
            return function(workers=workers_of(workers, dask), **options)

        return several(workers_options(output_options(cast(F, with_workers))))

    return decorated


def progress(items: Iterable[T], description: str) -> Iterator[T]:
    """The items, with a progress bar on standard error while there is a terminal to see it."""
    screen = console(error=True)
    return iter(track(items, description, console=screen, transient=True, disable=not screen.is_terminal))


def show(experiment: Experiment, output: Path | None, as_json: bool) -> int:
    """Print an experiment, draw it if asked to; return the exit status, 1 if a bound was broken."""
    if output is not None:
        experiment.draw(output)
        comment = f"tapehead elicit {experiment.name} {_command_line(experiment)}\n{experiment.title}"
        experiment.write(output.with_suffix(".csv"), comment)
    if as_json:
        print_json(experiment.json() | {"plot": str(output) if output else None})
        return int(experiment.holds is False)
    console().print(Text(f"{experiment.title}\n", "bold"))
    for name, fact in experiment.facts.items():
        say(f"{name:<64} {fact if isinstance(fact, Estimate) else _text(fact)}")
    say()
    console().print(_rich_table(experiment))
    for name, sha256 in experiment.networks.items():
        say(f"network {name}  sha256 {sha256}")
    say(experiment.verdict)
    return int(experiment.holds is False)


def _command_line(experiment: Experiment) -> str:
    return " ".join(f"--{name.replace('_', '-')} {value}" for name, value in experiment.options.items())


def _rich_table(experiment: Experiment) -> RichTable:
    table = RichTable(box=None, header_style="bold", pad_edge=False)
    for column in experiment.table.columns:
        table.add_column(column, justify="right")
    for row in experiment.table.rows:
        table.add_row(*map(_text, row))
    return table


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Estimate):  # in a table there is room for the larger half of the interval only
        return f"{value:.4g} \u00b1{max(value - value.low, value.high - value):.2g}"
    return f"{value:.4g}" if isinstance(value, float) else str(value)

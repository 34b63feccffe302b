"""`tapehead show`: a page in which a transformer runs a machine in front of you."""

from __future__ import annotations

import webbrowser
from collections.abc import Iterator
from pathlib import Path

import click

from compiled_models.atomic import replacing
from compiled_models.cli.arguments import (
    FileName,
    force_option,
    head_option,
    notation_option,
    read_machine,
    start_of,
    unknown_option,
)
from compiled_models.cli.capacity import Capacity, capacity_options
from compiled_models.cli.printing import say
from compiled_models.view.page import page, site_page, weights_page
from tm import FileError, InputError, Problem, Start, library
from tm.text import shown

__all__ = ["command"]


@click.command()
@click.argument("machine", required=False)
@click.argument("input", required=False)
@click.option("-o", "--output", type=FileName(), metavar="FILE", help="The page: one HTML file that needs no other.")
@click.option("--weights", is_flag=True, help="Draw every weight matrix of the network instead of a run.")
@click.option(
    "--site",
    type=FileName(),
    metavar="FOLDER",
    help="Write a page for each machine of the library, and an index of them.",
)
@click.option("--open", "opened", is_flag=True, help="Show it in the browser.")
@click.option("--steps", type=click.IntRange(1), default=10_000, show_default=True, help="Steps to generate at most.")
@click.option("--seed", type=click.IntRange(0), help="Of the page's own draws, for a machine that draws its steps.")
@head_option
@notation_option
@unknown_option
@capacity_options
@force_option
def command(
    machine: str | None,
    input: str | None,
    output: str | None,
    weights: bool,
    site: str | None,
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
    _require_one(machine, output, site, weights=weights)
    if site is not None:
        file = _written_site(Path(site), steps, capacity, force=force)
    else:
        start = None if machine is None else start_of(read_machine(machine, notation, unknown), input, head)
        network = capacity.weights("base", None if start is None else start.machine)
        text = weights_page(network) if weights or start is None else page(network, start, steps=steps, seed=seed)
        file = _written(Path(output or ""), text, force=force)
    if opened:
        webbrowser.open(file.resolve().as_uri())


def _require_one(machine: str | None, output: str | None, site: str | None, *, weights: bool) -> None:
    """Refuse what names no page, or two."""
    if site is not None and (machine is not None or output is not None or weights):
        raise InputError(Problem("a site is of the library's machines", "--site FOLDER alone", "more"))
    if site is None and output is None:
        raise InputError(Problem("the page needs a file to be written to", "-o page.html, or --site FOLDER", "none"))
    if site is None and machine is None and not weights:
        raise InputError(Problem("the page needs something to show", "MACHINE, --weights or --site FOLDER", "none"))


def _written(file: Path, text: str, *, force: bool) -> Path:
    with replacing(file, force=force) as beside:
        beside.write_text(text, encoding="utf-8")
    say(f"{shown(str(file))}: {len(text.encode()):,} bytes")
    return file


def _written_site(folder: Path, steps: int, capacity: Capacity, *, force: bool) -> Path:
    """A page for each machine of the library, one of the weights, and an index."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = Problem("no folder can be made", found=error.strerror or str(error), source=str(folder))
        raise FileError(problem) from error
    listed = []
    for name, start, seed in _starts():
        network = capacity.weights("base", start.machine)
        _written(folder / f"{name}.html", page(network, start, steps=steps, seed=seed), force=force)
        about = {"file": f"{name}.html", "name": name, "says": library.summary(name), "network": str(network.config)}
        listed.append(about)
    _written(folder / "weights.html", weights_page(capacity.weights("base")), force=force)
    return _written(folder / "index.html", site_page(listed), force=force)


def _starts() -> Iterator[tuple[str, Start, int | None]]:
    """Every machine of the library with its first example."""
    for name in library.names():
        example = library.examples(name)[0]
        yield name, Start.of(library.load(name), example.input, example.head), example.seed

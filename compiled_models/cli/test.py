"""`tapehead test`: machines against their examples, run by the network."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

from compiled_models.cli.arguments import (
    FileName,
    json_option,
    notation_option,
    print_json,
    read_machine,
    unknown_option,
)
from compiled_models.cli.capacity import Capacity, capacity_options
from compiled_models.cli.printing import console, say
from compiled_models.sweep.checks import COLUMNS, Case, Check, cases_in_table, cases_of, checked
from construction.fingerprint import fingerprint
from tm import InputError, Machine, Problem, Start, TapeheadError, library
from tm.file import read_text
from tm.notation.tapehead.example import examples_in
from tm.start import declared
from tm.text import counted, quoted, shown

__all__ = ["command"]


@dataclass
class Tested:
    """A machine that was asked for, and what came of its examples; `error` where it could not be read or run."""

    name: str
    checks: list[Check] = field(default_factory=list)
    error: str = ""
    sha256: str = ""

    @property
    def holds(self) -> bool:
        """Whether it could be read, and all its examples hold."""
        return not self.error and all(check.holds for check in self.checks)


@click.command()
@click.argument("machines", nargs=-1, required=True, metavar="MACHINE...")
@click.option(
    "--inputs",
    "table",
    type=FileName(exists=False, dir_okay=False),
    metavar="FILE",
    help=f"Examples for all machines: a table with tabs, whose first line names its columns: {', '.join(COLUMNS)}.",
)
@click.option(
    "--max-steps", type=click.IntRange(1), default=1_000_000, show_default=True, help="Steps of a run at most."
)
@notation_option
@unknown_option
@capacity_options
@json_option
def command(
    machines: tuple[str, ...],
    table: str | None,
    max_steps: int,
    notation: str | None,
    unknown: str | None,
    capacity: Capacity,
    as_json: bool,
) -> int:
    """Run the examples that stand in a MACHINE's file on the network; exit status 1 if one does not hold.

    MACHINE may be a folder: then every file in it. An example is a line such as `# example: 1011 -> 1100 accept in 8
    steps`; what it leaves out it does not claim. A machine that cannot be read is one more thing that does not hold.
    """
    cases = () if table is None else cases_in_table(table)
    names = list(_files(machines))
    _require_machines(cases, names, table)
    tested: list[Tested] = []
    screen = console(error=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task("")
        for number, name in enumerate(names, 1):
            bar.update(task, description=f"{number} of {len(names)}: {shown(name)}")
            tested.append(_test(name, cases, max_steps, notation, unknown, capacity))
    if not any(machine.checks or machine.error for machine in tested):
        hint = "write lines such as `# example: 1011 -> 1100 accept` beside its rules, or give --inputs FILE"
        raise InputError(Problem("there is no example to run", found=", ".join(map(quoted, names[:5])), hint=hint))
    if as_json:
        print_json({"machines": [_json(machine) for machine in tested], "holds": all(m.holds for m in tested)})
    else:
        _print(tested)
    return int(not all(machine.holds for machine in tested))


def _require_machines(cases: tuple[Case, ...], names: list[str], table: str | None) -> None:
    """Refuse a table with examples for a machine that is not asked for: nobody would see that they were not run."""
    called = {Path(name).stem for name in names}
    lines: dict[str, int | None] = {}  # the first of each name
    for case in cases:
        if case.machine is not None and case.machine not in called:
            lines.setdefault(case.machine, case.line)
    if lines:
        message, expected = "an example is for a machine that is not there", "the name of a file without its ending"
        raise InputError(*(Problem(message, expected, quoted(n), source=table, line=at) for n, at in lines.items()))


def _files(machines: tuple[str, ...]) -> Iterator[str]:
    """What was asked for, with the files of a folder in its place."""
    for name in machines:
        if name not in library.names() and _is_folder(name):
            files = sorted(str(file) for file in Path(name).iterdir() if file.is_file() and file.name[0] != ".")
            if not files:
                raise InputError(Problem("there is no file in this folder", "machines", quoted(name)))
            yield from files
        else:
            yield name


def _is_folder(name: str) -> bool:
    try:
        return bool(name) and Path(name).is_dir()
    except (OSError, ValueError):  # a machine's text
        return False


def _test(
    name: str, cases: tuple[Case, ...], max_steps: int, notation: str | None, unknown: str | None, capacity: Capacity
) -> Tested:
    tested = Tested(name)
    try:
        machine = read_machine(name, notation, unknown)
        examples = [*examples_in(_text(name)), *cases_of(Path(name).stem, cases)]
        if examples:
            network = capacity.weights("base", _with_symbols(machine, [example.input for example in examples]))
            tested.sha256 = fingerprint(network).sha256
            tested.checks = [checked(network, machine, example, max_steps=max_steps) for example in examples]
    except TapeheadError as error:
        place = f"line {error.problems[0].line}: " if error.problems[0].line else ""
        more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
        tested.error = f"{place}{error.problems[0].message}{more}"
    return tested


def _with_symbols(machine: Machine, inputs: list[str | tuple[str, ...]]) -> Machine:
    """The machine with the symbols of all its inputs, so that one network holds all of its runs."""
    for text in inputs:
        with contextlib.suppress(InputError):  # it is said where that input is run
            machine = declared(machine, Start.of(machine, text).machine.symbols)
    return machine


def _text(name: str) -> str:
    """What stands in the file of a machine, or the machine's text."""
    if name in library.names():
        return library.text(name)
    return read_text(name) if _is_file(name) else name


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):
        return False


def _json(tested: Tested) -> dict[str, object]:
    fields = ("input", "expected", "found", "holds", "steps")
    checks = [{name: getattr(check, name) for name in fields} for check in tested.checks]
    about = {"machine": tested.name, "holds": tested.holds, "error": tested.error or None, "examples": checks}
    return {**about, "sha256": tested.sha256 or None}


def _print(tested: list[Tested]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("machine", "input", "expected", "steps", ""):
        table.add_column(column, justify="right" if column == "steps" else "left")
    for machine in tested:
        name = shown(machine.name)
        if machine.error or not machine.checks:
            style, what = ("bold red", f"NOT READ: {machine.error}") if machine.error else ("yellow", "no example")
            table.add_row(Text(name), "", "", "", Text(shown(what), style=style))
        for check in machine.checks:
            verdict = Text("holds", "green") if check.holds else Text(f"NO: {shown(check.found)}", "bold red")
            cells = (Text(name), Text(shown(check.input) or '""'), Text(shown(check.expected)), f"{check.steps:,}")
            table.add_row(*cells, verdict)
            name = ""
    console().print(table)
    checks = [check for machine in tested for check in machine.checks]
    holding, unread = sum(check.holds for check in checks), sum(bool(machine.error) for machine in tested)
    holds = f"{holding:,} of {counted(len(checks), 'example')} hold{'s' * (len(checks) == 1)}"
    say(holds + (f"; {counted(unread, 'machine')} not read" if unread else ""))

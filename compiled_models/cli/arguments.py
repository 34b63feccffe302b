"""Arguments that several commands share, and what they mean: a machine, its input, its start cells."""

from __future__ import annotations

import difflib
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import click

from compiled_models.atomic import require_name
from compiled_models.cli.printing import say
from compiled_models.input_text import head_of, input_of, json_input
from tm import InputError, Machine, MachineError, Problem, Search, Start, library
from tm.file import LARGEST
from tm.inputs import UNKNOWN
from tm.registry import read, readers
from tm.text import json_shown, shown

__all__ = [
    "FileName",
    "FileToRead",
    "force_option",
    "head_of",
    "head_option",
    "input_of",
    "json_input",
    "json_option",
    "machine_argument",
    "notation_option",
    "own_input",
    "print_json",
    "read_machine",
    "read_text",
    "search_json",
    "start_of",
    "unknown_option",
]


class FileName(click.Path):
    """The name that a file or a folder can have, as click.Path; an empty one is to Python the folder that we are in."""

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """The name as it was typed. Raises InputError for an empty one, FileError for others that no file can have."""
        if not os.fspath(value):
            name = param.opts[0] if isinstance(param, click.Option) else "FILE"
            raise InputError(Problem("a file without a name", f"a path for {name}", repr(value)))
        require_name(os.fspath(value))
        return super().convert(value, param, ctx)


class FileToRead(click.File):
    """A file that is opened for reading, as click.File, or what is piped in (-)."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> IO[Any]:
        """The open file. Raises FileError for a name that no file can have."""
        if isinstance(value, str) and value:
            require_name(value)
        return super().convert(value, param, ctx)


def read_text(file: IO[str], what: str) -> str:
    """The text in an open file, which `what` names in errors.

    Raises:
        InputError: for a file that cannot be read, that is no UTF-8, or that is too long.
    """
    try:
        text = file.read(LARGEST + 1)
    except UnicodeDecodeError as error:
        raise InputError(Problem(f"{what} is no text in UTF-8", found=str(error), source=file.name)) from error
    except OSError as error:
        problem = Problem(f"{what} cannot be read", found=error.strerror or str(error), source=file.name)
        raise InputError(problem) from error
    if len(text) > LARGEST:  # or a device without end
        raise InputError(Problem(f"{what} is too long", f"{LARGEST:,} characters at most", source=file.name))
    return text


head_option = click.option("--head", metavar="CELL", help="The start cell, or one for each tape, separated by commas.")

machine_argument = click.argument("machine")
notation_option = click.option(
    "--notation", help=f"The machine's notation, if it is not to be detected: {', '.join(readers())}."
)
force_option = click.option("--force", is_flag=True, help="Write over a file that stands there already.")
unknown_option = click.option(
    "--unknown",
    type=click.Choice(list(UNKNOWN)),
    help="What becomes of an INPUT with a symbol that MACHINE does not name: refuse it as an error, or reject: run it, "
    "and the machine halts there for want of a rule. Default: as the notation's own tool, or refuse.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def read_machine(text: str, notation: str | None = None, unknown: str | None = None) -> Machine:
    """The machine that an argument names: a file, a library machine, or a text; `unknown` as in `tm.Inputs`, if given.

    Raises:
        MachineError: if it is none of them.

    >>> read_machine("bb2") == read_machine("1RB1LB_1LA1RZ")
    True
    """
    machine = _read(text, notation)
    return machine if unknown is None else replace(machine, inputs=replace(machine.inputs, unknown=unknown))


def _read(text: str, notation: str | None) -> Machine:
    path = Path(text)
    if text and _is_there(path):  # Path("") is the folder that we are in
        return Machine.read(path, notation)
    if text in library.names():
        return read(library.text(text), notation, text)
    try:
        return Machine.read(text, notation)
    except MachineError as error:
        near = difflib.get_close_matches(text.lower(), library.names(), 1)
        if not near and not re.fullmatch(r"[\w.-]+", text):
            raise
        more = f"did you mean {near[0]}, from the library?" if near else "`tapehead library` lists the machines by name"
        first, *rest = error.problems
        hint = f"{first.hint}; {more}" if first.hint else more
        raise MachineError(replace(first, hint=hint), *rest) from error


def _is_there(path: Path) -> bool:
    try:
        return path.exists() and not (path.is_dir() and str(path) in library.names())
    except (OSError, ValueError):  # too long for a file's name, or with a null in it: a machine's text
        return False


def start_of(machine: Machine, text: str | None, head: str | None) -> Start:
    """How a run starts by what INPUT and --head say; where there is no INPUT, with the input of the machine's own file.

    Raises:
        InputError: for an input or a head that does not fit the machine.

    >>> machine = Machine.read("# example: 10 at 1 -> 11\\na 0 -> b 1 R")
    >>> start_of(machine, None, None).head, start_of(machine, "", None).input
    ((1,), ((),))
    """
    sample = machine.inputs.sample
    if text is None and sample is not None:
        return Start.of(machine, sample.tapes, sample.heads if head is None else head_of(head))
    return Start.of(machine, input_of(machine, text or ""), head_of(head))


def own_input(machine: Machine, start: Start) -> str:
    """What is said of an input that nobody typed: `1011 (the file's own)`.

    >>> machine = Machine.read("# example: 10 at 1 -> 11\\na 0 -> b 1 R")
    >>> own_input(machine, start_of(machine, None, None))
    "10, head on cell 1 (the file's own)"
    """
    glue = "" if all(len(symbol) == 1 for tape in start.input for symbol in tape) else " "
    tapes = ", ".join(glue.join(map(shown, tape)) or "(blank)" for tape in start.input)
    heads = f", head on cell {', '.join(map(str, start.head))}" if any(start.head) else ""
    return f"{tapes}{heads} (the file's own)"


def search_json(search: Search) -> dict[str, object]:
    """A search for a run as the JSON of a result has it."""
    return {name: getattr(search, name) for name in ("configurations", "steps", "complete")} | {"says": str(search)}


def print_json(value: object) -> None:
    """Print a value as one JSON object."""
    say(json_shown(value))

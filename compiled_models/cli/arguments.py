"""Arguments that several commands share, and what they mean: a machine, its input, its start cells."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any

import click

from compiled_models.cli.printing import say
from tm import Input, InputError, Machine, MachineError, Problem, library, start_input
from tm.notation import read, readers
from tm.shown import json_shown

__all__ = [
    "force_option",
    "head_of",
    "head_option",
    "input_of",
    "json_option",
    "machine_argument",
    "notation_option",
    "print_json",
    "read_machine",
]

head_option = click.option("--head", metavar="CELL", help="The start cell, or one for each tape, separated by commas.")

machine_argument = click.argument("machine")
notation_option = click.option(
    "--notation", help=f"The machine's notation, if it is not to be detected: {', '.join(readers())}."
)
force_option = click.option("--force", is_flag=True, help="Write over a file that stands there already.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def read_machine(text: str, notation: str | None = None) -> Machine:
    """The machine that an argument names: a file, a library machine, or a text.

    Raises:
        MachineError: if it is none of them.

    >>> read_machine("bb2") == read_machine("1RB1LB_1LA1RZ")
    True
    """
    path = Path(text)
    if _is_there(path):
        return Machine.read(path, notation)
    if text in library.names():
        return read(library.text(text), notation, text)
    try:
        return Machine.read(text, notation)
    except MachineError as error:
        near = difflib.get_close_matches(text.lower(), library.names(), 1)
        if not near:
            raise
        raise MachineError(*error.problems, Problem(f"did you mean {near[0]}, from the library?")) from error


def _is_there(path: Path) -> bool:
    try:
        return path.exists() and not (path.is_dir() and str(path) in library.names())
    except (OSError, ValueError):  # too long for a file's name, or with a null in it: a machine's text
        return False


def input_of(machine: Machine, text: str) -> Input:
    """The input that an argument says.

    One tape: a symbol per character, or symbols separated by spaces. Several tapes: one such text a tape, separated by
    commas. Anything at all as JSON, unless `[` is one of the machine's symbols: `["a b", "c"]`, or a list of those.

    Raises:
        InputError: for a symbol that the machine does not know (in JSON it may stand), and a wrong number of tapes.

    >>> input_of(Machine.read("a 0 -> b 1 R"), "01"), input_of(Machine.read("a zero -> b one R"), "zero one")
    ('01', ['zero', 'one'])
    """
    if text.lstrip().startswith("[") and "[" not in machine.symbols:
        try:
            return _checked_json(json.loads(text))
        except json.JSONDecodeError:
            pass  # a text whose first symbol is a bracket
    if machine.tapes == 1:
        start_input(machine, said := _symbols(text))
        return said
    parts = text.split(",")
    tapes = [_symbols(part) for part in parts] + [""] * (machine.tapes - len(parts))
    start_input(machine, tapes)
    return tapes


def _checked_json(value: Any) -> Any:
    flat = [item for part in value for item in (part if isinstance(part, list) else [part])]
    if not all(isinstance(item, str) for item in flat):
        raise InputError(Problem("an input in JSON is a list of strings, or of lists of strings", found=repr(value)))
    return value


def _symbols(text: str) -> str | list[str]:
    return text.split() if " " in text.strip() else text.strip()


def head_of(text: str | None) -> int | list[int]:
    """The start cell, or the start cells separated by commas.

    Raises:
        InputError: for anything but integers.
    """
    try:
        cells = [int(part) for part in (text or "0").split(",")]
    except ValueError:
        raise InputError(
            Problem("--head takes a cell, or one for each tape", "such as 3 or 0,-2", repr(text))
        ) from None
    return cells[0] if len(cells) == 1 else cells


def print_json(value: object) -> None:
    """Print a value as one JSON object."""
    say(json_shown(value))

"""What a sweep runs: from the names of machines and a file of inputs to a list of jobs, a machine and an input each."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from compiled_models.input_text import head_of
from tm import InputError, Machine, MachineError, Problem, TapeheadError, library
from tm.file import read_text
from tm.notation.busy_beaver.lists import machine_lines
from tm.notation.tapehead.example import examples_in
from tm.text import counted, quoted

__all__ = ["INPUT_COLUMNS", "Job", "Source", "StartText", "jobs_of", "machines_in", "starts_in"]

LARGEST = 1 << 28  # bytes of a list of machines or of inputs
INPUT_COLUMNS = ("machine", "input", "head", "seed")
"""Of a table of inputs. `input` has to be there; without `machine`, or where it is empty, a row is for all machines."""


@dataclass(frozen=True, slots=True)
class Source:
    """A machine as it was found.

    Attributes:
        name: its file, or its line in a list.
        text: what describes it.
        notation: the one that it is in, where that is known.
        file: where it stood, for messages; None where the text itself was given.
        error: why there is no text.
    """

    name: str
    text: str
    notation: str | None = None
    file: str | None = None
    error: str = ""

    @property
    def called(self) -> str:
        """What a table of inputs calls it: the name of its file without its ending, or its line."""
        return self.name if self.file is None or self.notation else Path(self.name).stem


@dataclass(frozen=True, slots=True)
class StartText:
    """How a run begins, as it was written: the input (None: the machine's own), the start cell, the seed."""

    input: str | tuple[str, ...] | None = None
    head: int | tuple[int, ...] = 0
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A run that a sweep does: the machine, and how it begins."""

    source: Source
    start: StartText


def machines_in(name: str, notation: str | None = None) -> Iterator[Source]:
    """The machines that a name stands for: a file, a folder's files, the lines of a list, a library machine, a text.

    A file is a list where each of its lines (all but empty ones and those that begin with #) is a busy beaver such as
    `1RB1LB_1LA1RZ`. A file that cannot be read is a source with an `error`.

    Raises:
        InputError: for a folder without files.
        FileError: for a name that looks like a file's, and is none.
        MachineError: for what is neither a file, nor a machine of the library, nor a machine's text.

    >>> [source.name for source in machines_in("bb2")]
    ['bb2']
    >>> [source.name for source in machines_in("1RB1LB_1LA1RZ")]
    ['1RB1LB_1LA1RZ']
    """
    if name in library.names():
        yield Source(name, library.text(name), notation, name)
    elif _is(Path.is_dir, name):
        files = sorted(file for file in Path(name).iterdir() if file.is_file() and file.name[0] != ".")
        if not files:
            raise InputError(Problem("there is no file in this folder", "machines", quoted(name)))
        for file in files:
            yield from _in_file(str(file), notation, alone=False)
    elif _is(Path.exists, name) or re.fullmatch(r"[\w./\\-]+\.\w{1,6}", name):
        yield from _in_file(name, notation, alone=True)
    else:
        Machine.read(name, notation)  # says what is wrong with a text, or a name, that is none
        yield Source(name, name, notation)


def _is(kind: object, name: str) -> bool:
    try:
        return bool(name) and bool(kind(Path(name)))  # type: ignore[operator]
    except (OSError, ValueError):  # a machine's text
        return False


def _in_file(name: str, notation: str | None, *, alone: bool) -> Iterator[Source]:
    try:
        text = read_text(name, largest=LARGEST)
    except TapeheadError as error:
        if alone:
            raise
        yield Source(name, "", notation, name, error.problems[0].message)
        return
    lines = machine_lines(text) if notation in (None, "busy-beaver") else []
    if not lines:
        yield Source(name, text, notation, name)
    for line in lines:
        yield Source(line, line, "busy-beaver", name)


def starts_in(path: str | Path) -> list[tuple[str | None, StartText]]:
    """The inputs in a file, each with the machine that it is for (None: all of them).

    A line is an input; or the file is a table with tabs: `machine<tab>input`, or with a first line that names its
    columns, some of `INPUT_COLUMNS`. `\"\"` is the blank tape; lines without anything are passed over.

    Raises:
        FileError: for a file that cannot be read.
        MachineError: for a table with lines that make no sense, all of them.
    """
    lines = list(csv.reader(io.StringIO(read_text(path, largest=LARGEST)), delimiter="\t", quoting=csv.QUOTE_NONE))
    rows = [(number, [cell.strip() for cell in row]) for number, row in enumerate(lines, 1) if any(map(str.strip, row))]
    if not any(len(row) > 1 for _, row in rows):
        names: Sequence[str] = ("input",)
        rows = [(number, lines[number - 1]) for number, _ in rows]  # spaces are symbols
    elif rows and "input" in (first := [cell.lower() for cell in rows[0][1]]):
        names, rows = first, rows[1:]
    else:
        names = ("machine", "input")
    problems = [
        Problem("no such column", ", ".join(INPUT_COLUMNS), quoted(name), source=str(path), line=1)
        for name in names
        if name not in INPUT_COLUMNS
    ]
    problems += [
        Problem("this column is named twice", found=quoted(name), source=str(path), line=1)
        for name in dict.fromkeys(names)
        if list(names).count(name) > 1
    ]
    starts: list[tuple[str | None, StartText]] = []
    for number, row in [] if problems else rows:
        if len(row) != len(names):
            expected, found = f"{counted(len(names), 'cell')}: {', '.join(names)}", str(len(row))
            hint = "a cell that says nothing is empty, but there"
            problems.append(Problem("the wrong number of cells", expected, found, hint, source=str(path), line=number))
            continue
        try:
            starts.append(_start(dict(zip(names, row, strict=True))))
        except InputError as error:
            problems += [replace(problem, source=str(path), line=number) for problem in error.problems]
    if problems:
        raise MachineError(*problems)
    if not starts:
        raise InputError(Problem("there is no input in this file", 'a line an input; "" is the blank tape', str(path)))
    return starts


def _start(cells: Mapping[str, str]) -> tuple[str | None, StartText]:
    """A row of a table. Raises InputError for a head or a seed that is none."""
    seed, heads = cells.get("seed", ""), head_of(cells.get("head") or None)
    if not re.fullmatch(r"[0-9]{0,15}", seed):
        raise InputError(Problem("no seed", "an integer of 0 or more", quoted(seed)))
    text, head = cells.get("input", ""), heads if isinstance(heads, int) else tuple(heads)
    start = StartText("" if text == '""' else text, head, int(seed) if seed else None)
    return cells.get("machine") or None, start


def jobs_of(
    sources: Sequence[Source], starts: Sequence[tuple[str | None, StartText]] | None, *, table: str = ""
) -> list[Job]:
    """The jobs of a sweep: every machine with each input that is for it.

    Without inputs: those of the examples in the machine's own text, or the blank tape.

    Args:
        sources: from `machines_in`.
        starts: from `starts_in`; None: without inputs.
        table: the file that they are from, as an error names it.

    Raises:
        InputError: for inputs of machines that there are none of.

    >>> [job.start.input for job in jobs_of(list(machines_in("bb2")), None)]
    ['']
    >>> len(jobs_of(list(machines_in("increment")), [(None, StartText("1")), ("increment", StartText("11"))]))
    2
    """
    if starts is None:
        return [Job(source, start) for source in sources for start in _own(source)]
    called = {source.called for source in sources} | {source.name for source in sources}
    if unknown := sorted({machine for machine, _ in starts if machine is not None} - called):
        message = "an input is for a machine that is not there"
        expected = "the name of a file or a machine, or a line of a list"
        raise InputError(*(Problem(message, expected, quoted(name), source=table) for name in unknown))
    everyone = [(number, start) for number, (machine, start) in enumerate(starts) if machine is None]
    theirs: dict[str, list[tuple[int, StartText]]] = {}
    for number, (machine, start) in enumerate(starts):
        if machine is not None:
            theirs.setdefault(machine, []).append((number, start))
    jobs = []
    for source in sources:
        own = {**dict(theirs.get(source.called, ())), **dict(theirs.get(source.name, ()))}
        jobs += [Job(source, start) for _, start in sorted([*everyone, *own.items()], key=lambda pair: pair[0])]
    return jobs


def _own(source: Source) -> list[StartText]:
    """The inputs of the examples in a machine's text, each once."""
    if source.notation == "busy-beaver" or "example:" not in source.text:
        return [StartText()]
    try:
        examples = examples_in(source.text)
    except MachineError:  # said where the machine is read
        return [StartText()]
    return list(dict.fromkeys(StartText(e.input, e.head, e.seed) for e in examples)) or [StartText()]

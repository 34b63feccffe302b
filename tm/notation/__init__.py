"""How machines are written down: one file a notation, each with a reader and a writer of the same shape.

>>> sorted(notations())[:6]
['automata-lib', 'busy-beaver', 'graphml', 'graphviz', 'jflap', 'jflap8']
>>> print(write(read("a 0 -> b 1 R"), "tapehead"), end="")
blank: _
start: a
a 0 -> b 1 R
"""

from __future__ import annotations

import difflib
import os
from dataclasses import replace
from pathlib import Path

from tm.errors import FileError, MachineError, Problem
from tm.file import read_text
from tm.machine import Machine
from tm.notation import (
    automata_lib,
    busy_beaver,
    graphml,
    graphviz,
    jflap,
    jflap8,
    mermaid,
    morphett,
    table,
    tapehead,
    turing_machine_simulator,
    turingmachine_io,
)
from tm.notation.detection import most_likely, told
from tm.notation.registry import LONGEST, Notation

__all__ = ["Notation", "detect", "notations", "read", "read_source", "readers", "write", "writers"]

_NOTATIONS = (
    busy_beaver.NOTATION,
    table.NOTATION,
    graphml.NOTATION,
    jflap8.NOTATION,
    jflap.NOTATION,
    graphviz.NOTATION,
    mermaid.NOTATION,
    automata_lib.NOTATION,
    turing_machine_simulator.NOTATION,
    turingmachine_io.NOTATION,
    morphett.CHOICES,
    morphett.NOTATION,
    morphett.ONE_WAY,
    tapehead.NOTATION,
)
"""Every notation."""


_LONGEST_PATH = 4096
"""Characters: what is longer is no path on any common system, so it is meant as a text."""


def notations() -> tuple[str, ...]:
    """The names of the notations.

    >>> "tapehead" in notations()
    True
    """
    return tuple(notation.name for notation in _NOTATIONS)


def readers() -> tuple[str, ...]:
    """The names of the notations that machines are read from.

    >>> "tapehead" in readers(), "mermaid" in readers()
    (True, False)
    """
    return tuple(notation.name for notation in _NOTATIONS if notation.read)


def writers() -> tuple[str, ...]:
    """The names of the notations that machines are written in.

    >>> "mermaid" in writers(), "table" in writers()
    (True, False)
    """
    return tuple(notation.name for notation in _NOTATIONS if notation.write)


def detect(text: str, path: str | os.PathLike[str] | None = None) -> str:
    """The name of the notation of a text: that which most lines have the form of, else by its file's name's ending.

    Raises MachineError where neither tells, where two notations fit equally well, and for a text too long for any.

    >>> detect("1RB1LB_1LA1RZ"), detect("right 0 -> right 1 R"), detect("", "empty.tm")
    ('busy-beaver', 'tapehead', 'tapehead')
    """
    _require_length(text, LONGEST, "a machine", None if path is None else str(path))
    return told(text, path, _NOTATIONS).name


def _named(name: str, offered: tuple[str, ...]) -> Notation:
    for notation in _NOTATIONS:
        if notation.name == name:
            return notation
    near = difflib.get_close_matches(name, offered, 1)
    hint = f"did you mean {near[0]}?" if near else ""
    raise MachineError(Problem("no such notation", " or ".join(offered), repr(name), hint))


def read(text: str, notation: str | None = None, source: str | None = None) -> Machine:
    """The machine that a text describes, in the notation named or detected; `source` is its file's name, for messages.

    Raises MachineError, with every reason and its place, for an unknown notation and for a text that is no machine.

    What the notation's own tool would do without a word is a NotationWarning.

    >>> read("1RB1LB_1LA1RZ").name
    '1RB1LB_1LA1RZ'
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise MachineError(Problem("this is no text", found="a zero byte", source=source, line=line))
    found = _named(notation or detect(text, source), readers())
    if found.read is None:
        raise MachineError(Problem("this notation is only written", " or ".join(readers()), repr(notation)))
    _require_length(text, found.longest, found.name, source)
    return found.read(text, source)


def _require_length(text: str, longest: int, notation: str, source: str | None) -> None:
    if len(text) > longest:
        expected, message = f"at most {longest:,} characters", f"the text is too long for {notation}"
        raise MachineError(Problem(message, expected, f"{len(text):,}", source=source))


def write(machine: Machine, notation: str = "tapehead") -> str:
    """The machine as text. Raises MachineError for an unknown notation and for what the notation cannot say.

    >>> write(read("1RB1LB_1LA1RZ"), "busy-beaver")
    '1RB1LB_1LA1RZ'
    """
    writer = _named(notation, writers()).write
    if writer is None:
        raise MachineError(Problem("this notation is only read", " or ".join(writers()), repr(notation)))
    return writer(machine)


def read_source(source: str | os.PathLike[str], notation: str | None = None) -> Machine:
    """The machine in a file or in a text, as Machine.read has it.

    >>> read_source("no_such_machine.tm")
    Traceback (most recent call last):
    tm.errors.MachineError: no such file
        found: no_such_machine.tm
        mend: give the path of a file, or the text of a machine
    """
    if not isinstance(source, (str, os.PathLike)):
        raise MachineError(Problem("a machine is read from a path or a text", found=repr(source)))
    if isinstance(source, str) and not _is_path(source):
        return read(source, notation)
    try:
        text = read_text(source)
    except FileError as error:
        hint = "give the path of a file, or the text of a machine"
        raise MachineError(*(replace(problem, hint=problem.hint or hint) for problem in error.problems)) from None
    machine = read(text, notation, str(source))
    return machine if machine.name else replace(machine, name=Path(source).stem)


def _is_path(source: str) -> bool:
    """Whether a string is meant as a path: such a file exists, or it is one word that no notation knows."""
    if os.path.exists(source):
        return True
    one_word = len(source.split()) == 1 and len(source) < _LONGEST_PATH and "\0" not in source
    return one_word and not most_likely(source, _NOTATIONS)

"""The notations by name: which there are, which of them a text is in, and how a machine is read and written in one.

>>> sorted(notations())[:6]
['automata-lib', 'busy-beaver', 'graphml', 'graphviz', 'jflap', 'jflap8']
>>> print(write(read("a 0 -> b 1 R"), "tapehead"), end="")
blank: _
start: a
a 0 -> b 1 R
"""

from __future__ import annotations

import difflib
import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tm.errors import FileError, MachineError, Problem
from tm.file import read_text

if TYPE_CHECKING:
    from tm.machine import Machine

__all__ = [
    "LONGEST",
    "Notation",
    "detect",
    "notations",
    "read",
    "read_source",
    "readers",
    "register",
    "write",
    "writers",
]

LONGEST = 4_000_000
"""Characters that are read of any notation at most: a hundred thousand rules, which is as many as a text may stand for,
take half of it in our own."""

_LONGEST_PATH = 4096
"""Characters: what is longer is no path on any common system, so it is meant as a text."""
_ENOUGH = 0.5
"""The share of its lines that tells a text; that of prose which talks of machines is smaller."""
_LOOKED_AT = 100_000
"""Characters of a long text that are enough to tell it: the first ones, up to the end of a line."""
_CLOSE = 0.1
"""Two shares that are no further apart do not decide between two notations."""

_SHIPPED = "tm.notation"
"""The package whose import registers the notations that come with tm."""
_NOTATIONS: dict[str, Notation] = {}


@dataclass(frozen=True)
class Notation:
    """A way to write machines down.

    `read(text, source)` gives the machine or raises MachineError with every reason and its place (`source` is the
    file's name, for the messages); `write(machine)` gives text that reads back as an equal machine, or as one that does
    the same by a construction that the text says, or raises MachineError with what it cannot say. Either is None where
    the notation is only written, or only read. `share(text)` is the share, from 0 to 1, of the text's lines that have
    the form of this notation, those with a mistake for half; `form` shows that form (of a variant: nothing).
    `suffixes` are the file names' endings that are taken for it where the text does not tell.
    `longest` is how many characters are read at most, so that no text takes more than seconds and 500 MB.

    >>> from tm.notation.busy_beaver import NOTATION
    >>> NOTATION.name, NOTATION.share("1RB---_1LA1RZ")
    ('busy-beaver', 1.0)
    """

    name: str
    suffixes: tuple[str, ...]
    share: Callable[[str], float]
    form: str
    read: Callable[[str, str | None], Machine] | None
    write: Callable[[Machine], str] | None
    longest: int = LONGEST


def register(*added: Notation) -> None:
    """Add notations; messages list them in this order. Raises ValueError for a name that is taken.

    >>> register(Notation("graphml", (), lambda text: 0.0, "", None, None))
    Traceback (most recent call last):
    ValueError: there is a notation 'graphml' already
    """
    for notation in added:
        if notation.name in _NOTATIONS:
            raise ValueError(f"there is a notation {notation.name!r} already")
        _NOTATIONS[notation.name] = notation


def _known() -> tuple[Notation, ...]:
    """Every notation. Those that come with tm make machines, so that tm.notation is imported when one is first read."""
    importlib.import_module(_SHIPPED)
    return tuple(_NOTATIONS.values())


def notations() -> tuple[str, ...]:
    """The names of the notations.

    >>> "tapehead" in notations()
    True
    """
    return tuple(notation.name for notation in _known())


def readers() -> tuple[str, ...]:
    """The names of the notations that machines are read from.

    >>> "tapehead" in readers(), "mermaid" in readers()
    (True, False)
    """
    return tuple(notation.name for notation in _known() if notation.read)


def writers() -> tuple[str, ...]:
    """The names of the notations that machines are written in.

    >>> "mermaid" in writers(), "table" in writers()
    (True, False)
    """
    return tuple(notation.name for notation in _known() if notation.write)


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
    reader = _named(notation or detect(text, source), readers())
    if reader.read is None:
        raise MachineError(Problem("this notation is only written", " or ".join(readers()), reader.name))
    _require_length(text, reader.longest, reader.name, source)
    return reader.read(text, source)


def write(machine: Machine, notation: str = "tapehead") -> str:
    """The machine as text. Raises MachineError for an unknown notation and for what the notation cannot say.

    >>> write(read("1RB1LB_1LA1RZ"), "busy-beaver")
    '1RB1LB_1LA1RZ'
    """
    writer = _named(notation, writers()).write
    if writer is None:
        raise MachineError(Problem("this notation is only read", " or ".join(writers()), repr(notation)))
    return writer(machine)


def _named(name: str, offered: tuple[str, ...]) -> Notation:
    for notation in _known():
        if notation.name == name:
            return notation
    near = difflib.get_close_matches(name, offered, 1)
    hint = f"did you mean {near[0]}?" if near else ""
    raise MachineError(Problem("no such notation", " or ".join(offered), repr(name), hint))


def _require_length(text: str, longest: int, notation: str, source: str | None) -> None:
    if len(text) > longest:
        expected, message = f"at most {longest:,} characters", f"the text is too long for {notation}"
        raise MachineError(Problem(message, expected, f"{len(text):,}", source=source))


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
    return one_word and not _likely(source)


def detect(text: str, path: str | os.PathLike[str] | None = None) -> str:
    """The name of the notation of a text: that which most lines have the form of, else by its file's name's ending.

    Raises MachineError where neither tells, where two notations fit equally well, and for a text too long for any.

    >>> detect("1RB1LB_1LA1RZ"), detect("right 0 -> right 1 R"), detect("", "empty.tm")
    ('busy-beaver', 'tapehead', 'tapehead')
    """
    source = None if path is None else str(path)
    _require_length(text, LONGEST, "a machine", source)
    suffix = "" if path is None else Path(path).suffix.lower()
    likely = _likely(text)
    by_name = [notation for notation in likely or _known() if suffix in notation.suffixes]
    if len(likely) == 1 or by_name:
        return (likely if len(likely) == 1 else by_name)[0].name
    if likely:
        names = " or ".join(notation.name for notation in likely)
        hint = f"name it: --notation {likely[0].name}"
        raise MachineError(Problem("this text may be in several notations", "one", names, hint, source=source))
    found = "an empty text" if not text.strip() else repr(text.strip().splitlines()[0][:60])
    looked_for = (f"{each.name} ({each.form})" if each.form else each.name for each in _known() if each.read)
    expected = f"at least half of the lines as in {', '.join(looked_for)}"
    raise MachineError(Problem("no notation that is known here", expected, found, _hint(text), source=source))


def _likely(text: str) -> list[Notation]:
    """The notations that a text may be in: one, none, or several of which none is likelier."""
    shares = {notation.name: notation.share(_begin(text)) for notation in _known()}
    best = max(shares.values())
    return [each for each in _known() if shares[each.name] >= max(_ENOUGH, best - _CLOSE)]


def _begin(text: str) -> str:
    """A text without what need not be looked at."""
    return text if len(text) <= _LOOKED_AT else text[: max(_LOOKED_AT, text.find("\n", _LOOKED_AT))]


def _hint(text: str) -> str:
    by_name = {notation.name: notation for notation in _known() if notation.read}
    nearest = max(by_name.values(), key=lambda each: each.share(_begin(text)))
    share = nearest.share(_begin(text))
    if share > 0:
        return f"{share:.0%} of it fits {nearest.name}; --notation {nearest.name} says what is wrong with the rest"
    return f"name the notation, or write the machine in our own: lines of {by_name['tapehead'].form}"

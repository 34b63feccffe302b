"""The library of machines: one file each, in our own notation, with examples that say what it does.

>>> from tm import outcome
>>> machine = load("increment")
>>> "".join(outcome(machine, "1011").tape)
'1100'
>>> examples("increment")[1].tape
('1000',)
"""

from __future__ import annotations

import difflib
from functools import cache
from importlib.resources import files
from itertools import takewhile

from tm.errors import MachineError, Problem
from tm.machine import Machine
from tm.notation.tapehead.example import RunExample, examples_in
from tm.registry import read

__all__ = ["RunExample", "examples", "load", "names", "summary", "text"]

_SUFFIX = ".tm"


@cache
def names() -> tuple[str, ...]:
    """The names of the library's machines, sorted.

    >>> "bb5" in names()
    True
    """
    entries = [file.name for file in files(__name__).iterdir() if file.name.endswith(_SUFFIX)]
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in entries))


def text(name: str) -> str:
    """The file of a machine, comments and all. Raises MachineError for a name that the library has not.

    >>> text("increment").splitlines()[0]
    '# Adds one to a binary number: to the last digit, then carries to the left.'
    """
    if name not in names():
        near = difflib.get_close_matches(name, names(), 1)
        hint = f"did you mean {near[0]}?" if near else ""
        raise MachineError(Problem("no such machine in the library", ", ".join(names()), repr(name), hint))
    return files(__name__).joinpath(name + _SUFFIX).read_text(encoding="utf-8")


@cache
def load(name: str) -> Machine:
    """A machine of the library. Raises MachineError for a name that it has not.

    >>> load("two_tape_copy").tapes
    2
    """
    return read(text(name), "tapehead", name + _SUFFIX)


@cache
def examples(name: str) -> tuple[RunExample, ...]:
    """What a machine of the library does, example by example. Raises MachineError for a name that it has not.

    >>> from tm import outcome
    >>> example = examples("divisible_by_3")[0]
    >>> outcome(load("divisible_by_3"), example.input).accepted == example.accepted
    True
    """
    return examples_in(text(name), name + _SUFFIX)


def summary(name: str) -> str:
    """The first sentence of a machine's file. Raises MachineError for a name that the library has not.

    >>> summary("increment")
    'Adds one to a binary number: to the last digit, then carries to the left.'
    """
    comment = takewhile(lambda line: line.startswith("#") and not line.startswith("# example"), text(name).splitlines())
    sentence, stop, _ = " ".join(line.removeprefix("#").strip() for line in comment).partition(". ")
    return sentence + stop.strip()

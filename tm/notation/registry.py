"""What a notation is: a name, a measure of how far a text is of it, a reader and a writer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tm.machine import Machine

__all__ = ["LONGEST", "Notation"]

LONGEST = 4_000_000
"""Characters that are read of any notation at most: a hundred thousand rules, which is as many as a text may stand for,
take half of it in our own."""


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

    >>> from tm.notation import busy_beaver
    >>> busy_beaver.NOTATION.name, busy_beaver.NOTATION.share("1RB---_1LA1RZ")
    ('busy-beaver', 1.0)
    """

    name: str
    suffixes: tuple[str, ...]
    share: Callable[[str], float]
    form: str
    read: Callable[[str, str | None], Machine] | None
    write: Callable[[Machine], str] | None
    longest: int = LONGEST

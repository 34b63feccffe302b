"""What a user can mend: every error of the library says where, what was expected, what was found and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tm.text import shown

__all__ = [
    "FileError",
    "FileWarning",
    "InputError",
    "MachineError",
    "NotationWarning",
    "Problem",
    "TapeheadError",
    "TapeheadWarning",
]

_LONGEST_LINE = 160
"""Characters of the user's own line that are shown."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, said so that it can be mended.

    As text it is safe to show, whatever names, lines and paths it speaks of: see tm.text.

    `source`, `line` (from 1), `column` (from 1) and `text` (the user's own line) are given where they are known;
    `about` is the object at fault (a rule, or the name of an argument), for a reader that knows where it stood.

    >>> print(Problem("a weight is a positive integer", found="0", hint="write x 1", source="walk.tm", line=3))
    walk.tm:3: a weight is a positive integer
        found: 0
        mend: write x 1
    """

    message: str
    expected: str = ""
    found: str = ""
    hint: str = ""
    source: str | None = None
    line: int | None = None
    column: int | None = None
    text: str = ""
    about: object = field(default=None, compare=False, repr=False)

    @property
    def place(self) -> str:
        """Where the problem is, as `file:line:column`, with what is known of it; empty where nothing is."""
        where = self.source or ("line" if self.line else "")
        glue = ":" if self.source else " "
        where += f"{glue}{self.line}" if self.line else ""
        return where + (f":{self.column}" if self.line and self.column else "")

    def _line(self) -> tuple[str, int | None]:
        """The user's line as it is shown, and the column in it; of a very long line what is around the column."""
        column, begin, more = self.column or 1, 0, ""
        if len(self.text) > _LONGEST_LINE:
            begin, more = max(0, column - _LONGEST_LINE // 2), "…"
        part = self.text[begin : begin + _LONGEST_LINE].replace("\t", " ")
        before = f"{more}{shown(part[: column - begin - 1])}"
        return f"{more}{shown(part)}{more}", self.column and len(before) + 1

    def __str__(self) -> str:
        lines = [shown(f"{self.place}: {self.message}" if self.place else self.message)]
        text, column = self._line()
        if text:
            lines.append(f"    {text}")
        if text and column:
            lines.append(" " * (3 + column) + "^")
        for label, value in (("expected", self.expected), ("found", self.found), ("mend", self.hint)):
            if value:
                lines.append(f"    {label}: {shown(value)}")
        return "\n".join(lines)


class TapeheadError(Exception):
    """The root of everything that a user can mend; its text lists every problem at once.

    A plain string is a problem without a place.

    >>> error = TapeheadError("no such decoder", Problem("no such device", expected="cpu or cuda"))
    >>> print(error)
    2 problems
    no such decoder
    no such device
        expected: cpu or cuda
    >>> error.problems[1].expected
    'cpu or cuda'
    """

    def __init__(self, *problems: Problem | str) -> None:
        super().__init__(*problems)
        self.problems: tuple[Problem, ...] = tuple(p if isinstance(p, Problem) else Problem(p) for p in problems)

    def __str__(self) -> str:
        count = [f"{len(self.problems)} problems"] if len(self.problems) > 1 else []
        return "\n".join(count + [str(problem) for problem in self.problems])


class MachineError(TapeheadError, ValueError):
    """A machine, or the text of one, that says nothing sensible. `.problems` holds every reason.

    >>> from tm import Machine
    >>> Machine(start="a", tapes=0)
    Traceback (most recent call last):
    tm.errors.MachineError: the number of tapes is a positive integer
        found: 0
    """


class InputError(TapeheadError, ValueError):
    """A bad input, start head, step limit or seed of a run.

    >>> from tm import Machine, simulate
    >>> simulate(Machine(start="a", symbols=["0"]), "2", max_steps=10)
    Traceback (most recent call last):
    tm.errors.InputError: the machine has no symbol 2
        expected: one of _ 0
        found: 2 on cell 0
        mend: declare it (`symbols:`), give a list of strings, or have it rejected (`unknown: reject`, --unknown reject)
    """


class FileError(TapeheadError, OSError):
    """A file that cannot be read or written.

    >>> raise FileError(Problem("no such file", found="walk.tm"))
    Traceback (most recent call last):
    tm.errors.FileError: no such file
        found: walk.tm
    """


class TapeheadWarning(UserWarning):
    """The root of every warning of the library; `.problem` says what and where."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class FileWarning(TapeheadWarning):
    """A file that could not be written, though what it is about goes on."""


class NotationWarning(TapeheadWarning):
    """What the tool that a notation comes from does without a word, and its author may not have meant.

    The machine is read as that tool reads it.

    >>> print(NotationWarning(Problem("this rule never applies", hint="leave it out", line=3)))
    line 3: this rule never applies
        mend: leave it out
    """

"""Checks: does a machine, run by the network, do what its examples say?

Examples stand in a machine's own file (`# example: 1011 -> 1100 accept in 8 steps`, in any notation that has comments
with #), or in a table for many machines: text with tabs, whose first line names the columns.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from compiled_models.runner import run
from construction.network import Network
from tm import Machine, MachineError, Problem, TapeheadError
from tm.file import read_text
from tm.notation.tapehead.example import RunExample
from tm.text import counted, quoted

__all__ = ["COLUMNS", "Case", "Check", "cases_in_table", "cases_of", "checked"]

COLUMNS = ("input", "tape", "verdict", "steps", "head", "seed", "machine")
"""Of a table. `input` and one of `tape`, `verdict` (accept or reject) and `steps` have to be there; a cell that is
empty claims nothing, `""` is the blank tape. `machine`, a name, says which machine a row is for; without it, all."""


@dataclass(frozen=True, slots=True)
class Case:
    """An example, for which machine it is (a file's name without its ending, or None: every machine), and its line."""

    example: RunExample
    machine: str | None = None
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Check:
    """What came of an example.

    Attributes:
        input: what the run began with, as text.
        expected: what the example claims; found: what the network's run gave instead, empty where it is as claimed.
        holds: whether it is as claimed.
        steps: how many the network generated.
    """

    input: str
    expected: str
    found: str
    holds: bool
    steps: int


def cases_in_table(path: str | Path) -> tuple[Case, ...]:
    """The cases of a table.

    Raises:
        FileError: for a file that cannot be read.
        MachineError: for one that is no such table, with every line at fault.
    """
    text, source = read_text(path), str(path)
    lines = list(csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))
    header = [name.strip().lower() for name in lines[0]] if lines else []
    problems = [
        Problem("no such column", ", ".join(COLUMNS), quoted(name), source=source, line=1)
        for name in header
        if name not in COLUMNS
    ]
    problems += [
        Problem("this column is named twice", found=quoted(name), source=source, line=1)
        for name in dict.fromkeys(header)
        if header.count(name) > 1
    ]
    if "input" not in header or not {"tape", "verdict", "steps"} & set(header):
        expected = "a first line with input, and tape, verdict or steps, separated by tabs"
        problems.append(Problem("the columns are not named", expected, source=source, line=1))
    if problems:
        raise MachineError(*problems)
    cases = []
    for line, row in enumerate(lines[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        case = _case(dict(zip(header, (cell.strip() for cell in row), strict=False)), len(row) - len(header))
        cases += [replace(case, line=line)] if isinstance(case, Case) else []
        problems += [replace(problem, source=source, line=line) for problem in ([] if isinstance(case, Case) else case)]
    if not cases and not problems:
        problems = [Problem("there is no example in this table", "a line an example", source=source, line=1)]
    if problems:
        raise MachineError(*problems)
    return tuple(cases)


def _case(cells: Mapping[str, str], more: int) -> Case | list[Problem]:
    """The case of a row with so many cells more than columns, or everything that is wrong with it."""
    problems = [Problem("more cells than columns", hint="a tab stands between two cells only")] if more > 0 else []
    if more < 0:
        problems.append(Problem("fewer cells than columns", hint="a cell that claims nothing is empty, but there"))
    numbers: dict[str, int] = {}
    for name in ("steps", "head", "seed"):
        if text := cells.get(name, ""):
            if re.fullmatch(r"-?[0-9]{1,15}" if name == "head" else r"[0-9]{1,15}", text):
                numbers[name] = int(text)
            else:
                problems.append(Problem(f"no number in the column {name}", "an integer", quoted(text)))
    verdict = cells.get("verdict", "").lower()
    if verdict not in ("", "accept", "reject"):
        problems.append(Problem("no verdict", "accept or reject", quoted(verdict)))
    tape = cells.get("tape", "")
    if not any(cells.get(name) for name in ("tape", "verdict", "steps")) and not more:
        problems.append(Problem("this row claims nothing", "a tape, a verdict or steps"))
    if problems:
        return problems
    example = RunExample(
        input=_word(cells.get("input", "")),
        head=numbers.get("head", 0),
        seed=numbers.get("seed"),
        tape=(_word(tape),) if tape else None,
        accepted=None if not verdict else verdict == "accept",
        steps=numbers.get("steps"),
    )
    return Case(example, cells.get("machine") or None)


def _word(text: str) -> str:
    return "" if text == '""' else text


def checked(network: Network, machine: Machine, example: RunExample, *, max_steps: int = 1_000_000) -> Check:
    """Run an example on the network, and compare what it claims.

    Args:
        network: that the machine fits.
        machine: the machine.
        example: on several tapes a text with commas stands for one text a tape.
        max_steps: after which a run is given up: then nothing holds.

    >>> from construction import base_network
    >>> from tm.notation.tapehead.example import examples_in
    >>> machine = Machine.read("accept: b\\na 0 -> b 1 R")
    >>> right, wrong = examples_in("# example: 0 -> 1 accept in 1 steps\\n# example: 0 -> 0 accept")
    >>> network = base_network(states=2, symbols=3)
    >>> checked(network, machine, right).holds, checked(network, machine, wrong).found
    (True, 'tape 1')
    """
    input = _tapes(example.input, machine.tapes)
    shown = ",".join(input) if isinstance(input, tuple) else input
    tape = None if example.tape is None else _tapes(",".join(example.tape), machine.tapes)
    wanted = () if tape is None else (tape if isinstance(tape, tuple) else (tape,))
    expected = [f"tape {','.join(map(_shown, wanted))}"] if wanted else []
    expected += [] if example.accepted is None else ["accept" if example.accepted else "reject"]
    expected += [] if example.steps is None else [counted(example.steps, "step")]
    try:
        result = run(network, machine, input, head=example.head, seed=example.seed, max_steps=max_steps)
    except TapeheadError as error:
        return Check(shown, ", ".join(expected), str(error.problems[0].message), False, 0)
    tapes = [result.tape] if machine.tapes == 1 else result.tape
    found = [] if result.halted else [result.verdict]
    written = tuple("".join(cells) for cells in tapes[: len(wanted)])
    found += [f"tape {','.join(map(_shown, written))}"] if written != wanted else []
    if example.accepted is not None and result.accepted is not example.accepted and result.halted:
        found.append({True: "accept", False: "reject", None: "no verdict"}[result.accepted])
    found += [counted(result.steps, "step")] if example.steps not in (None, result.steps) else []
    return Check(shown, ", ".join(expected), ", ".join(found), not found, result.steps)


def _shown(word: str) -> str:
    return word or '""'


def _tapes(text: str | tuple[str, ...], tapes: int) -> str | tuple[str, ...]:
    """The texts of several tapes; of one tape the text as it stands."""
    if tapes == 1 or isinstance(text, tuple):
        return text
    parts = [_word(part) for part in text.split(",")]
    return (*parts, *[""] * (tapes - len(parts)))


def cases_of(machine: str, cases: tuple[Case, ...]) -> Iterator[RunExample]:
    """The examples of a table that are for a machine, by the name of its file without its ending.

    >>> list(cases_of("b", (Case(RunExample("1"), "a"), Case(RunExample("2")))))
    [RunExample(input='2', head=0, seed=None, tape=None, accepted=None, steps=None)]
    """
    for case in cases:
        if case.machine in (None, machine):
            yield case.example

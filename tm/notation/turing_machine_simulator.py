"""The notation of turingmachinesimulator.com: headers, then two lines a rule, for any number of tapes.

    // binary increment
    name: increment
    init: right
    accept: done

    right,0
    right,0,>

The second line of a rule holds the next state, the symbols written and the moves, `<`, `>` or `-`. `_` is the blank.
Entering the accept state accepts and ends the run; where no rule applies, it is rejected.
"""

from __future__ import annotations

import difflib
import re
from typing import NamedTuple

from tm.errors import MachineError, Problem
from tm.machine import Machine
from tm.notation.common.annotation import apply_annotation, unsupported, write_annotated
from tm.notation.common.builder import Builder, Place
from tm.notation.common.spelling import is_one_unit, state_spelling, symbol_spelling
from tm.registry import Notation
from tm.rule import Rule
from tm.text import quoted

__all__ = ["NOTATION", "read", "write"]

_INIT = re.compile(r"init\s*:\s*\S", re.IGNORECASE)
_HEADER_LINE = re.compile(r"(name|accept)\s*:.*|init\s*:[^,]*", re.IGNORECASE)
_HEADER = re.compile(r"\s*([A-Za-z]+)\s*:(.*)")
_KEYS = ("name", "init", "accept")
_MOVES = {"<": "L", ">": "R", "-": "S", "L": "L", "R": "R", "S": "S"}
_SIGNS = {"L": "<", "R": ">", "S": "-"}


class _Row(NamedTuple):
    line: int
    column: int
    words: list[str]


def share(text: str) -> float:
    """The share of lines that are headers or belong to a rule, of which there is a rule or the start state.

    >>> share("init: q0"), share("a,0\\nb,1,>\\n// so\\nand so on"), share("start: q0")
    (1.0, 0.6666666666666666, 0.0)
    """
    lines = [line.partition("//")[0].strip() for line in text.split("\n")]
    headers = [bool(_HEADER_LINE.fullmatch(line)) for line in lines if line]
    rows = [[word.strip() for word in line.split(",")] for line in lines if line and not _HEADER_LINE.fullmatch(line)]
    fits = _row_fits(rows)
    if 1.0 not in fits and not any(_INIT.match(line) for line in lines):
        return 0.0
    return (sum(headers) + sum(fits)) / len(headers)


def _row_fits(rows: list[list[str]]) -> list[float]:
    """How far each line belongs to a rule, 0 to 1: those of a pair whose sizes and moves go together do."""
    fits = [0.5 if len(row) > 1 and all(is_one_unit(word) for word in row[1:]) else 0.0 for row in rows]
    at = 0
    while at + 1 < len(rows):
        tapes, right = len(rows[at]) - 1, rows[at + 1]
        paired = 0 < tapes == (len(right) - 1) / 2 and all(word in _MOVES for word in right[1 + tapes :])
        if paired and fits[at] and fits[at + 1]:
            fits[at] = fits[at + 1] = 1.0
        at += 2 if paired else 1
    return fits


def read(text: str, source: str | None = None) -> Machine:
    """The machine of a text. Raises MachineError with every reason and its place.

    >>> print(*read("init: a\\naccept: b\\n\\na,0,_\\nb,0,0,>,-").rules)
    a 0,_ -> b 0,0 R,S
    """
    return apply_annotation(_Reader(Builder(text, source)).machine(), text, source)


class _Reader:
    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.headers: dict[str, tuple[str, int]] = {}
        self.rows: list[_Row] = []
        self.targets: dict[str, Place] = {}
        for number, line in enumerate(builder.lines, 1):
            self._line(number, line.partition("//")[0])
        self.tapes = len(self.rows[0].words) - 1 if self.rows else 1

    def _line(self, number: int, line: str) -> None:
        header = _HEADER.fullmatch(line)
        if header and "," not in line.partition(":")[0]:
            key = header[1].lower()
            if key not in _KEYS:
                near = difflib.get_close_matches(key, _KEYS, 1)
                hint = f"did you mean {near[0]}?" if near else ""
                self.builder.problem("no such header", (number, 1), expected=", ".join(_KEYS), found=key, hint=hint)
            elif key in self.headers:
                self.builder.problem(f"`{key}:` is said twice", (number, 1), hint="keep one")
            else:
                self.headers[key] = (header[2].strip(), number)
                self.builder.place("start" if key == "init" else key, (number, 1))
        elif line.strip():
            column = len(line) - len(line.lstrip()) + 1
            if "," not in line:
                hint = "a comment begins with //"
                self.builder.problem(
                    "neither a header nor a line of a rule", (number, column), found=quoted(line), hint=hint
                )
                return
            self.rows.append(_Row(number, column, [word.strip() for word in line.split(",")]))

    def machine(self) -> Machine:
        """The machine of all lines. Raises MachineError with every problem."""
        start, _ = self.headers.get("init", ("", 1))
        if not start:
            self.builder.problem("the start state is missing", (1, 1), expected="init: STATE")
        accept = [word.strip() for word in self.headers.get("accept", ("", 0))[0].split(",") if word.strip()]
        at = 0
        while at < len(self.rows):
            left = self.rows[at]
            if at + 1 < len(self.rows) and not self._begins(at + 1):
                self._rule(left, self.rows[at + 1], accept)
                at += 2
            else:
                expected = "next state, symbols written and moves, on the line below"
                self.builder.problem(
                    "the second line of a rule is missing", (left.line, left.column), expected=expected
                )
                at += 1
        ruled = {rule.state for rule in self.builder.rules}
        targets = {**self.targets, start: (self.headers.get("init", ("", 1))[1], 1)}
        self.builder.misspelled({s: at for s, at in targets.items() if s not in ruled and s not in accept}, ruled)
        if self.builder.problems:
            raise MachineError(*self.builder.problems)
        name, _ = self.headers.get("name", ("", 0))
        name = name if name.isprintable() else ""
        return self.builder.machine(name=name, tapes=self.tapes, blank="_", start=start, accept=accept, decides=True)

    def _begins(self, at: int) -> bool:
        """Whether a line begins a rule of its own, though the line before it has begun one."""
        sizes = [len(row.words) - 1 for row in self.rows[at - 1 : at + 2]]
        return sizes == [self.tapes, self.tapes, 2 * self.tapes]

    def _rule(self, left: _Row, right: _Row, accept: list[str]) -> None:
        tapes, before = self.tapes, len(self.builder.problems)
        sizes = (
            (left, 1 + tapes, "state and symbols read"),
            (right, 1 + 2 * tapes, "state, symbols written and moves"),
        )
        for row, size, expected in sizes:
            if len(row.words) != size or tapes < 1:
                message, found = "wrong number of words", f"{len(row.words)}, for {tapes} tapes"
                self.builder.problem(message, (row.line, row.column), expected=f"{size}: {expected}", found=found)
        read, write, moves = left.words[1:], right.words[1 : 1 + tapes], right.words[1 + tapes :]
        for row, words in ((left, read), (right, write)):
            for word in words:
                if not is_one_unit(word):
                    self.builder.problem("a symbol is one character", (row.line, row.column), found=quoted(word))
        for word in moves:
            if word not in _MOVES:
                self.builder.problem(
                    "no such move", (right.line, right.column), expected="<, > or -", found=quoted(word)
                )
        if len(self.builder.problems) > before:
            return
        state, target = left.words[0], right.words[0]
        if state in accept:
            message = f"state {quoted(state)} accepts: the run stops there, so this never applies"
            self.builder.warning(message, (left.line, left.column))
            return
        rule = Rule(state, tuple(read), target, tuple(write), tuple(_MOVES[move] for move in moves))
        self.targets[target] = (right.line, right.column)
        self.builder.rule(rule, (left.line, left.column))


def write(machine: Machine) -> str:
    """The machine in this notation. Raises MachineError for weights.

    >>> print(write(Machine.read("start: a\\naccept: b\\na 0 -> b 1 S")), end="")
    init: a
    accept: b
    <BLANKLINE>
    a,0
    b,1,-
    """
    problems = list(unsupported(machine, "turingmachinesimulator", tapes=1_000))
    if machine.tapes > 1 and not machine.rules:
        message = "turingmachinesimulator cannot say it: several tapes without rules"
        problems.append(Problem(message, "a rule, from which the tapes are counted", "none"))
    if problems:
        raise MachineError(*problems)
    states = state_spelling(machine.states, _is_word)
    symbols = symbol_spelling(machine.symbols, _is_symbol, {machine.blank: "_"})
    return write_annotated(machine, _body, read, states=states, symbols=symbols)


def _is_word(name: str) -> bool:
    return name.isprintable() and name.strip() == name and not any(sign in name for sign in (",", ":", "//", "->"))


def _is_symbol(name: str) -> bool:
    return is_one_unit(name) and _is_word(name) and name not in "_/"


def _body(machine: Machine, comments: list[str]) -> str:
    plain = machine.name.isprintable() and machine.name.strip() == machine.name and "//" not in machine.name
    lines = [f"// {comment}" for comment in comments]
    lines += [f"name: {machine.name}"] if machine.name and plain else []
    lines += [f"init: {machine.start}"]
    lines += [f"accept: {', '.join(machine.accept)}"] if machine.accept else []
    for rule in machine.rules:
        moves = [_SIGNS[move] for move in rule.moves]
        lines += ["", ",".join([rule.state, *rule.read]), ",".join([rule.next_state, *rule.write, *moves])]
    return "\n".join(lines) + "\n"


NOTATION = Notation(
    "turingmachinesimulator", (), share, "init: STATE, then state,symbol and state,symbol,move", read, write, 2_000_000
)

"""The tables in which small universal machines are published: a row for each symbol, a column for each state.

A cell is what is written, L or R, and the number of the next state: `bR1`, or `-` where the machine halts. A row may be
an entry of a JSON object, `{"c": "cR2 bR3", "b": "bR1 -"}`, or a line whose cells begin with state and symbol:
`10<L1 201L2` (in state 1, reading 0: write <, move left, stay in 1). The states are called u1, u2, ... as there,
the run starts in u1, and the blank is the symbol of the first row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tm.errors import MachineError
from tm.machine import Machine
from tm.notation.common.builder import Builder
from tm.registry import Notation
from tm.rule import Rule

__all__ = ["NOTATION", "read"]

_CELL = re.compile(r"(\S)([LR])([1-9][0-9]{0,3})|-")
_FULL_CELL = re.compile(r"([1-9][0-9]{0,3}?)(\S)(?:(\S)([LR])([1-9][0-9]{0,3})|-)")
_OBJECT = re.compile(r'\s*\{\s*"[^"\\]"\s*:\s*"\s*(?:\S[LR][0-9]+|-)[\s"]')


def share(text: str) -> float:
    """How much of the lines are cells of the second form; 1 for an object that begins with a row of the first.

    >>> share('{"c": "cR2 -", "b": "bR1 -"}'), share("10<L1 201L2\\n11<L1 nonsense"), share("0 1 0 r 0")
    (1.0, 0.75, 0.0)
    """
    if _OBJECT.match(text):
        return 1.0
    lines = [line for line in text.split("\n") if line.strip()]
    return sum(map(_fit, lines)) / len(lines) if lines else 0.0


def _fit(line: str) -> float:
    """The share of a line's words that are cells, 0 where none of them says what to do."""
    cells = [_FULL_CELL.fullmatch(word) for word in line.split()]
    return sum(map(bool, cells)) / len(cells) if any(cell and cell[4] for cell in cells) else 0.0


def read(text: str, source: str | None = None) -> Machine:
    """The machine of a table. Raises MachineError with every reason and its place.

    >>> print(*read('{"c": "bR2 -", "b": "cL1 bR1"}').rules, sep="\\n")
    u1 c -> u2 b R
    u1 b -> u1 c L
    u2 b -> u1 b R
    """
    builder = Builder(text, source)
    rows = _object_rows(builder) if text.lstrip().startswith("{") else _line_rows(builder)
    cells = list(rows)
    if builder.problems or not cells:
        if not cells:
            builder.problem("the text holds no table", (1, 1), expected='rows such as "c": "cR2 bR3"')
        raise MachineError(*builder.problems)
    symbols = list(dict.fromkeys(symbol for _, symbol, _, _, _ in cells))
    states = list(dict.fromkeys(state for state, *_ in sorted(cells, key=lambda cell: cell[0])))
    for state, symbol, action, line, column in sorted(cells, key=lambda cell: cell[0]):
        if action is None:
            continue
        write, move, target = action
        if write not in symbols:
            expected = f"one of {' '.join(symbols)}"
            builder.problem("a cell writes a symbol without a row", (line, column), expected=expected, found=write)
        if target not in states:
            expected, found = f"1 to {max(states)}", str(target)
            builder.problem("a cell leads to a state without a column", (line, column), expected=expected, found=found)
        builder.rule(Rule(f"u{state}", (symbol,), f"u{target}", (write,), (move,)), (line, column))
    names = [f"u{state}" for state in states]
    return builder.machine(blank=symbols[0], start="u1", states=names, symbols=symbols)


_Entry = tuple[int, str, "tuple[str, str, int] | None", int, int]
"""State, symbol read, what is done (None: nothing), line and column."""


def _object_rows(builder: Builder) -> Iterator[_Entry]:
    """The cells of a JSON object."""
    text = "\n".join(builder.lines)
    try:
        rows: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        line, column = (error.lineno, error.colno) if isinstance(error, json.JSONDecodeError) else (1, 1)
        builder.problem("this is no JSON", (line, column), found=str(error)[:100])
        return
    for symbol, row in rows.items():
        if len(symbol) != 1 or not isinstance(row, str):
            expected = 'a symbol and its cells, as in "c": "cR2 bR3"'
            builder.problem("this is no row", _place(text, symbol), expected=expected, found=repr(symbol)[:50])
            continue
        for state, cell in enumerate(row.split(), 1):
            line, column = _place(text, symbol)
            match = _CELL.fullmatch(cell)
            if match is None:
                expected = "a symbol, L or R and a state, as in bR1; or -"
                builder.problem(f"no cell for state {state}", (line, column), expected=expected, found=cell[:50])
                continue
            yield state, symbol, (match[1], match[2], int(match[3])) if match[1] else None, line, column


def _place(text: str, symbol: str) -> tuple[int, int]:
    """Where the row of a symbol begins; the text's beginning where it is spelled in some other way."""
    at = max(0, text.find(f'"{symbol}"'))
    return text[:at].count("\n") + 1, at - (text.rfind("\n", 0, at) + 1) + 1


def _line_rows(builder: Builder) -> Iterator[_Entry]:
    """The cells of lines."""
    for number, line in enumerate(builder.lines, 1):
        for word in re.finditer(r"\S+", line):
            match = _FULL_CELL.fullmatch(word[0])
            if match is None:
                expected = "state, symbol, symbol written, L or R, next state, as in 10<L1; or - after the symbol"
                builder.problem("no cell", (number, word.start() + 1), expected=expected, found=word[0][:50])
                continue
            done = (match[3], match[4], int(match[5])) if match[3] else None
            yield int(match[1]), match[2], done, number, word.start() + 1


NOTATION = Notation(
    "table", (), share, "10<L1 201L2", read, None, longest=40_000
)  # the largest published has 480 cells

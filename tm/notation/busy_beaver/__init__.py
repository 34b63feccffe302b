"""The busy-beaver notation: `1RB1LB_1LA1RZ`, a row for each state, in it an entry for each symbol read.

An entry is symbol, move (L or R) and state, or `---` where there is none. States are the letters from A on, the start
state first; a letter beyond the last row is a state without rules. Symbols are the digits from 0 on, the blank first.
The machine halts where there is no entry, so its steps are the entries applied: the common count is one more for `---`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from string import ascii_uppercase as LETTERS

from tm.errors import MachineError, Problem
from tm.machine import Machine
from tm.notation.busy_beaver.forms import Chunk, form
from tm.notation.common.builder import Builder
from tm.registry import Notation
from tm.rule import Rule
from tm.text import quoted

__all__ = ["NOTATION", "read", "write"]

DIGITS = "0123456789"
NO_ENTRY = "---"
_MEND = "write it in another notation, or rename and rewrite it first"
_ENTRY = re.compile(r"[0-9][LR][A-Z]|---")


def share(text: str) -> float:
    """The share of a text's lines that hold a machine, or a part of one, in one of the forms of this notation.

    >>> share("1RB---_1LA1RZ"), share("BB(2):\\n1RB 1LB\\n1LA 1RZ\\n"), share("a 0 -> b 1 R")
    (1.0, 0.6666666666666666, 0)
    """
    return form(text).share


def read(text: str, source: str | None = None) -> Machine:
    """The machine of a text such as `1RB1LB_1LA1RZ`, which is its name, too. Raises MachineError with every reason.

    All forms of tm.notation.busy_beaver.forms are read; a line that says something else is passed over with a warning.

    >>> [str(rule) for rule in read("1RB---_1LA1RZ").rules]
    ['A 0 -> B 1 R', 'B 0 -> A 1 L', 'B 1 -> Z 1 R']
    """
    builder, layout = Builder(text, source), form(text)
    rows = layout.rows
    if not rows:
        expected = "rows of entries, joined by _, as in 1RB1LB_1LA1RZ, or one a line"
        builder.problem("the text holds no busy-beaver machine", (1, 1), expected=expected)
        raise MachineError(*builder.problems)
    if layout.trouble:
        message, hint, number = layout.trouble
        builder.problem(message, (number, 1), expected="one machine, as in 1RB1LB_1LA1RZ", hint=hint)
        raise MachineError(*builder.problems)
    width = Counter(len(row) for row in rows).most_common(1)[0][0]
    if len(rows) > len(LETTERS) or width > len(DIGITS):
        place, many = (rows[0][0].line, 1), f"{len(rows)} rows of {width} entries"
        builder.problem("too many rows or entries", place, expected="at most 26 rows of 10 entries", found=many)
        raise MachineError(*builder.problems)
    for number in layout.passed_over:
        builder.warning("this line is passed over: it says nothing of the machine", (number, 1), hint="put # before it")
    for state, row in zip(LETTERS, rows, strict=False):
        _read_row(builder, state, row, width)
    states, symbols = list(LETTERS[: len(rows)]), list(DIGITS[:width])
    return builder.machine(name=layout.name, blank="0", start="A", states=states, symbols=symbols)


def _read_row(builder: Builder, state: str, row: list[Chunk], width: int) -> None:
    """Add the rules of a row; a problem for a row of the wrong length and for each wrong entry."""
    if len(row) != width or len(row[-1].text) < 3:
        word = "".join(chunk.text for chunk in row)
        expected = f"{3 * width} characters: an entry of 3 for each symbol read, as in most rows"
        place = (row[0].line, row[0].column)
        message, found = f"the row of state {state} has the wrong length", f"{len(word)} ({word})"
        builder.problem(message, place, expected=expected, found=found)
        return
    for symbol, (entry, line, column) in enumerate(row):
        at = (line, column)
        if not _ENTRY.fullmatch(entry):
            expected = "symbol, L or R, state, as in 1RB; or --- for no entry"
            builder.problem(f"no entry for state {state}, symbol {symbol}", at, expected=expected, found=entry)
        elif entry != NO_ENTRY and int(entry[0]) >= width:
            expected = f"a symbol from 0 to {width - 1}: each row has {width} entries"
            builder.problem("an entry writes a symbol that no row reads", at, expected=expected, found=entry[0])
        elif entry != NO_ENTRY:
            builder.rule(Rule(state, (str(symbol),), entry[2], (entry[0],), (entry[1],)), at)


def write(machine: Machine) -> str:
    """The machine as one word. Raises MachineError with everything that this notation cannot say.

    >>> write(read("1RB---_1LA1RZ"))
    '1RB---_1LA1RZ'
    """
    problems = list(_unsupported(machine))
    if problems:
        raise MachineError(*problems)
    rows = []
    for state in LETTERS[: _row_count(machine)]:
        matches = [machine.rules_for(state, (symbol,)) for symbol in DIGITS[: len(machine.symbols)]]
        entries = (f"{r[0].write[0]}{r[0].moves[0]}{r[0].next_state}" if r else NO_ENTRY for r in matches)
        rows.append("".join(entries))
    return "_".join(rows)


def _row_count(machine: Machine) -> int:
    """As many rows as it takes to hold every rule and every state that no rule leads to."""
    reached = {rule.next_state for rule in machine.rules}
    rowed = {rule.state for rule in machine.rules} | (set(machine.states) - reached) | {machine.start}
    return max(LETTERS.index(state) for state in rowed) + 1


def _unsupported(machine: Machine) -> Iterator[Problem]:
    """A problem for each thing about the machine that is not of the form that this notation has."""
    letters = [state for state in machine.states if len(state) == 1 and state in LETTERS]
    odd = [state for state in machine.states if state not in letters]
    rows = 0 if odd else _row_count(machine)
    missing = [letter for letter in LETTERS[:rows] if letter not in letters]
    digits = list(DIGITS[: len(machine.symbols)])
    final = machine.accept + machine.reject
    checks = [
        (machine.tapes == 1, "several tapes", "one tape", str(machine.tapes)),
        (machine.blank == "0", "the blank", "0", quoted(machine.blank)),
        (sorted(machine.symbols) == digits, "the symbols", "the digits from 0 on, at most ten", _list(machine.symbols)),
        (not odd, "the states' names", "single letters from A to Z", _list(odd)),
        (not missing, "a gap between the states", "A, B, C and so on", f"no state {_list(missing)}"),
        (machine.start == "A", "the start state", "A", quoted(machine.start)),
        (not final, "accepting or rejecting", "no accept or reject states", _list(final)),
        (not machine.others, "rules for symbols not named", "none", "some"),
        (not machine.decides, "rejecting", "no `reject: *`", "halting is rejecting"),
    ]
    for rule in machine.rules:
        checks += [
            (rule.weight is None, "a weight", "no weights", str(rule)),
            ("S" not in rule.moves, "a head that stays", "L or R", str(rule)),
        ]
    for sayable, message, expected, found in checks:
        if not sayable:
            yield Problem(f"busy-beaver notation cannot say it: {message}", expected, found, _MEND)


def _list(names: Iterable[str]) -> str:
    return " ".join(map(quoted, names))


NOTATION = Notation("busy-beaver", (), share, "1RB1LB_1LA1RZ", read, write, longest=40_000)

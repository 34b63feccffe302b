"""The lines of a text in Morphett's notation, each taken apart and checked as his simulator does."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import NamedTuple

from tm.notation.common.builder import Builder
from tm.notation.common.spelling import is_one_unit

__all__ = ["DIRECTIONS", "Line", "fields", "lines"]

DIRECTIONS = {
    "l": "L",
    "r": "R",
    "*": "S",
    "g": "L",  # gauche and droite: the French dialect
    "d": "R",
    "left": "L",  # from here on that of lambda.jimpryor.net
    "right": "R",
    "stay": "S",
    "s": "S",
    "<": "L",
    ">": "R",
    "=": "S",
}
"""What each direction means, in lower case; l, r and * are the simulator's own."""

_BLANKS = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_FIELD = re.compile(f"[^{_BLANKS}]+")  # what JavaScript's \s leaves together
_PARTS = ("current symbol", "new symbol", "direction", "new state")


class Line(NamedTuple):
    """A rule as it is written; `direction` in lower case, the columns of its five fields from 1."""

    number: int
    column: int
    state: str
    symbol: str
    new_symbol: str
    direction: str
    new_state: str

    @property
    def move(self) -> str:
        """The move as a machine has it: L, R or S."""
        return DIRECTIONS[self.direction]


def fields(row: str) -> list[tuple[str, int]]:
    """The words of a line before its comment, each with its column.

    >>> fields("0 1  0 r 0 ; flip")
    [('0', 1), ('1', 3), ('0', 6), ('r', 8), ('0', 10)]
    """
    return [(match[0], match.start() + 1) for match in _FIELD.finditer(row.partition(";")[0])]


def lines(builder: Builder) -> Iterator[Line]:
    """The lines of a text that hold a rule; a problem for each that is none.

    >>> [line.new_state for line in lines(Builder("; nothing\\n0 1 0 r go !"))]
    ['go']
    """
    for number, row in enumerate(builder.lines, 1):
        words = fields(row)
        if words and _is_rule(builder, number, words):
            state, symbol, new_symbol, direction, new_state = (word for word, _ in words[:5])
            yield Line(number, words[0][1], state, symbol, new_symbol, direction.lower(), new_state)


def _is_rule(builder: Builder, number: int, words: list[tuple[str, int]]) -> bool:
    """Whether the words of a line make a rule; notes everything that is wrong otherwise."""
    before = len(builder.problems)
    form = "state symbol new-symbol direction new-state"
    if len(words) < 5:
        last, column = words[-1]
        missing = _PARTS[len(words) - 1]
        builder.problem(f"the {missing} is missing", (number, column + len(last)), expected=form)
    elif len(words) > 6 or (len(words) == 6 and words[5][0] != "!"):
        hint = "a comment begins with a semicolon"
        builder.problem("too many fields", (number, words[5][1]), expected=form, found=words[5][0], hint=hint)
    for what, (word, column) in zip(("current symbol", "new symbol"), words[1:3], strict=False):
        if not is_one_unit(word):
            builder.problem(f"the {what} is one character", (number, column), expected="one, _ or *", found=word)
    for word, column in words[3:4]:
        if word.lower() not in DIRECTIONS:
            near = difflib.get_close_matches(word.lower(), DIRECTIONS, 1)
            hint = f"did you mean {near[0]}?" if near else ""
            builder.problem("no such direction", (number, column), expected="l, r or *", found=word, hint=hint)
    return len(builder.problems) == before

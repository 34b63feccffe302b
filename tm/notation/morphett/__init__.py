"""The notation of Anthony Morphett's simulator: a rule a line, `state symbol new-symbol direction new-state`.

    ; binary increment; a comment begins with a semicolon
    0 * * r 0
    0 _ _ l carry
    carry 1 0 l carry
    carry * 1 * halt-accept

`_` is the blank. `*` stands for every symbol or state on the left and for the same one on the right; as a direction it
stays. The rule that names more applies: (state, symbol), then (state, *), (*, symbol), (*, *); of two rules for the
same, the last. A state that begins with `halt` halts; it accepts or rejects where its name says so. The run starts in
state 0; where there is none, here in the first rule's state. A `!` at the end is a breakpoint. In the simulator's
non-deterministic variant (`morphett-nondeterministic`) two rules for the same are choices.

Two more dialects are read: the French one (directions `g` and `d`; states that begin with `stop` halt, too), told by
its directions, and that of lambda.jimpryor.net (`left`, `right`, `stay`, `<`, `>`, `=`; the states accept and reject).
"""

from __future__ import annotations

import re
from functools import partial

from tm.notation.morphett.reader import DIRECTIONS, fields, read, read_one_way
from tm.notation.morphett.writer import VARIANT, write
from tm.registry import Notation

__all__ = ["CHOICES", "NOTATION", "ONE_WAY", "read", "read_one_way", "write"]


def share(text: str) -> float:
    """The share of lines that are rules; those with five fields, of which one cannot be right, for half.

    >>> share("0 1 0 r 0 ; flip"), share("0 1 0 r 0\\n0 10 0 r 0"), share("a 0 -> b 1 R")
    (1.0, 0.75, 0.0)
    """
    rows = [[word for word, _ in fields(row)] for row in text.split("\n") if row.strip()]
    fits = [_fit(row) for row in rows if row]
    return sum(fits) / len(fits) if fits else 0.0


def _fit(row: list[str]) -> float:
    """How far the words of a line make a rule, 0 to 1."""
    if len(row) not in (5, 6) or "->" in row[1:4]:
        return 0.0
    right = (len(row[1]) == 1) + (len(row[2]) == 1) + (row[3].lower() in DIRECTIONS)
    right += len(row) == 5 or row[5].startswith("!")
    return 1.0 if right == 4 else 0.5 if right == 3 else 0.0


_VARIANT = re.compile(rf"(?m)^[^\S\n]*;(?! tapehead:).*{VARIANT}")
_FORM = "state symbol new-symbol direction new-state"
LONGEST = 2_000_000
"""Characters: a hundred thousand rules, all told apart."""

NOTATION = Notation(
    "morphett", (), lambda text: 0.0 if _VARIANT.search(text) else share(text), _FORM, read, write, LONGEST
)
ONE_WAY = Notation("morphett-one-way", (), lambda text: 0.0, "", read_one_way, None, LONGEST)
CHOICES = Notation(
    "morphett-nondeterministic",
    (),
    lambda text: share(text) if _VARIANT.search(text) else 0.0,
    "",
    partial(read, choices=True),
    partial(write, choices=True),
    LONGEST,
)

"""The YAML of turingmachine.io: a table of states, in each the symbols read with what to do.

    blank: ' '
    start state: right
    table:
      right:
        [1, 0]: R
        ' ': {L: carry}
      carry:
        1: {write: 0, L}
        [0, ' ']: {write: 1, L: done}
      done:

Read as its own parser reads it: every scalar becomes a string (`0011` without quotes is 9); of two keys that hold the
same symbol the last applies, numbers counting as first, which is a warning here. The exported document, with this text
under `source code`, is read, too. The tool has no accepting; by its convention a halting state named accept accepts.
"""

from __future__ import annotations

import re

from tm.notation.turingmachine_io.reader import read
from tm.notation.turingmachine_io.writer import write
from tm.registry import Notation

__all__ = ["NOTATION", "read", "write"]

_PASSED_OVER = re.compile(r"\s*(#.*)?|---.*|\.\.\.\s*|%.*")
_KEYS = "table|start state|source code|blank|synonyms|input|name|positions|editor contents"
_KEY = re.compile(rf"""["']?({_KEYS})["']?\s*:(\s.*|$)""")
_TELLING = {"table", "start state", "source code"}
_NESTED = re.compile(r"\s*([{|>~#].*)?")
"""What stands after a key whose value is a mapping or a block of text."""
_FLOW = re.compile(r"""[{,]\s*["']?(table|start state|blank)["']?\s*:""")


def share(text: str) -> float:
    """The share of lines that are keys of the top level or belong to one, of which one has to be of this notation only.

    A key that the tool does not know counts for half, with what belongs to it.

    >>> share("blank: 0\\ntable:\\n  a:"), share("table: of contents"), share("start: a")
    (1.0, 0.0, 0.0)
    """
    if text.lstrip("- \n\t").startswith("{"):
        return min(1.0, len(set(_FLOW.findall(text))) / 2)
    lines = [line for line in text.split("\n") if not _PASSED_OVER.fullmatch(line)]
    indent = min((len(line) - len(line.lstrip(" ")) for line in lines), default=0)
    telling, last, sum_of_fits = False, 0.0, 0.0
    for line in (line[indent:] for line in lines):
        if line[0] not in " \t{}[],":
            last, tells = _fit(line)
            telling |= tells
        sum_of_fits += last
    return sum_of_fits / len(lines) if telling else 0.0


def _fit(line: str) -> tuple[float, bool]:
    """How far a line of the top level is a key with its value, 0 to 1, and whether it is of this notation only."""
    match = _KEY.fullmatch(line)
    if match is None:
        return (0.5 if re.fullmatch(r"[^:]{1,40}:(\s.*|$)", line) else 0.0), False
    if match[1] in ("table", "source code", "synonyms", "positions") and not _NESTED.fullmatch(match[2]):
        return 0.0, False
    return 1.0, match[1] in _TELLING


NOTATION = Notation(
    "turingmachine.io", (".yaml", ".yml"), share, "blank:, start state: and table:", read, write, longest=300_000
)

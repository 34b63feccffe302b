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

from tm.notation.registry import Notation
from tm.notation.turingmachine_io.reader import read
from tm.notation.turingmachine_io.writer import write

__all__ = ["NOTATION", "read", "write"]

_TELLING = re.compile(r"""(?m)^(?:[^\S\n]|\{)*["']?(table|start state|source code)["']?\s*:(\s|$)""")


def tells(text: str) -> bool:
    """Whether a line begins with one of the keys `table`, `start state` and `source code`.

    >>> tells("table:\\n  a:"), tells("start: a")
    (True, False)
    """
    return bool(_TELLING.search(text))


# a table of a thousand rules takes a tenth of it, and longer texts take seconds to scan
NOTATION = Notation("turingmachine.io", (".yaml", ".yml"), tells, read, write, longest=400_000)

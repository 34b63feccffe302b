"""Files with a busy beaver on every line, as bbchallenge.org and others give them out."""

from __future__ import annotations

from itertools import islice

from tm.notation.busy_beaver.forms import form

__all__ = ["machine_lines"]

LOOKED_AT = 100  # lines by which a list is told


def machine_lines(text: str) -> list[str]:
    """The lines of a text that is a list of busy beavers, but for empty ones and remarks (#); none of any other text.

    It is a list if there are several lines, and one of the first is a machine as one word. A line that is none is kept:
    it is for whoever reads the machines to say what is wrong with it.

    >>> machine_lines("# champions\\n1RB1LB_1LA1RZ\\n1RB1RZ_1LB0RC_1LC1LA\\n")
    ['1RB1LB_1LA1RZ', '1RB1RZ_1LB0RC_1LC1LA']
    >>> machine_lines("1RB1LB_1LA1RZ"), machine_lines("1RB 1LB\\n1LA 1RZ"), machine_lines("a 0 -> b 1 R\\nb 0 -> a 1 L")
    ([], [], [])
    """
    lines = [line for line in map(str.strip, text.split("\n")) if line and line[0] != "#"]
    first = list(islice(lines, LOOKED_AT))
    whole = any("_" in line and form(line).share == 1 and len(form(line).rows) > 1 for line in first)
    return lines if len(lines) > 1 and whole else []

"""What is said of a machine's inputs beside its rules: how they are typed, and the one that its file brings along."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tm.text import is_name, json_shown

__all__ = ["UNKNOWN", "Inputs", "Sample"]

UNKNOWN = ("refuse", "reject")
"""What may become of an input with a symbol that the machine does not name."""


@dataclass(frozen=True)
class Sample:
    """An input that a machine's file brings along: the symbols on each tape, and the start cell of each head.

    >>> sample = Sample((("1", "0"),), (0,)).renamed({"1": "one"})
    >>> print(sample.json())
    {"tapes": [["one", "0"]], "heads": ["0"]}
    >>> Sample.from_json(sample.json()) == sample, Sample.from_json('{"tapes": "one"}')
    (True, None)
    """

    tapes: tuple[tuple[str, ...], ...]
    heads: tuple[int, ...]

    def renamed(self, symbols: Mapping[str, str]) -> Sample:
        """The same with other names for some symbols."""
        return replace(self, tapes=tuple(tuple(symbols.get(name, name) for name in tape) for tape in self.tapes))

    def json(self) -> str:
        """As JSON, for a comment."""
        heads = [str(head) for head in self.heads]  # a comment may have to spell a minus out, which a number cannot
        return json_shown({"tapes": self.tapes, "heads": heads}, ascii=True)

    @classmethod
    def from_json(cls, text: str) -> Sample | None:
        """What `json` gave, again; None for any other text."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return None
        return cls.from_value(value)

    @classmethod
    def from_value(cls, value: object) -> Sample | None:
        """The same from the value that such a text holds."""
        if not isinstance(value, dict) or set(value) != {"tapes", "heads"}:
            return None
        tapes, heads = value["tapes"], value["heads"]
        if not isinstance(tapes, list) or not isinstance(heads, list) or not all(isinstance(t, list) for t in tapes):
            return None
        if not all(is_name(s) for t in tapes for s in t) or not all(map(_is_cell, heads)):
            return None
        return cls(tuple(map(tuple, tapes)), tuple(map(int, heads)))


def _is_cell(head: object) -> bool:
    return isinstance(head, str) and re.fullmatch(r"-?[0-9]{1,18}", head, re.ASCII) is not None


@dataclass(frozen=True)
class Inputs:
    """How a machine's inputs are taken; no part of what the machine does, so machines are equal whatever stands here.

    Attributes:
        unknown: what becomes of a string with a character that the machine does not name. "refuse": it is an error,
            for it is nearly always a slip; "reject": it is a symbol without rules, on which the machine halts.
        blank: a character that, typed, means the blank; empty where none does.
        mark: a character that, typed, marks the start cell of the head and is taken out; empty where none does.
        sample: the file's own input, if it has one.

    A character that the machine has as a symbol always means that symbol.
    """

    unknown: str = "refuse"
    blank: str = ""
    mark: str = ""
    sample: Sample | None = None

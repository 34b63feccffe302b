"""One line of the library's own notation as fields: words joined by commas, bare or quoted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from tm.notation.common.builder import Builder

__all__ = ["Word", "fields", "positive"]

_JSON = json.JSONDecoder()


class Word(NamedTuple):
    """A state, symbol, move or number as it stands in a line: what it says, whether in quotes, its column from 1."""

    text: str
    quoted: bool
    column: int

    def is_bare(self, text: str) -> bool:
        """Whether the word says just this, without quotes."""
        return self.text == text and not self.quoted


def fields(builder: Builder, line: int, column: int = 1) -> list[list[Word]] | None:
    """The fields of a line of the text from a column on, each a list of words joined by commas.

    A `#` outside quotes ends the line. None where the line cannot be scanned; the builder then holds the problem.

    >>> [[word.text for word in field] for field in fields(Builder('q 0,"a b" # and so on'), 1)]
    [['q'], ['0', 'a b']]
    """
    found: list[list[Word]] = []
    joined: int | None = None  # the column of a comma that waits for its next word
    for word in _words(builder.lines[line - 1], column):
        if isinstance(word, _Fault):
            builder.problem(word.message, (line, word.column), found=word.found, hint=word.hint)
            return None
        if word.is_bare(","):
            if joined is not None or not found or found[-1][-1].is_bare("->"):
                _stray(builder, line, word.column)
                return None
            joined = word.column
        elif joined is not None:
            if word.is_bare("->"):
                break
            found[-1].append(word)
            joined = None
        else:
            found.append([word])
    if joined is not None:
        _stray(builder, line, joined)
        return None
    return found


def _stray(builder: Builder, line: int, column: int) -> None:
    hint = 'a comma joins two names; one that is itself a name stands in quotes: ","'
    builder.problem("a comma without a name on each side", (line, column), hint=hint)


class _Fault(NamedTuple):
    message: str
    column: int
    found: str
    hint: str


def _words(line: str, column: int) -> Iterator[Word | _Fault]:
    """The words of a line, a comma being a word of its own; ends at a comment, or after a fault."""
    at = column - 1
    while at < len(line) and line[at] != "#":
        begin = at
        if line[at].isspace():
            at += 1
        elif line[at] == ",":
            at += 1
            yield Word(",", False, begin + 1)
        elif line[at] == '"':
            try:
                text, at = _JSON.raw_decode(line, begin)
            except json.JSONDecodeError as error:
                hint = 'close the quotes; a quotation mark itself is written "\\""'
                yield _Fault(f"no JSON string: {error.msg}", begin + 1, line[begin:].strip(), hint)
                return
            if at < len(line) and not line[at].isspace() and line[at] not in ",#":
                hint = "put a space or a comma after the closing quotes"
                yield _Fault("a name that goes on after its quotes", at + 1, line[begin : at + 1], hint)
                return
            yield Word(text, True, begin + 1)
        else:
            while at < len(line) and not line[at].isspace() and line[at] not in ",#":
                at += 1
            yield Word(line[begin:at], False, begin + 1)


def positive(word: Word) -> int | None:
    """The positive integer that a bare word says, of at most 18 digits; None for any other word.

    >>> positive(Word("12", False, 1)), positive(Word("0", False, 1)), positive(Word("12", True, 1))
    (12, None, None)
    """
    said = not word.quoted and re.fullmatch(r"0*[1-9][0-9]{0,17}", word.text)
    return int(word.text) if said else None

"""One line of the library's own notation: its words, and the header or the rule that it holds."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tm.inputs import UNKNOWN
from tm.notation.common.builder import Builder, Place
from tm.rule import MOVES
from tm.text import quoted

__all__ = ["FORM", "HEADERS", "Headers", "Key", "Pattern", "RuleLine", "Word", "fields", "positive"]

_JSON = json.JSONDecoder()
HEADERS = ("machine", "blank", "start", "accept", "reject", "tapes", "states", "symbols", "unknown", "nondeterministic")
_ONE_VALUE = ("machine", "blank", "start", "tapes", "unknown", "nondeterministic")
_LINE = re.compile(r"\s*([A-Za-z]+(?: +[A-Za-z]+)*)\s*:")
FORM = "state symbol -> state symbol move"
_MEANT = {"l": "L", "<": "L", "left": "L", "r": "R", ">": "R", "right": "R"} | dict.fromkeys("sSnN-*", "S")

# ---------------------------------------------------------------------------------------------------------------- words


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
    result: list[list[Word]] = []
    joined: int | None = None  # the column of a comma that waits for its next word
    for word in _words(builder.lines[line - 1], column):
        if isinstance(word, _Fault):
            builder.problem(word.message, (line, word.column), found=word.found, hint=word.hint)
            return None
        if word.is_bare(","):
            if joined is not None or not result or result[-1][-1].is_bare("->"):
                _stray(builder, line, word.column)
                return None
            joined = word.column
        elif joined is not None:
            if word.is_bare("->"):
                break
            result[-1].append(word)
            joined = None
        else:
            result.append([word])
    if joined is not None:
        _stray(builder, line, joined)
        return None
    return result


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
    digits = not word.quoted and re.fullmatch(r"0*[1-9][0-9]{0,17}", word.text)
    return int(word.text) if digits else None


# -------------------------------------------------------------------------------------------------------------- headers


class Headers:
    """Reads header lines of a builder; what is wrong with one becomes a problem of the builder.

    >>> headers = Headers(Builder("tapes: 2\\naccept: yes sure"))
    >>> headers.key(1), headers.read(1), headers.read(2), headers.tapes, headers.names("accept")
    ('tapes', None, None, 2, ['yes', 'sure'])
    """

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.places: dict[str, Place] = {}
        self.tapes: int | None = 1  # None where the text says it in a way that cannot be read
        self.decides = False  # `reject: *`: every halting state that is not an accept state rejects
        self._names: dict[str, list[str]] = {}

    def names(self, key: str) -> list[str]:
        """The names that a header gives; none where it is missing."""
        return self._names.get(key, [])

    def key(self, line: int) -> str:
        """The key of a line that has the form of a header, known or not; empty for any other line."""
        match = _LINE.match(self.builder.lines[line - 1])
        return match[1] if match else ""

    def read(self, line: int, rules_begin: int | None = None) -> None:
        """Read a header line; `rules_begin` is the line of the first rule, which headers have to precede."""
        text, key = self.builder.lines[line - 1], self.key(line)
        place = (line, text.index(key) + 1)
        if key not in HEADERS:
            near = difflib.get_close_matches(key, HEADERS, 1)
            hint = f"did you mean `{near[0]}:`?" if near else ""
            self.builder.problem("no such header", place, expected=", ".join(HEADERS), found=key, hint=hint)
        elif rules_begin is not None:
            hint = f"move it above line {rules_begin}, where the rules begin"
            self.builder.problem("a header after a rule", place, found=f"{key}:", hint=hint)
        elif key in self.places:
            found = f"the first on line {self.places[key][0]}"
            self.builder.problem(f"`{key}:` is said twice", place, found=found, hint="keep one")
        else:
            self.places[key] = place
            self.builder.place(key, place)
            self._read_value(key, place, text.index(":") + 1)

    def _read_value(self, key: str, place: Place, end: int) -> None:
        line = place[0]
        text = self.builder.lines[line - 1][end:].strip()
        if key == "machine" and not text.startswith('"'):
            self._names[key] = [text.split("#")[0].strip()]
            return
        scanned = fields(self.builder, line, end + 1)
        if scanned is None:
            self.tapes = None if key == "tapes" else self.tapes
            return
        words = [word for field in scanned for word in field]
        if key == "reject" and any(word.is_bare("*") for word in words):
            self.decides = True
            words = [word for word in words if not word.is_bare("*")]
        if key in _ONE_VALUE and len(words) != 1:
            found = " ".join(quoted(word.text) for word in words) or "none"
            hint = "a name with spaces stands in quotes" if words else 'a space as a name is written " "'
            self.builder.problem(f"`{key}:` takes one value", place, expected="one", found=found, hint=hint)
            self.tapes = None if key == "tapes" else self.tapes
        elif key == "tapes":
            self._read_tapes(line, words[0])
        elif key == "nondeterministic" and words[0].text not in ("yes", "no"):
            message = "whether the machine is nondeterministic"
            self.builder.problem(message, (line, words[0].column), expected="yes or no", found=words[0].text)
        elif key == "unknown" and words[0].text not in UNKNOWN:
            message = "what becomes of symbols that the machine does not name"
            self.builder.problem(message, (line, words[0].column), expected=" or ".join(UNKNOWN), found=words[0].text)
        else:
            names = [word.text for word in words if self._is_name(key, line, word)]
            if len(names) == len(words):
                self._names[key] = names

    def _read_tapes(self, line: int, word: Word) -> None:
        self.tapes = positive(word)
        if self.tapes is None:
            message = "the number of tapes is a positive integer"
            self.builder.problem(message, (line, word.column), expected="as in tapes: 2", found=word.text)

    def _is_name(self, key: str, line: int, word: Word) -> bool:
        if word.is_bare("*"):
            hint = 'the name * is written "*"'
            self.builder.problem(
                "a bare * stands for all names", (line, word.column), expected="a name", found="*", hint=hint
            )
            return False
        if not word.text and key != "machine":
            self.builder.problem("an empty name", (line, word.column), expected="a name", found='""')
            return False
        return True


# ---------------------------------------------------------------------------------------------------------------- rules


Key = tuple[str | None, ...]


@dataclass(frozen=True)
class Pattern:
    """A rule whose state and symbols read may be None, a wildcard, and the place where it stands."""

    state: str | None
    read: tuple[str | None, ...]
    next_state: str
    write: tuple[str, ...]
    moves: tuple[str, ...]
    weight: int | None
    place: Place

    @property
    def key(self) -> Key:
        """What the pattern is matched by: its state, then the symbols read."""
        return self.state, *self.read


Fields = list[list[Word]]


class RuleLine:
    """One line with an arrow, its fields scanned; `pattern()` reads them, what is wrong becomes a problem.

    `tapes` is None where it is not known; then symbols and moves are not counted.

    >>> from tm.notation.tapehead.line import fields
    >>> builder = Builder("a * -> b 1 R")
    >>> RuleLine(builder, 1, fields(builder, 1), tapes=1).pattern().key
    ('a', None)
    """

    def __init__(self, builder: Builder, line: int, scanned: Fields, tapes: int | None) -> None:
        self.builder, self.line, self.tapes = builder, line, tapes
        self.place = (line, scanned[0][0].column)
        arrow = next(index for index, field in enumerate(scanned) if field[0].is_bare("->"))
        self.left, self.right = scanned[:arrow], scanned[arrow + 1 :]

    def pattern(self) -> Pattern | None:
        """The rule as a pattern; None where something is wrong with it."""
        before = len(self.builder.problems)
        weighted = len(self.right) == 5 and self.right[3][0].is_bare("x")
        if len(self.left) != 2 or (len(self.right) != 3 and not weighted):
            self._misshapen()
            return None
        states, read = self._read_names("state", self.left[0]), self._read_names("symbol", self.left[1])
        targets, write = self._names("state", self.right[0]), self._names("symbol", self.right[1])
        for word, seen in zip(self.right[1], self.left[1], strict=False):
            if not word.text and seen.text:
                self._problem("an empty name", word, "a symbol", '""', 'only where "" is read is it written')
        moves = self._moves(self.right[2])
        weight = self._weight(self.right[4]) if weighted else None
        if len(self.builder.problems) > before:
            return None
        return Pattern(states[0], tuple(read), targets[0], tuple(write), tuple(moves), weight, self.place)

    def _problem(self, message: str, word: Word, expected: str, found: str, hint: str = "") -> None:
        self.builder.problem(message, (self.line, word.column), expected=expected, found=found, hint=hint)

    def _misshapen(self) -> None:
        found = f"{len(self.left)} before the arrow and {len(self.right)} after it"
        hint = "a space parts state, symbol and move; a weight is said as x 3, with a space"
        if self.tapes != 1:
            hint += "; symbols and moves of several tapes are joined by commas"
        message = "a rule has 2 fields before the arrow and 3 after it"
        self.builder.problem(
            message, self.place, expected=f"{FORM}, perhaps with a weight: x 3", found=found, hint=hint
        )

    def _counted(self, what: str, words: list[Word]) -> list[Word]:
        """The words, as they are; a problem where they are not one for each tape (for a state: one)."""
        count = 1 if what == "state" else self.tapes
        if count is not None and len(words) != count:
            expected = "1" if count == 1 else f"{count}, one for each tape, joined by commas"
            found = f"{len(words)} ({','.join(quoted(word.text) for word in words)})"
            hint = f"say `tapes: {len(words)}` above the rules" if what != "state" and count == 1 else ""
            if what == "state":
                hint = f'a name with a comma in it stands in quotes: "{",".join(word.text for word in words)}"'
            self._problem(f"wrong number of {what}s", words[0], expected, found, hint)
        return words

    def _read_names(self, what: str, words: list[Word]) -> list[str | None]:
        """The names left of the arrow, None standing for `*`."""
        stars = [word.is_bare("*") for word in words]
        names = self._names(what, words, may_star=True)
        return [None if star else name for name, star in zip(names, stars, strict=True)]

    def _names(self, what: str, words: list[Word], may_star: bool = False) -> list[str]:
        for word in self._counted(what, words):
            if word.is_bare("*") and not may_star:
                hint = f'the {what} * is written "*"; to keep whatever was read, give one rule for each {what}'
                self._problem("a bare * right of the arrow", word, f"a {what}", "*", hint)
            elif word.is_bare("->"):
                self._problem("a second arrow", word, f"a {what}", "->", f'the {what} -> is written "->"')
            elif not word.text and what == "state":
                self._problem("an empty name", word, f"a {what}", '""')
        return [word.text for word in words]

    def _moves(self, words: list[Word]) -> list[str]:
        for word in self._counted("move", words):
            if word.quoted or word.text not in MOVES:
                meaning = _MEANT.get(word.text.lower())
                self._problem("no such move", word, "L, S or R", word.text, f"write {meaning}" if meaning else "")
        return [word.text for word in words]

    def _weight(self, words: list[Word]) -> int | None:
        weight = positive(words[0]) if len(words) == 1 else None
        if weight is None:
            found = ",".join(word.text for word in words)
            self._problem("a weight is a positive integer", words[0], "as in x 3", found)
        return weight

"""The headers of a text in the library's own notation: what each says, and where."""

from __future__ import annotations

import difflib
import re

from tm.inputs import UNKNOWN
from tm.name import quoted
from tm.notation.common.builder import Builder, Place
from tm.notation.tapehead.scanner import Word, fields, positive

__all__ = ["HEADERS", "Headers"]

HEADERS = ("machine", "blank", "start", "accept", "reject", "tapes", "states", "symbols", "unknown", "nondeterministic")
_ONE_VALUE = ("machine", "blank", "start", "tapes", "unknown", "nondeterministic")
_LINE = re.compile(r"\s*([A-Za-z]+(?: +[A-Za-z]+)*)\s*:")


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
            named = [word.text for word in words if self._is_name(key, line, word)]
            if len(named) == len(words):
                self._names[key] = named

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

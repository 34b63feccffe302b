"""A line of the library's own notation that holds a rule: `state symbol -> state symbol move`, perhaps `x weight`."""

from __future__ import annotations

from tm.name import quoted
from tm.notation.common.builder import Builder
from tm.notation.tapehead.pattern import Pattern
from tm.notation.tapehead.scanner import Word, positive
from tm.rule import MOVES

__all__ = ["FORM", "RuleLine"]

FORM = "state symbol -> state symbol move"
_MEANT = {"l": "L", "<": "L", "left": "L", "r": "R", ">": "R", "right": "R"} | dict.fromkeys("sSnN-*", "S")

Fields = list[list[Word]]


class RuleLine:
    """One line with an arrow, its fields scanned; `pattern()` reads them, what is wrong becomes a problem.

    `tapes` is None where it is not known; then symbols and moves are not counted.

    >>> from tm.notation.tapehead.scanner import fields
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
        wanted = 1 if what == "state" else self.tapes
        if wanted is not None and len(words) != wanted:
            expected = "1" if wanted == 1 else f"{wanted}, one for each tape, joined by commas"
            found = f"{len(words)} ({','.join(quoted(word.text) for word in words)})"
            hint = f"say `tapes: {len(words)}` above the rules" if what != "state" and wanted == 1 else ""
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
                meant = _MEANT.get(word.text.lower())
                self._problem("no such move", word, "L, S or R", word.text, f"write {meant}" if meant else "")
        return [word.text for word in words]

    def _weight(self, words: list[Word]) -> int | None:
        weight = positive(words[0]) if len(words) == 1 else None
        if weight is None:
            found = ",".join(word.text for word in words)
            self._problem("a weight is a positive integer", words[0], "as in x 3", found)
        return weight

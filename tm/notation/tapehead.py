"""The library's own notation: headers, then one rule a line.

    # binary increment
    machine: increment
    blank: _                    # default _
    start: right                # default: the state of the first rule
    accept: done                # optional; `reject:` likewise
    right 0 -> right 0 R        # state symbol -> state symbol move
    right 1 -> right 1 R
    right _ -> carry _ L
    carry 1 -> carry 0 L
    carry * -> done 1 S         # every symbol that no other rule of `carry` names

Further headers: `tapes: 2` (symbols and moves are then joined by commas: `q 0,_ -> q 0,1 R,S`), and `states:` and
`symbols:` for names that no rule mentions. A weight stands last (`x 3`). A name is any run of characters without white
space, `,` or `#`, or a JSON string, which may hold any character; `"*"` is the symbol *, `"->"` the state ->.
"""

from __future__ import annotations

import difflib
import re

from tm.machine import MOVES, Machine
from tm.name import quoted
from tm.notation.draft import Draft
from tm.notation.pattern import Pattern, expanded
from tm.notation.registry import Notation
from tm.notation.scanner import Word, fields

__all__ = ["NOTATION", "read", "write"]

HEADERS = ("machine", "blank", "start", "accept", "reject", "tapes", "states", "symbols")
_HEADER = re.compile(r"\s*([A-Za-z][\w ]*?)\s*:")
_TELLING = re.compile(rf"(?m)^[^#\n]*\s->(\s|$)|^\s*({'|'.join(HEADERS)})\s*:")
_RULE = "state symbol -> state symbol move"
_MEANT = {"l": "L", "<": "L", "left": "L", "r": "R", ">": "R", "right": "R"} | dict.fromkeys("sSnN-*", "S")


def tells(text: str) -> bool:
    """Whether some line has an arrow or begins with one of the headers.

    >>> tells("a 0 -> b 1 R"), tells("start: a"), tells("1RB1LB_1LA1RZ")
    (True, True, False)
    """
    return bool(_TELLING.search(text))


def read(text: str, source: str | None = None) -> Machine:
    """The machine that a text describes. Raises MachineError with every reason and its place.

    >>> read("right 0 -> right 1 R").rules
    (Rule(state='right', read=('0',), next_state='right', write=('1',), moves=('R',), weight=None),)
    """
    return _Reader(Draft(text, source)).machine()


def write(machine: Machine) -> str:
    """The machine in this notation, every name in quotes that needs them; any machine can be written.

    >>> print(write(Machine(name="stop", blank=" ", start="a", accept=["a"], symbols=["*"])), end="")
    machine: stop
    blank: " "
    start: a
    accept: a
    symbols: "*"
    """
    plain = machine.name.isprintable() and machine.name.strip() == machine.name and '"' not in machine.name[:1]
    name = machine.name if plain and "#" not in machine.name else quoted(machine.name)
    mentioned = {state for rule in machine.rules for state in (rule.state, rule.next_state)}
    mentioned |= {*machine.accept, *machine.reject}
    used = {symbol for rule in machine.rules for symbol in rule.read + rule.write} | {machine.blank}
    headers = {
        "machine": [name] if name else [],
        "blank": [quoted(machine.blank)],
        "start": [quoted(machine.start)],
        "accept": map(quoted, machine.accept),
        "reject": map(quoted, machine.reject),
        "tapes": [str(machine.tapes)] if machine.tapes > 1 else [],
        "states": [quoted(state) for state in machine.states if state not in mentioned],
        "symbols": [quoted(symbol) for symbol in machine.symbols if symbol not in used],
    }
    said = {key: " ".join(value) for key, value in headers.items()}
    lines = [f"{key}: {value}" for key, value in said.items() if value] + [str(rule) for rule in machine.rules]
    return "\n".join(lines) + "\n"


NOTATION = Notation("tapehead", (".tm",), tells, read, write)


class _Reader:
    """Reads the lines of a draft one after the other: what the headers say, and the rules as patterns."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.said: dict[str, list[str]] = {}
        self.lines: dict[str, int] = {}
        self.tapes = 1
        self.patterns: list[Pattern] = []
        self.rules_begin: int | None = None
        for line in range(1, len(draft.lines) + 1):
            self._line(line)

    def machine(self) -> Machine:
        """The machine of all lines; raises MachineError with every problem."""
        draft, said = self.draft, self.said
        if not self.lines and self.rules_begin is None and not draft.problems:
            draft.problem("the text holds no machine", (1, 1), expected=f"headers and rules: {_RULE}", found="nothing")
        start = said.get("start", [self.patterns[0].state or ""] if self.patterns else [])
        final = said.get("accept", []) + said.get("reject", [])
        if not said.get("start") and self.patterns and self.patterns[0].state is None:
            hint = "say `start: STATE`"
            draft.problem(
                "the first rule's state is *, so the start state is not known",
                self.patterns[0].place,
                hint=hint,
            )
        blank = said.get("blank", ["_"])
        states = start + final + said.get("states", [])
        for rule, place in expanded(self.patterns, states, blank + said.get("symbols", []), final):
            draft.rule(rule, place)
        self._check_start(final + said.get("states", []))
        return draft.machine(
            name="".join(said.get("machine", [])),
            tapes=self.tapes,
            blank="".join(blank),
            start="".join(start) or None,
            accept=said.get("accept", []),
            reject=said.get("reject", []),
            states=said.get("states", []),
            symbols=said.get("symbols", []),
        )

    def _check_start(self, declared: list[str]) -> None:
        """A start state that nothing else mentions is a slip of the pen, not a machine that halts at once."""
        known = [state for pattern in self.patterns for state in (pattern.state, pattern.next_state) if state]
        for start in self.said.get("start", []):
            if self.patterns and start not in known + declared:
                near = difflib.get_close_matches(start, known, 1)
                hint = f"did you mean {quoted(near[0])}? " if near else ""
                hint += f"If it has no rules on purpose, say `states: {quoted(start)}`"
                message = "no rule mentions the start state"
                self.draft.problem(message, (self.lines["start"], 1), found=quoted(start), hint=hint)

    def _line(self, line: int) -> None:
        text = self.draft.lines[line - 1]
        header = _HEADER.match(text)
        if header and header[1] == "machine":
            return self._header(line, "machine", header.end())
        words = fields(self.draft, line)
        if not words:
            return None
        if any(field[0].is_bare("->") for field in words):
            self.rules_begin = self.rules_begin or line
            return self._rule(line, words)
        if header:
            return self._header(line, header[1], header.end())
        column = words[0][0].column
        hint = "put -> between what the rule reads and what it does"
        return self.draft.problem("neither a header nor a rule", (line, column), expected=_RULE, hint=hint)

    # ---------------------------------------------------------------------------------------------------- headers

    def _header(self, line: int, key: str, end: int) -> None:
        begin = self.draft.lines[line - 1].index(key[0]) + 1
        if key not in HEADERS:
            near = difflib.get_close_matches(key, HEADERS, 1)
            hint = f"did you mean `{near[0]}:`?" if near else ""
            return self.draft.problem(
                "no such header", (line, begin), expected=", ".join(HEADERS), found=key, hint=hint
            )
        if self.rules_begin is not None:
            hint = f"move it above line {self.rules_begin}, where the rules begin"
            return self.draft.problem("a header after a rule", (line, begin), found=f"{key}:", hint=hint)
        if key in self.lines:
            found = f"the first on line {self.lines[key]}"
            return self.draft.problem(f"`{key}:` is said twice", (line, begin), found=found, hint="keep one")
        self.lines[key] = line
        self.draft.place(key, (line, begin))
        text = self.draft.lines[line - 1][end:].strip()
        if key == "machine" and not text.startswith('"'):
            self.said[key] = [text.split("#")[0].strip()]
            return None
        words = fields(self.draft, line, end + 1)
        if words is not None:
            self._header_words(key, (line, begin), [word for field in words for word in field])
        return None

    def _header_words(self, key: str, place: tuple[int, int], words: list[Word]) -> None:
        stars = [word for word in words if word.is_bare("*")]
        for word in stars:
            message = "a bare * stands for all names"
            self.draft.problem(message, (place[0], word.column), expected="a name", hint='the name * is written "*"')
        if key in ("machine", "blank", "start", "tapes") and len(words) != 1:
            found = " ".join(quoted(word.text) for word in words) or "none"
            hint = "a name with spaces stands in quotes" if words else 'a space as a name is written " "'
            self.draft.problem(f"`{key}:` takes one value", place, expected="one", found=found, hint=hint)
        elif key == "tapes":
            tapes = _positive(words[0])
            if tapes is None:
                expected = "a positive integer"
                self.draft.problem(
                    "no number of tapes", (place[0], words[0].column), expected=expected, found=words[0].text
                )
            self.tapes = tapes or 1
        elif not stars:
            self.said[key] = [word.text for word in words]

    # ------------------------------------------------------------------------------------------------------ rules

    def _rule(self, line: int, words: list[list[Word]]) -> None:
        arrow = next(i for i, field in enumerate(words) if field[0].is_bare("->"))
        left, right = words[:arrow], words[arrow + 1 :]
        before = len(self.draft.problems)
        place = (line, words[0][0].column)
        weighted = len(right) == 5 and right[3][0].is_bare("x")
        if len(left) != 2 or (len(right) != 3 and not weighted):
            found = f"{len(left)} before the arrow and {len(right)} after it"
            hint = "a space parts state, symbol and move; a weight is said as x 3, with a space"
            if self.tapes > 1:
                hint += "; symbols and moves of several tapes are joined by commas"
            expected = f"{_RULE}, perhaps with a weight: x 3"
            return self.draft.problem(
                "a rule has 2 fields before the arrow and 3 after it",
                place,
                expected=expected,
                found=found,
                hint=hint,
            )
        weight = self._weight(line, right[4]) if weighted else None
        state, read = self._names(line, "state", left[0], 1), self._names(line, "symbol", left[1], self.tapes)
        next_state = self._names(line, "state", right[0], 1, star=False)
        write = self._names(line, "symbol", right[1], self.tapes, star=False)
        moves = tuple(self._move(line, word) for word in self._counted(line, "move", right[2], self.tapes))
        if len(self.draft.problems) == before:
            target, written = "".join(filter(None, next_state)), tuple(filter(None, write))
            self.patterns.append(Pattern(state[0], tuple(read), target, written, moves, weight, place))
        return None

    def _weight(self, line: int, words: list[Word]) -> int | None:
        weight = _positive(words[0]) if len(words) == 1 else None
        if weight is None:
            found = ",".join(word.text for word in words)
            self.draft.problem(
                "a weight is a positive integer", (line, words[0].column), expected="as in x 3", found=found
            )
        return weight

    def _counted(self, line: int, what: str, words: list[Word], count: int) -> list[Word]:
        if len(words) != count:
            expected = "1" if count == 1 else f"{count}, one for each tape, joined by commas"
            found = f"{len(words)} ({','.join(quoted(word.text) for word in words)})"
            hint = f"with `tapes: {len(words)}` in the header" if what != "state" and self.tapes == 1 else ""
            self.draft.problem(
                f"wrong number of {what}s", (line, words[0].column), expected=expected, found=found, hint=hint
            )
        return words

    def _names(self, line: int, what: str, words: list[Word], count: int, star: bool = True) -> list[str | None]:
        """The names in a field, None standing for `*`; a problem where it must not stand."""
        for word in self._counted(line, what, words, count):
            if word.is_bare("*") and not star:
                hint = f'the {what} * is written "*"; to keep whatever was read, give one rule for each {what}'
                self.draft.problem(
                    "a bare * right of the arrow",
                    (line, word.column),
                    expected=f"a {what}",
                    found="*",
                    hint=hint,
                )
            elif not word.text:
                self.draft.problem("an empty name", (line, word.column), expected=f"a {what}", found='""')
        return [None if word.is_bare("*") else word.text for word in words]

    def _move(self, line: int, word: Word) -> str:
        if word.quoted or word.text not in MOVES:
            meant = _MEANT.get(word.text.lower())
            hint = f"write {meant}" if meant else ""
            self.draft.problem("no such move", (line, word.column), expected="L, S or R", found=word.text, hint=hint)
        return word.text


def _positive(word: Word) -> int | None:
    """The positive integer that a bare word says, of at most 18 digits; None for any other word."""
    said = not word.quoted and re.fullmatch(r"0*[1-9][0-9]{0,17}", word.text)
    return int(word.text) if said else None

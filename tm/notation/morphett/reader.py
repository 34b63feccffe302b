"""Reads Morphett's notation: its lines, which of them applies, and what the names of states say."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from tm.inputs import Inputs
from tm.machine import Machine
from tm.notation.common.annotation import apply_annotation
from tm.notation.common.builder import Builder
from tm.notation.common.spelling import is_one_unit
from tm.notation.morphett.one_way import one_way
from tm.rule import OTHER, Rule
from tm.start import typed
from tm.text import quoted

__all__ = ["DIRECTIONS", "fields", "halts", "read", "read_one_way"]

DIRECTIONS = {
    "l": "L",
    "r": "R",
    "*": "S",
    "g": "L",  # gauche and droite: the French dialect
    "d": "R",
    "left": "L",  # from here on that of lambda.jimpryor.net
    "right": "R",
    "stay": "S",
    "s": "S",
    "<": "L",
    ">": "R",
    "=": "S",
}
"""What each direction means, in lower case; l, r and * are the simulator's own."""
_BLANKS = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_FIELD = re.compile(f"[^{_BLANKS}]+")  # what JavaScript's \s leaves together
_PARTS = ("current symbol", "new symbol", "direction", "new state")
_SAMPLE = re.compile(r"(?m);.*\$INITIAL_TAPE:? *(.*?)\s*$")
"""What the simulator puts on the tape when it loads the program."""
_TYPED = Inputs(blank=" ", mark="*")
"""A space typed into the simulator's input is a blank, and a `*` marks the head's start cell."""
_MEND = "leave one of them out, or read both as choices: --notation morphett-nondeterministic"
_ACCEPTING = ("accept",)  # also of accepte, accepté
_REJECTING = ("reject", "rejet", "refus", "erreur", "error")


def read(text: str, source: str | None = None, *, choices: bool = False) -> Machine:
    """The machine of a text, on a tape without ends. Raises MachineError with every reason and its place.

    Of two rules for the same the last applies; with `choices` both may.

    >>> [str(rule) for rule in read("0 1 0 r 0\\n0 * * * halt").rules]
    ['0 _ -> halt _ S', '0 1 -> 0 0 R', '0 0 -> halt 0 S']
    """
    builder = Builder(text, source)
    program = list(lines(builder))
    if not program and not builder.problems:
        builder.problem("the text holds no rule", (1, 1), expected="state symbol new-symbol direction new-state")
    language = dialect(program)
    states = dict.fromkeys(name for line in program for name in (line.state, line.new_state) if name != "*")
    start = _start(program)
    for rule, line in rules(
        builder, program, [s for s in dict.fromkeys([start, *states]) if not halts(s, language)], choices=choices
    ):
        builder.rule(rule, (line.number, line.column))
    ruled = {rule.state for rule in builder.rules}
    targets = {line.new_state: (line.number, line.column) for line in program if line.new_state in states}
    builder.misspelled({s: at for s, at in targets.items() if s not in ruled and not halts(s, language)}, ruled)
    accept, reject = final_states(state for state in states if state not in ruled)
    symbols = dict.fromkeys(name for line in program for name in (line.symbol, line.new_symbol) if name != "*")
    machine = builder.machine(
        blank="_",
        start=start,
        accept=accept,
        reject=reject,
        states=states,
        symbols=symbols,
        inputs=_TYPED,
        nondeterministic=choices,
    )
    sample = _SAMPLE.search(text)
    return apply_annotation(machine.sampled(typed(machine, sample[1]) if sample else None), text, source)


def _start(program: list[Line]) -> str:
    """The state in which the tool starts, 0; where no rule is for it, the first rule's."""
    lines_of_a_state = [line for line in program if line.state != "*"]
    if any(line.state == "0" for line in program) or not lines_of_a_state:
        return "0"
    return lines_of_a_state[0].state


def read_one_way(text: str, source: str | None = None) -> Machine:
    """The machine of a text, on a tape that ends at the left of cell 0, as an equivalent one on a tape without ends.

    The simulator calls this variant semi-infinite: moving left from cell 0, the head stays. See `one_way` for how.

    >>> from tm import outcome
    >>> machine = read_one_way("0 1 0 l 1\\n1 0 x r halt")
    >>> outcome(machine, "1").tape, outcome(machine, "1").head
    (['⊢x'], 1)
    """
    return one_way(read(text, source))


# ---------------------------------------------------------------------------------------------------------------- lines


class Line(NamedTuple):
    """A rule as it is written; `direction` in lower case, the columns of its five fields from 1."""

    number: int
    column: int
    state: str
    symbol: str
    new_symbol: str
    direction: str
    new_state: str

    @property
    def move(self) -> str:
        """The move as a machine has it: L, R or S."""
        return DIRECTIONS[self.direction]


def fields(row: str) -> list[tuple[str, int]]:
    """The words of a line before its comment, each with its column.

    >>> fields("0 1  0 r 0 ; flip")
    [('0', 1), ('1', 3), ('0', 6), ('r', 8), ('0', 10)]
    """
    return [(match[0], match.start() + 1) for match in _FIELD.finditer(row.partition(";")[0])]


def lines(builder: Builder) -> Iterator[Line]:
    """The lines of a text that hold a rule; a problem for each that is none.

    >>> [line.new_state for line in lines(Builder("; nothing\\n0 1 0 r go !"))]
    ['go']
    """
    for number, row in enumerate(builder.lines, 1):
        words = fields(row)
        if words and _is_rule(builder, number, words):
            state, symbol, new_symbol, direction, new_state = (word for word, _ in words[:5])
            yield Line(number, words[0][1], state, symbol, new_symbol, direction.lower(), new_state)


def _is_rule(builder: Builder, number: int, words: list[tuple[str, int]]) -> bool:
    """Whether the words of a line make a rule; notes everything that is wrong otherwise."""
    before = len(builder.problems)
    form = "state symbol new-symbol direction new-state"
    if len(words) < 5:
        last, column = words[-1]
        missing = _PARTS[len(words) - 1]
        builder.problem(f"the {missing} is missing", (number, column + len(last)), expected=form)
    elif len(words) > 6 or (len(words) == 6 and words[5][0] != "!"):
        hint = "a comment begins with a semicolon"
        builder.problem("too many fields", (number, words[5][1]), expected=form, found=words[5][0], hint=hint)
    for what, (word, column) in zip(("current symbol", "new symbol"), words[1:3], strict=False):
        if not is_one_unit(word):
            builder.problem(f"the {what} is one character", (number, column), expected="one, _ or *", found=word)
    for word, column in words[3:4]:
        if word.lower() not in DIRECTIONS:
            near = difflib.get_close_matches(word.lower(), DIRECTIONS, 1)
            hint = f"did you mean {near[0]}?" if near else ""
            builder.problem("no such direction", (number, column), expected="l, r or *", found=word, hint=hint)
    return len(builder.problems) == before


# --------------------------------------------------------------------------------------------------- which line applies


def rules(
    builder: Builder, program: Iterable[Line], states: Iterable[str], *, choices: bool = False
) -> Iterator[tuple[Rule, Line]]:
    """The plain rules that the lines stand for, for these states, every symbol and all others, each with its line.

    A line that never applies is a warning. Of two lines for the same the last applies, or both as choices.

    >>> from tm.notation.morphett.reader import lines
    >>> builder = Builder("a 0 1 r a\\n* 0 0 l *\\na * * r b")
    >>> [str(rule) for rule, line in rules(builder, list(lines(builder)), ["a", "b"])]
    ['a _ -> b _ R', 'a 0 -> a 1 R', 'a 1 -> b 1 R', 'a "" -> b "" R', 'b 0 -> b 0 L']
    """
    table: dict[tuple[str, str], list[Line]] = {}
    for line in program:
        same = table.setdefault((line.state, line.symbol), [])
        if same and not choices:
            message = f"a second rule for state {quoted(line.state)} and symbol {quoted(line.symbol)}; this one applies"
            other = f"the one on line {same.pop().number} does not"
            builder.warning(message, (line.number, line.column), found=other, hint=_MEND)
        same.append(line)
    names = [name for line in program for name in (line.symbol, line.new_symbol)]
    symbols = [symbol for symbol in dict.fromkeys(["_", *names, OTHER]) if symbol != "*"]
    applied: set[int] = set()
    for state in states:
        for symbol in symbols:
            keys = [(state, symbol), (state, "*"), ("*", symbol), ("*", "*")]
            for match in next((table[key] for key in keys if key in table), []):
                applied.add(match.number)
                yield _rule(match, state, symbol), match
    for line in chain.from_iterable(table.values()):
        if line.number not in applied:
            hint = "a halting state has no rules" if line.state != "*" else ""
            builder.warning("this rule never applies", (line.number, line.column), hint=hint)


def _rule(line: Line, state: str, symbol: str) -> Rule:
    write = symbol if line.new_symbol == "*" else line.new_symbol
    next_state = state if line.new_state == "*" else line.new_state
    return Rule(state, (symbol,), next_state, (write,), (line.move,))


# ------------------------------------------------------------------------------------------------------ names of states


def dialect(lines: Iterable[Line]) -> str:
    """The dialect that the directions of the lines are of: "french", "pryor" or, the simulator's own, "".

    >>> dialect([Line(1, 1, "0", "1", "0", "d", "0")])
    'french'
    """
    directions = {line.direction for line in lines}
    return "french" if directions & {"g", "d"} else "pryor" if directions - {"l", "r", "*"} else ""


def halts(state: str, dialect: str = "") -> bool:
    """Whether the simulator of a dialect halts in a state, by its name: it begins with halt, in French also with stop.

    >>> halts("halt-accept"), halts("Halted"), halts("stop"), halts("stop", "french"), halts("accept", "pryor")
    (True, True, False, True, True)
    """
    name = state.lower()
    if dialect == "pryor" and name in ("accept", "reject"):
        return True
    return name.startswith("halt") or (dialect == "french" and name.startswith("stop"))


def final_states(halting: Iterable[str]) -> tuple[list[str], list[str]]:
    """The states, all without rules, whose names say that they accept, and those whose names say that they reject.

    One that does not begin with halt or stop has to say just that: `accept`.

    >>> final_states(["halt", "halt-accept", "stop-accepté", "halt-reject"])
    (['halt-accept', 'stop-accepté'], ['halt-reject'])
    """
    halting = [state for state in halting if state.lower().startswith(("halt", "stop", "accept", "reject"))]
    accept = [state for state in halting if any(word in state.lower() for word in _ACCEPTING)]
    reject = [state for state in halting if any(word in state.lower() for word in _REJECTING) and state not in accept]
    return accept, reject

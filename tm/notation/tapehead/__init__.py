"""The library's own notation: headers, then one rule a line.

    # binary increment
    machine: increment
    blank: _                    # default _
    start: right                # default: the state of the first rule
    accept: done                # optional; `reject:` likewise; `reject: *` rejects wherever it does not accept
    right 0 -> right 0 R        # state symbol -> state symbol move
    right 1 -> right 1 R
    right _ -> carry _ L
    carry 1 -> carry 0 L
    carry * -> done 1 S         # every symbol that no other rule of `carry` names

Further headers: `tapes: 2` (symbols and moves are then joined by commas: `q 0,_ -> q 0,1 R,S`), and `states:` and
`symbols:`, which list all of them; the start, accepting and rejecting states and the blank may be left out. A name in a
rule that is not listed is an error. Without such a list every name will do; what looks like a slip is warned of.
`unknown: reject` has the machine halt on a letter of the input that it does not name; without it that is an error. A
weight stands last (`x 3`). Under `nondeterministic: yes` several rules for one situation are choices, and the machine
accepts if one of its runs does. A name is any run of characters without white space, `,` or `#`, or a JSON string,
which may hold any character; `"*"` is the symbol *, `"->"` the state ->. Read as a symbol, `""` stands for every one
that the machine does not name, and written for the one that was read.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import replace

from tm.errors import MachineError
from tm.inputs import Inputs
from tm.machine import Machine
from tm.name import quoted
from tm.notation.common.builder import Builder
from tm.notation.tapehead.example import sample_in, sample_line
from tm.notation.tapehead.headers import HEADERS, Headers
from tm.notation.tapehead.names import check_names
from tm.notation.tapehead.pattern import Pattern, expanded
from tm.notation.tapehead.rules import FORM, RuleLine
from tm.notation.tapehead.scanner import fields
from tm.registry import Notation
from tm.rule import OTHER, Rule

__all__ = ["NOTATION", "read", "write"]

_COMMENT = re.compile(r"\s*(#.*)?")
_NEARLY = re.compile(r"\s*\S+ +\S( ->|$)|.* -> .*\s[LRSlrsNn<>](\s|$)")
"""A line that may be meant as a rule: its symbol is one character, or it ends with a move."""
_LONG = 1_000


def share(text: str) -> float:
    """The share of lines that are rules or headers, of which one has to be a rule or the start state.

    >>> share("a 0 -> b 1 R\\n# so\\nand so on"), share("start: a"), share("a -> b"), share("1RB1LB_1LA1RZ")
    (0.5, 1.0, 0.0, 0.0)
    """
    builder = Builder(text)
    headers = Headers(builder)
    found = [_fits(builder, headers, n) for n, line in enumerate(builder.lines, 1) if not _COMMENT.fullmatch(line)]
    if not found or not (headers.names("start") or any(kind == "rule" for _, kind in found)):
        return 0.0
    return sum(fit for fit, _ in found) / len(found)


def _fits(builder: Builder, headers: Headers, line: int) -> tuple[float, str]:
    """How far a line has the form of a rule or a header, 0 to 1, and of which."""
    text, key = builder.lines[line - 1], headers.key(line)
    scanned = (fields(builder, line) or []) if "->" in text and key != "machine" else []
    arrow = next((index for index, field in enumerate(scanned) if field[0].is_bare("->")), None)
    if arrow is not None:
        whole = arrow == 2 and len(scanned) in (6, 8)
        return (1.0, "rule") if whole else (0.5, "rule") if len(text) < _LONG and _NEARLY.match(text) else (0.0, "")
    if key not in HEADERS:
        return 0.0, ""
    before = len(builder.problems)
    headers.read(line)
    return (1.0 if len(builder.problems) == before else 0.5), "header"


def read(text: str, source: str | None = None) -> Machine:
    """The machine that a text describes. Raises MachineError with every reason and its place.

    >>> read("right 0 -> right 1 R").rules
    (Rule(state='right', read=('0',), next_state='right', write=('1',), moves=('R',), weight=None),)
    """
    machine = _Reader(Builder(text, source)).machine()
    return machine.sampled(sample_in(text, machine))


def write(machine: Machine) -> str:
    """The machine in this notation, every name in quotes that needs them; any machine can be written.

    >>> print(write(Machine(name="stop", blank=" ", start="a", accept=["a"], symbols=["*"])), end="")
    machine: stop
    blank: " "
    start: a
    accept: a
    symbols: " " "*"
    """
    plain = machine.name.isprintable() and machine.name.strip() == machine.name and '"' not in machine.name[:1]
    name = machine.name if plain and "#" not in machine.name else quoted(machine.name)
    used = {symbol for rule in machine.rules + machine.others for symbol in rule.read + rule.write} | {machine.blank}
    headers = {
        "machine": [name] if name else [],
        "blank": [quoted(machine.blank)],
        "start": [quoted(machine.start)],
        "accept": map(quoted, machine.accept),
        "reject": [*map(quoted, machine.reject), *(["*"] if machine.decides and not machine.accept else [])],
        "tapes": [str(machine.tapes)] if machine.tapes > 1 else [],
        "states": map(quoted, machine.states) if _needs_states(machine) else [],
        "symbols": map(quoted, machine.symbols) if set(machine.symbols) - used - {OTHER} else [],
        "nondeterministic": ["yes"] if machine.nondeterministic else [],
        "unknown": [machine.inputs.unknown] if machine.inputs.unknown != "refuse" else [],
    }
    said = {key: " ".join(value) for key, value in headers.items()}
    rules = [str(_unweighted(rule) if machine.nondeterministic else rule) for rule in machine.rules + machine.others]
    comment = [sample_line(machine.inputs.sample)] if machine.inputs.sample else []
    lines = [*comment, *(f"{key}: {value}" for key, value in said.items() if value), *rules]
    return "\n".join(lines) + "\n"


def _unweighted(rule: Rule) -> Rule:
    """A rule that is chosen, as the text says it: what stands there for one situation is a choice."""
    return replace(rule, weight=None)


def _needs_states(machine: Machine) -> bool:
    """Whether some state would be missing, or taken for a slip, if the rules alone named the states."""
    rules = machine.rules + machine.others
    ruled, targets = {rule.state for rule in rules}, {rule.next_state for rule in rules}
    final = {*machine.accept, *machine.reject}
    missing = set(machine.states) - ruled - targets - final
    return bool(missing or (rules and (final - targets - {machine.start} or (final and targets - ruled - final))))


NOTATION = Notation("tapehead", (".tm",), share, "state symbol -> state symbol move", read, write)


class _Reader:
    """Reads a text line by line: headers, then rules, each as a pattern."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.headers = Headers(builder)
        self.patterns: list[Pattern] = []
        self.rules_begin: int | None = None
        for line in range(1, len(builder.lines) + 1):
            self._line(line)
        if not self.headers.places and self.rules_begin is None and not builder.problems:
            builder.problem("the text holds no machine", (1, 1), expected=f"headers and rules: {FORM}", found="nothing")

    def _line(self, line: int) -> None:
        headers, key = self.headers, self.headers.key(line)
        if key == "machine":  # its value is free text
            headers.read(line, self.rules_begin)
            return
        scanned = fields(self.builder, line)
        if not scanned:
            return
        if any(field[0].is_bare("->") for field in scanned):
            self.rules_begin = self.rules_begin or line
            pattern = RuleLine(self.builder, line, scanned, headers.tapes).pattern()
            self.patterns += [pattern] if pattern else []
        elif key:
            headers.read(line, self.rules_begin)
        else:
            hint = "put -> between what the rule reads and what it does"
            place = (line, scanned[0][0].column)
            self.builder.problem("neither a header nor a rule", place, expected=FORM, hint=hint)

    def machine(self) -> Machine:
        """The machine of all lines. Raises MachineError with every problem."""
        builder, headers = self.builder, self.headers
        if headers.tapes is None:
            raise MachineError(*builder.problems)  # no rule could be judged
        start = self._start()
        lists = {key: headers.names(key) for key in ("accept", "reject", "states", "symbols")}
        blank = headers.names("blank") or ["_"]
        final = lists["accept"] + lists["reject"]
        names = [*filter(None, [start]), *final, *lists["states"]]
        for rule, place in expanded(self.patterns, names, blank + lists["symbols"], final):
            builder.rule(rule, place)
        check_names(builder, headers, [*filter(None, [start]), *final], blank)
        name = "".join(headers.names("machine"))
        return builder.machine(
            name=name,
            tapes=headers.tapes,
            blank=blank[0],
            start=start,
            decides=headers.decides,
            nondeterministic=headers.names("nondeterministic") == ["yes"],
            inputs=Inputs(unknown="".join(headers.names("unknown")) or "refuse"),
            **lists,
        )

    def _start(self) -> str | None:
        """The start state: the header's, else the first rule's; a problem where that is a wildcard or a misspelling."""
        builder, headers, patterns = self.builder, self.headers, self.patterns
        if builder.problems:  # a line that could not be read may name it
            return "".join(headers.names("start")) or None
        if not headers.names("start"):
            if patterns and patterns[0].state is None:
                message = "the first rule's state is *, so the start state is not known"
                builder.problem(message, patterns[0].place, hint="say `start: STATE` above the rules")
            if not patterns:
                builder.problem("a machine needs a start state", (1, 1), expected="`start: STATE`, or a rule")
            return patterns[0].state if patterns else None
        (start,) = headers.names("start")
        known = [state for pattern in patterns for state in (pattern.state, pattern.next_state) if state]
        declared = headers.names("accept") + headers.names("reject") + headers.names("states")
        if patterns and start not in known + declared:
            near = difflib.get_close_matches(start, known, 1)
            hint = f"did you mean {quoted(near[0])}? " if near else ""
            hint += f"If it has no rules on purpose, say `states: {quoted(start)}`"
            builder.problem("no rule mentions the start state", headers.places["start"], found=quoted(start), hint=hint)
        return start

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

import re
from dataclasses import replace

from tm.machine import Machine
from tm.notation.common.builder import Builder
from tm.notation.tapehead.example import sample_line
from tm.notation.tapehead.line import HEADERS, Headers, fields
from tm.notation.tapehead.reader import read
from tm.registry import Notation
from tm.rule import OTHER, Rule
from tm.text import quoted

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
    fits = [_fits(builder, headers, n) for n, line in enumerate(builder.lines, 1) if not _COMMENT.fullmatch(line)]
    if not fits or not (headers.names("start") or any(kind == "rule" for _, kind in fits)):
        return 0.0
    return sum(fit for fit, _ in fits) / len(fits)


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
    values = {key: " ".join(value) for key, value in headers.items()}
    rules = [str(_unweighted(rule) if machine.nondeterministic else rule) for rule in machine.rules + machine.others]
    comment = [sample_line(machine.inputs.sample)] if machine.inputs.sample else []
    lines = [*comment, *(f"{key}: {value}" for key, value in values.items() if value), *rules]
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

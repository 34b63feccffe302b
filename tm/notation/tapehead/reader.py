"""Reads the library's own notation: headers and rules, `*` for what no other rule names, and likely slips."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations, product
from math import prod

from tm.errors import MachineError, Problem
from tm.inputs import Inputs
from tm.machine import Machine
from tm.notation.common.builder import MOST_RULES, Builder, Place
from tm.notation.tapehead.example import sample_in
from tm.notation.tapehead.line import FORM, Headers, Key, Pattern, RuleLine, fields
from tm.rule import OTHER, Rule
from tm.text import quoted

__all__ = ["read"]


def read(text: str, source: str | None = None) -> Machine:
    """The machine that a text describes. Raises MachineError with every reason and its place.

    >>> read("right 0 -> right 1 R").rules
    (Rule(state='right', read=('0',), next_state='right', write=('1',), moves=('R',), weight=None),)
    """
    machine = _Reader(Builder(text, source)).machine()
    return machine.sampled(sample_in(text, machine))


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
        states = [state for pattern in patterns for state in (pattern.state, pattern.next_state) if state]
        declared = headers.names("accept") + headers.names("reject") + headers.names("states")
        if patterns and start not in states + declared:
            near = difflib.get_close_matches(start, states, 1)
            hint = f"did you mean {quoted(near[0])}? " if near else ""
            hint += f"If it has no rules on purpose, say `states: {quoted(start)}`"
            builder.problem("no rule mentions the start state", headers.places["start"], found=quoted(start), hint=hint)
        return start


# ------------------------------------------------------------------------------------------------------------ wildcards


def expanded(
    patterns: list[Pattern], states: Iterable[str], symbols: Iterable[str], final: Iterable[str]
) -> Iterator[tuple[Rule, Place]]:
    """The rules that the patterns stand for, in their order, each with its place.

    A wildcard runs through `states` (save the `final` ones) or `symbols` and all names in the patterns. A pattern gives
    way where another one matches that names all that it names and more. Two that name different things and match the
    same situation both stand: that is for the machine to judge. Raises MachineError where one stands for far too many.

    >>> outright = Pattern("a", ("0",), "b", ("0",), ("R",), None, (1, 1))
    >>> other = Pattern("a", (None,), "a", ("1",), ("R",), None, (2, 1))
    >>> [str(rule) for rule, place in expanded([outright, other], [], ["_"], ["b"])]
    ['a 0 -> b 0 R', 'a _ -> a 1 R', 'a 1 -> a 1 R']
    """
    rule_states = [name for pattern in patterns for name in (pattern.state, pattern.next_state) if name is not None]
    rule_symbols = [name for pattern in patterns for name in (*pattern.read, *pattern.write) if name]
    ends = set(final)
    all_states = [state for state in dict.fromkeys([*states, *rule_states]) if state not in ends]
    all_symbols = list(dict.fromkeys([*symbols, *rule_symbols]))
    keys = {pattern.key for pattern in patterns}
    for pattern in patterns:
        choices = [[pattern.state] if pattern.state is not None else all_states]
        choices += [[symbol] if symbol is not None else all_symbols for symbol in pattern.read]
        if prod(map(len, choices)) > MOST_RULES:
            line, column = pattern.place
            message = f"a rule that stands for more than {MOST_RULES:,}"
            raise MachineError(Problem(message, hint="use fewer wildcards", line=line, column=column))
        for state, *read in product(*choices):
            if not _gives_way(pattern.key, (state, *read), keys):
                rule = Rule(state, tuple(read), pattern.next_state, pattern.write, pattern.moves, pattern.weight)
                yield rule, pattern.place


def _gives_way(key: Key, situation: tuple[str, ...], keys: set[Key]) -> bool:
    """Whether another key matches the situation and names all that `key` names and more."""
    if 2 ** key.count(None) <= len(keys):
        return not keys.isdisjoint(_narrower(key, situation))
    return any(
        other != key
        and all(name in (None, name_read) for name, name_read in zip(other, situation, strict=True))
        and all(name in (None, more) for name, more in zip(key, other, strict=True))
        for other in keys
    )


def _narrower(key: Key, situation: tuple[str, ...]) -> Iterator[Key]:
    """The keys that match the situation and name all that `key` names and more."""
    stars = [i for i, name in enumerate(key) if name is None]
    for count in range(1, len(stars) + 1):
        for filled in combinations(stars, count):
            yield tuple(situation[i] if i in filled else name for i, name in enumerate(key))


# ---------------------------------------------------------------------------------------------------------------- names


def check_names(builder: Builder, headers: Headers, known_states: list[str], blank: list[str]) -> None:
    """Look at every name in the builder's rules; `known_states` are the start state and the final ones.

    >>> builder = Builder("states: go done\\ngo 0 -> doen 1 R")
    >>> builder.rule(Rule("go", ("0",), "doen", ("1",), ("R",)), (2, 1))
    >>> headers = Headers(builder)
    >>> headers.read(1)
    >>> check_names(builder, headers, ["go"], ["_"])
    >>> print(builder.problems[0])
    line 2:1: state doen is not among the states
        go 0 -> doen 1 R
        ^
        expected: go done
        found: doen
        mend: did you mean done? If it is meant, add it to `states:`
    """
    if listed := headers.names("states"):
        _unlisted(builder, "state", [*known_states, *listed], lambda rule: (rule.state, rule.next_state))
    elif not builder.problems:
        final = set(headers.names("accept") + headers.names("reject"))
        _slips(builder, headers, final, known_states[0])
    if listed := headers.names("symbols"):
        _unlisted(builder, "symbol", [*blank, *listed], lambda rule: (*rule.read, *rule.write))


def _unlisted(builder: Builder, what: str, listed: list[str], named: Callable[[Rule], tuple[str, ...]]) -> None:
    listed = list(dict.fromkeys(listed))
    for rule in builder.rules:
        for name in dict.fromkeys(named(rule)):
            if name not in listed and name != OTHER:
                near = _near(name, listed)
                hint = f"did you mean {quoted(near)}? If it is meant, add" if near else "add"
                builder.problem(
                    f"{what} {quoted(name)} is not among the {what}s",
                    builder.place_of(rule),
                    expected=" ".join(map(quoted, listed)),
                    found=quoted(name),
                    hint=f"{hint} it to `{what}s:`",
                )


def _slips(builder: Builder, headers: Headers, final: set[str], start: str) -> None:
    """Warn of a final state that nothing leads to, and, where final states are named, of other states without rules."""
    ruled = {rule.state for rule in builder.rules}
    targets = {rule.next_state: rule for rule in builder.rules}
    for key in ("accept", "reject"):
        for name in headers.names(key):
            if builder.rules and name not in targets and name != start:
                near = _near(name, targets.keys() - ruled)
                hint = f"did you mean {quoted(near)}?" if near else ""
                builder.warning(f"no rule leads to the {key} state {quoted(name)}", headers.places[key], hint=hint)
    for name in sorted(targets.keys() - ruled - final) if final else ():
        near = _near(name, ruled | final)
        hint = f"did you mean {quoted(near)}? If it is meant, list all states: `states:`" if near else ""
        message = f"state {quoted(name)} has no rules, and neither accepts nor rejects: the machine halts there"
        builder.warning(message, builder.place_of(targets[name]), hint=hint)


def _near(name: str, names: Iterable[str]) -> str:
    return "".join(difflib.get_close_matches(name, sorted(names), 1, 0.5))

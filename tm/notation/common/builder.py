"""A machine while it is read: its rules, where each stood in the text, and all that is wrong so far."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from tm.errors import MachineError, NotationWarning, Problem
from tm.machine import Machine
from tm.rule import OTHER, Rule
from tm.text import quoted

__all__ = ["MOST_PROBLEMS", "MOST_RULES", "Builder", "Place"]

MOST_RULES = 100_000
"""Rules that one text may stand for, wildcards expanded: they take about 100 MB."""

MOST_PROBLEMS = 1_000
"""Problems of one text, after which it is not read on: a text that is something else altogether has millions."""

_NEARLY = 0.9
"""How alike two names are, from 0 to 1, of which one is taken for a slip: carryy and carry, but not s1 and s2."""
_MOST_WARNINGS = 50
_MOST_COMPARED = 200
"""Names; each is compared with each."""

Place = tuple[int, int]
"""A line and a column, both from 1."""


class Builder:
    """Collects rules, problems and warnings with their places; `machine()` gives the machine or raises every reason.

    >>> from tm import Rule
    >>> builder = Builder("a 0 -> b 1 X", "wrong.tm")
    >>> builder.rule(Rule("a", ("0",), "b", ("1",), ("X",)), (1, 12))
    >>> builder.machine()
    Traceback (most recent call last):
    tm.errors.MachineError: wrong.tm:1:12: no such move
        a 0 -> b 1 X
                   ^
        expected: L, S or R
        found: 'X'
    """

    def __init__(self, text: str, source: str | None = None) -> None:
        self.lines = text.split("\n")
        self.source = source
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.rules: list[Rule] = []
        self._places: dict[object, Place] = {}

    def problem(self, message: str, place: Place, *, expected: str = "", found: str = "", hint: str = "") -> None:
        """Note that something is wrong at a place of the text. Raises MachineError where far too much is."""
        self.problems.append(self._placed(Problem(message, expected, found, hint), place))
        if len(self.problems) >= MOST_PROBLEMS:
            more = Problem("the text is not read on", hint="mend these first", source=self.source)
            raise MachineError(*self.problems, more)

    def warning(self, message: str, place: Place, *, found: str = "", hint: str = "") -> None:
        """Note what the notation's own tool does at a place without a word; a NotationWarning if a machine is read."""
        self.warnings.append(self._placed(Problem(message, "", found, hint), place))

    def rule(self, rule: Rule, place: Place) -> None:
        """Add a rule that stands at a place of the text. Raises MachineError where there are far too many."""
        if len(self.rules) >= MOST_RULES:
            self.problem(f"the text stands for more than {MOST_RULES:,} rules", place, hint="use fewer wildcards")
            raise MachineError(*self.problems)
        self.rules.append(rule)
        self._places[id(rule)] = place

    def place_of(self, rule: Rule) -> Place:
        """Where a rule that was added stands."""
        return self._places.get(id(rule), (1, 1))

    def place(self, argument: str, place: Place) -> None:
        """Say where the text gives one of the machine's arguments (`start`, `tapes`, ...)."""
        self._places[argument] = place

    def misspelled(self, names: Mapping[str, Place], known: Collection[str]) -> None:
        """Warn of each name without rules, given with its place, that is nearly the same as one that has some."""
        for name, place in list(names.items())[:_MOST_COMPARED]:
            near = difflib.get_close_matches(name, list(known)[:_MOST_COMPARED], 1, _NEARLY)
            if near and near[0] != name:
                hint = f"did you mean {quoted(near[0])}?"
                self.warning(f"state {quoted(name)} has no rules", place, hint=hint)

    def machine(self, **arguments: Any) -> Machine:
        """The machine of the rules and these further arguments; raises MachineError with every problem, placed."""
        try:
            plain = [rule for rule in self.rules if OTHER not in rule.read]
            others = [rule for rule in self.rules if OTHER in rule.read]
            machine = Machine(rules=plain, others=others, **arguments)
        except MachineError as error:
            # what a half-read text lacks is no news; what contradicts itself is
            news = [p for p in error.problems if isinstance(p.about, Rule) or not self.problems]
            placed = [self._placed(problem, self._place_of(problem)) for problem in news]
            raise MachineError(*self.problems, *placed) from None
        if self.problems:
            raise MachineError(*self.problems)
        for warning in self.warnings[:_MOST_WARNINGS]:
            warnings.warn(NotationWarning(warning), stacklevel=2)
        if len(self.warnings) > _MOST_WARNINGS:
            more = f"{len(self.warnings) - _MOST_WARNINGS} more warnings"
            warnings.warn(NotationWarning(Problem(more, source=self.source)), stacklevel=2)
        return machine

    def _place_of(self, problem: Problem) -> Place | None:
        key = id(problem.about) if isinstance(problem.about, Rule) else problem.about
        return self._places.get(key)

    def _placed(self, problem: Problem, place: Place | None) -> Problem:
        if place is None:
            return replace(problem, source=self.source)
        line, column = place
        text = self.lines[line - 1].replace("\t", " ")
        return replace(problem, source=self.source, line=line, column=column, text=text)

"""Reads a .jff file of JFLAP 4 to 7 as a machine: plain rules, also for patterns and variables."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from itertools import product

from tm.errors import MachineError
from tm.inputs import Inputs
from tm.machine import Machine
from tm.notation.common.annotation import apply_annotation
from tm.notation.common.builder import Builder
from tm.notation.common.xml_tree import Element, tree
from tm.notation.jflap.diagram import ANY, BLANK, FlatState, Step, diagram, flattened
from tm.rule import OTHER, Rule
from tm.text import quoted

__all__ = ["MOST_TAPES", "read"]

MOST_TAPES = 5

Kept = tuple[tuple[str, str], ...]
"""The variables that have a value, each with it, sorted."""

Copy = tuple[str, Kept]
"""A state's path and what is kept there in variables: a state of the machine."""


def read(text: str, source: str | None = None) -> Machine:
    """The machine of a .jff file. Raises MachineError with every reason and its place.

    >>> machine = read(
    ...     '<structure><type>turing</type><automaton><state id="0" name="q0"><initial/></state>'
    ...     '<state id="1" name="q1"><final/></state><transition><from>0</from><to>1</to><read>a</read><write/>'
    ...     '<move>S</move></transition></automaton></structure>'
    ... )
    >>> print(*machine.rules, machine.accept)
    q0 a -> q1 □ S ('q1',)
    """
    builder = Builder(text, source)
    root = tree(text, source)
    tapes = _tapes(builder, root)
    element = root.first("automaton") or root
    whole = diagram(builder, element, tapes, element.place)
    flat, start = flattened(builder, whole, tapes)
    if builder.problems:
        raise MachineError(*builder.problems)
    return apply_annotation(_Expansion(builder, flat, tapes).machine(start), text, source)


def _tapes(builder: Builder, root: Element) -> int:
    """The number of tapes; a problem where the file is none of a Turing machine."""
    if root.tag != "structure":
        builder.problem("this is no JFLAP file", root.place, expected="<structure>", found=f"<{root.tag}>")
    kind = root.text_of("type")
    if not kind.startswith("turing"):
        found = kind or "no <type>"
        builder.problem(
            "this JFLAP file holds no Turing machine", root.place, expected="<type>turing</type>", found=found
        )
    count = root.text_of("tapes", "1") or "1"
    if count not in [str(number) for number in range(1, MOST_TAPES + 1)]:
        builder.problem("no such number of tapes", root.place, expected=f"1 to {MOST_TAPES}", found=count)
        return 1
    return int(count)


class _Expansion:
    """Plain rules from steps with patterns: for each state and all that may be kept in variables there."""

    def __init__(self, builder: Builder, flat: Mapping[str, FlatState], tapes: int) -> None:
        self.builder, self.flat, self.tapes = builder, flat, tapes
        self.live = live_variables(flat)
        self.symbols = self._symbols()
        self.chooses = self._chooses()
        self.names: dict[Copy, str] = {}
        self.taken: set[str] = set()

    def _symbols(self) -> list[str]:
        """Every symbol that the file names, the blank first."""
        steps = [step for state in self.flat.values() for step in state.steps]
        variables = {pattern.variable for step in steps for pattern in step.read}
        names = [name for step in steps for p in step.read for name in (*(p.only or ()), *([p.but] if p.but else []))]
        names += [text for step in steps for text in step.write if text != ANY and text not in variables]
        return [symbol or BLANK for symbol in dict.fromkeys([BLANK, *names])]

    def _chooses(self) -> bool:
        """Whether JFLAP's nondeterministic simulator knows all of the file: symbols, but no patterns and no blocks."""
        steps = [step for state in self.flat.values() if not state.final for step in state.steps]
        patterns = [pattern for step in steps for pattern in step.read]
        plain = all(p.only is not None and len(p.only) == 1 and p.variable is None for p in patterns)
        return plain and not any(state.nested for state in self.flat.values())

    def machine(self, start: str) -> Machine:
        waiting: deque[Copy] = deque((path, ()) for path in self.flat)
        for copy in waiting:
            self._name(copy)
        while waiting:
            copy = waiting.popleft()
            for rule, step, target in self._rules(copy):
                if target not in self.names:
                    waiting.append(target)
                rule_here = Rule(self._name(copy), rule.read, self._name(target), rule.write, rule.moves)
                self.builder.rule(rule_here, step.place)
        final = [name for (path, _), name in self.names.items() if self.flat[path].final]
        return self.builder.machine(
            tapes=self.tapes,
            blank=BLANK,
            start=self.names[start, ()],
            accept=final,
            states=self.names.values(),
            symbols=self.symbols,
            decides=True,
            nondeterministic=self.chooses,
            inputs=Inputs(unknown="reject"),
        )

    def _name(self, copy: Copy) -> str:
        if copy not in self.names:
            path, values = copy
            name = self.flat[path].name
            if values:
                name += f" [{', '.join(f'{variable}={symbol}' for variable, symbol in values)}]"
            while name in self.taken:
                name += "'"
            self.taken.add(name)
            self.names[copy] = name
        return self.names[copy]

    def _rules(self, copy: Copy) -> Iterator[tuple[Rule, Step, Copy]]:
        """The rules of a state, the names still paths: for every situation the first step that matches, or all."""
        path, values = copy
        first_steps: dict[tuple[str, ...], Step] = {}
        for step in [] if self.flat[path].final else self.flat[path].steps:
            applied, before = False, None
            for read in product(*(pattern.matching([*self.symbols, OTHER]) for pattern in step.read)):
                first = first_steps.setdefault(read, step)
                if first is not step and not self.chooses:
                    before = first if first.read[0].but is not None and first.level == step.level else before
                    continue
                applied = True
                write, next_values = apply_step(step, read, dict(values), self.live[step.target])
                yield Rule(path, read, step.target, write, tuple(step.moves)), step, (step.target, next_values)
            if not applied and not values:
                found = f"the first is on line {min(first_steps[read].place[0] for read in first_steps)}"
                message = f"a transition of state {quoted(self.flat[path].name)} never applies: others match before it"
                hint = "JFLAP follows all that match only in files without ~, !a, a,b}x and building blocks"
                self.builder.warning(message, step.place, found=found, hint=hint)
            elif before is not None and step.read[0].but is None and not values:
                message = "what this reads is taken by a transition above it that reads !"
                hint = "JFLAP tries them in the file's order, whatever its documentation says; put the ! last"
                self.builder.warning(message, step.place, found=f"the one on line {before.place[0]}", hint=hint)


# ------------------------------------------------------------------------------------------------------------ variables


def live_variables(flat: Mapping[str, FlatState]) -> dict[str, frozenset[str]]:
    """For every state the variables that may still be written from there before they get another value.

    >>> live_variables({"0": FlatState("q0", False, [])})
    {'0': frozenset()}
    """
    bound = {pattern.variable for state in flat.values() for step in state.steps for pattern in step.read}
    live: dict[str, frozenset[str]] = {path: frozenset() for path in flat}
    changed = any(variable is not None for variable in bound)
    while changed:
        changed = False
        for path, state in flat.items():
            steps = [] if state.final else state.steps
            after = frozenset().union(*(_before(step, bound, live[step.target]) for step in steps))
            changed |= after != live[path]
            live[path] = after
    return live


def _before(step: Step, bound: set[str | None], after: frozenset[str]) -> frozenset[str]:
    used = frozenset(text for text in step.write if text in bound)
    return (used | after) - {pattern.variable for pattern in step.read if pattern.variable is not None}


def apply_step(
    step: Step, read: tuple[str, ...], values: dict[str, str], live: frozenset[str]
) -> tuple[tuple[str, ...], Kept]:
    """What a step writes for what it reads, and what is kept after it, of the variables that matter."""
    for pattern, symbol in zip(step.read, read, strict=True):
        if pattern.variable is not None:
            values[pattern.variable] = symbol
    write = []
    for text, symbol in zip(step.write, read, strict=True):
        new = symbol if text == ANY else values.get(text, text) or BLANK
        write.append(OTHER if new == OTHER else new)
    return tuple(write), tuple(sorted((name, value) for name, value in values.items() if name in live))

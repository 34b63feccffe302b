"""JFLAP 8's .jff files: nested structures of states and transitions in XML, for any number of tapes.

The run starts in the start state and accepts on entering a final one, from which no transition applies; where none does
elsewhere, it rejects. Of several matching transitions JFLAP 8 follows all: the machine is nondeterministic. The
blank is the file's own, by default □; symbols may be longer than a character. Machines made of building blocks
(`block_tm`), some of which are only names of blocks that the program holds itself, are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tm.errors import MachineError
from tm.inputs import Inputs
from tm.machine import Machine
from tm.notation.common.annotation import apply_annotation, unsupported, write_annotated
from tm.notation.common.builder import Builder
from tm.notation.common.spelling import state_spelling
from tm.notation.common.xml_tree import Element, escaped, is_xml_text, share_of_tags, tree, typed_structures
from tm.notation.jflap.diagram import BLANK
from tm.registry import Notation
from tm.rule import MOVES, Rule
from tm.text import quoted

__all__ = ["NOTATION", "read", "write"]


def share(text: str) -> float:
    """1 for a text whose outermost element is a `structure`, where such elements have types, else 0.

    >>> share('<structure type="editor_panel"/>'), share("<structure><type>turing</type></structure>")
    (1.0, 0.0)
    """
    return share_of_tags(text, {"structure"}, None) if typed_structures(text) else 0.0


def read(text: str, source: str | None = None) -> Machine:
    """The machine of a file of JFLAP 8. Raises MachineError with every reason and its place.

    >>> read(write(Machine.read("blank: □\\naccept: b\\na 1 -> b □ S"))).accept
    ('b',)
    """
    builder = Builder(text, source)
    root = tree(text, source)
    machines = [element for element in root.every("structure") if element.attributes.get("type") == "turing"]
    if any(element.attributes.get("type") == "block_tm" for element in root.every("structure")):
        hint = "in JFLAP 8, save the machine without blocks"
        builder.problem("building blocks of JFLAP 8 are not read", root.place, found='type="block_tm"', hint=hint)
        raise MachineError(*builder.problems)
    if len(machines) != 1:
        expected, found = '<structure type="turing">, once', f"{len(machines)} of them"
        builder.problem("this file holds no single Turing machine", root.place, expected=expected, found=found)
        raise MachineError(*builder.problems)
    return apply_annotation(_Reader(builder, machines[0]).machine(), text, source)


class _Reader:
    def __init__(self, builder: Builder, element: Element) -> None:
        self.builder, self.element = builder, element
        self.parts = {part.attributes.get("type", ""): part for part in element.all("structure")}
        self.names: dict[str, str] = {}  # of the states, by their ids
        self.tapes = self._tapes()
        for part in ("state_set", "start_state", "final_states"):
            for state in self._part(part).all("state"):
                self._state(state)

    def _part(self, kind: str) -> Element:
        return self.parts.get(kind) or Element("structure", *self.element.place)

    def _tapes(self) -> int:
        count = self.element.text_of("tapes", "1")
        if not re.fullmatch(r"[1-9][0-9]?", count):
            self.builder.problem("no such number of tapes", self.element.place, expected="1 to 99", found=count)
            return 1
        return int(count)

    def _state(self, element: Element) -> str:
        """The name of the state that an element says; a problem for one without, or with another's."""
        id, name = element.text_of("id"), element.text_of("name")
        if not id and not name:
            self.builder.problem("a state without a name", element.place, expected="<name>q0</name><id>0</id>")
        return self.names.setdefault(id or name, name or f"q{id}")

    def machine(self) -> Machine:
        starts, blank = self._part("start_state").all("state"), self._part("blank_symbol").text_of("value", BLANK)
        if len(starts) != 1:
            found = f"{len(starts)} of them"
            self.builder.problem("no single start state", self._part("start_state").place, expected="one", found=found)
        accept = [self._state(state) for state in self._part("final_states").all("state")]
        for transition in self._part("transition_set").all("transition"):
            self._transition(transition, blank or BLANK, accept)
        symbols = [symbol.text.strip() for symbol in self._part("tape_alph").all("symbol")]
        if self.builder.problems:
            raise MachineError(*self.builder.problems)
        if len(set(self.names.values())) < len(self.names):
            place = self._part("state_set").place
            self.builder.problem(
                "two states have one name", place, expected="a name for each", found=" ".join(self.names)
            )
        return self.builder.machine(
            tapes=self.tapes,
            blank=blank or BLANK,
            start=self._state(starts[0]),
            accept=accept,
            states=self.names.values(),
            symbols=[symbol for symbol in symbols if symbol],
            decides=True,
            nondeterministic=True,
            inputs=Inputs(unknown="reject"),
        )

    def _transition(self, element: Element, blank: str, accept: list[str]) -> None:
        ends = [element.first("from"), element.first("to")]
        if None in ends:
            self.builder.problem("a transition without an end", element.place, expected="<from> and <to>")
            return
        source, target = (self._state(end) for end in ends if end is not None)
        tapes = range(self.tapes)
        read, write, moves = (tuple(element.text_of(f"{what}{i}") for i in tapes) for what in ("read", "write", "move"))
        read, write = (tuple(symbol or blank for symbol in part) for part in (read, write))
        for move in moves:
            if move not in MOVES:
                self.builder.problem("no such move", element.place, expected="L, R or S", found=move or "none")
        if source in accept:
            message = f"state {quoted(source)} is final: the run stops there, so this never applies"
            self.builder.warning(message, element.place)
        else:
            self.builder.rule(Rule(source, read, target, write, moves), element.place)


def write(machine: Machine) -> str:
    """The machine as a file for JFLAP 8. Raises MachineError for weights.

    >>> "<value>_</value>" in write(Machine.read("a 1 -> b _ S"))
    True
    """
    problems = list(unsupported(machine, "jflap8", tapes=99, choices=True))
    if problems:
        raise MachineError(*problems)
    states, symbols = state_spelling(machine.states, is_xml_text), state_spelling(machine.symbols, is_xml_text)
    return write_annotated(machine, _body, read, states=states, symbols=symbols)


def _body(machine: Machine, comments: list[str]) -> str:
    states = {state: f"<name>{escaped(state)}</name><id>{id}</id>" for id, state in enumerate(machine.states)}
    parts = {
        "blank_symbol": [f"<value>{escaped(machine.blank)}</value>"],
        "start_state": [f"<state>{states[machine.start]}</state>"],
        "final_states": [f"<state>{states[state]}</state>" for state in machine.accept],
        "state_set": [f"<state>{state}</state>" for state in states.values()],
        "tape_alph": [f"<symbol>{escaped(symbol)}</symbol>" for symbol in machine.symbols],
        "transition_set": [_transition(rule, states) for rule in machine.rules],
    }
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', *(f"<!-- {comment} -->" for comment in comments)]
    lines += ['<structure type="editor_panel">', '<structure type="transition_graph">']
    lines += ['<structure mode="Default mode" type="turing">', f"<tapes>{machine.tapes}</tapes>"]
    for kind, entries in parts.items():
        lines += [f'<structure type="{kind}">', *entries, "</structure>"]
    return "\n".join([*lines, "</structure>", "</structure>", "</structure>"]) + "\n"


def _transition(rule: Rule, states: dict[str, str]) -> str:
    def each(what: str, values: tuple[str, ...]) -> Iterator[str]:
        return (f"<{what}{tape}>{escaped(value)}</{what}{tape}>" for tape, value in enumerate(values))

    parts = [f"<tapes>{len(rule.read)}</tapes>", *each("write", rule.write)]
    parts += [f"<from>{states[rule.state]}</from>", f"<to>{states[rule.next_state]}</to>"]
    return "".join(["<transition>", *parts, *each("move", rule.moves), *each("read", rule.read), "</transition>"])


NOTATION = Notation("jflap8", (), share, '<structure type="turing">', read, write)

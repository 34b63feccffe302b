"""Writes a machine as a .jff file for JFLAP 7."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product

from tm.errors import MachineError
from tm.machine import Machine
from tm.notation.common.annotation import unsupported, write_annotated
from tm.notation.common.spelling import is_one_unit, state_spelling, symbol_spelling
from tm.notation.common.xml_tree import escaped, is_xml_text
from tm.notation.jflap.diagram import ANY, BLANK
from tm.notation.jflap.reader import MOST_TAPES, read
from tm.rule import Rule

__all__ = ["write"]

_MEANS_MORE = set("~!}")
_APART = 60  # pixels between states on the circle on which they are drawn


def write(machine: Machine) -> str:
    """The machine as a .jff file. Raises MachineError for more than five tapes and for weights.

    Names that cannot stand there get others, which a comment tells our reader; so do the blank, which is □ in JFLAP,
    and whatever else JFLAP does not know: rejecting states, or that halting says nothing. A nondeterministic machine is
    written without `~`, which JFLAP's nondeterministic simulator does not know.

    >>> print(write(Machine.read("blank: □\\naccept: b\\na 1 -> b □ S")).split("  <automaton>")[0], end="")
    <?xml version="1.0" encoding="UTF-8"?>
    <structure>
      <type>turing</type>
    """
    problems = list(unsupported(machine, "jflap", tapes=MOST_TAPES, choices=True))
    if problems:
        raise MachineError(*problems)
    states = state_spelling(machine.states, is_xml_text)
    symbols = symbol_spelling(machine.symbols, _is_symbol, {machine.blank: BLANK})
    return write_annotated(machine, _body, read, states=states, symbols=symbols, wildcards=not machine.nondeterministic)


def _is_symbol(name: str) -> bool:
    return is_one_unit(name) and is_xml_text(name) and name not in _MEANS_MORE and name != BLANK


def _body(machine: Machine, comments: list[str]) -> str:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', *(f"<!-- {comment} -->" for comment in comments)]
    lines += ["<structure>", "  <type>turing</type>"]
    lines += [f"  <tapes>{machine.tapes}</tapes>"] if machine.tapes > 1 else []
    lines += ["  <automaton>"]
    ids = {state: id for id, state in enumerate(machine.states)}
    for state, id in ids.items():
        lines += _state(machine, state, id)
    for rule in machine.rules + machine.others:
        lines += _transition(rule, ids)
    return "\n".join([*lines, "  </automaton>", "</structure>"]) + "\n"


def _state(machine: Machine, state: str, id: int) -> Iterator[str]:
    from xml.sax.saxutils import quoteattr  # see `xml_tree.escaped`

    radius = max(150, _APART * len(machine.states) / (2 * math.pi))
    angle = 2 * math.pi * id / len(machine.states)
    yield f'    <state id="{id}" name={quoteattr(state)}>'
    yield f"      <x>{radius * (1.2 - math.cos(angle)):.1f}</x>"
    yield f"      <y>{radius * (1.2 - math.sin(angle)):.1f}</y>"
    yield from ["      <initial/>"] if state == machine.start else []
    yield from ["      <final/>"] if state in machine.accept else []
    yield "    </state>"


def _transition(rule: Rule, ids: dict[str, int]) -> Iterator[str]:
    yield "    <transition>"
    yield f"      <from>{ids[rule.state]}</from>"
    yield f"      <to>{ids[rule.next_state]}</to>"
    parts = zip(rule.read, rule.write, rule.moves, strict=True)
    for (number, part), (tag, index) in product(enumerate(parts, 1), [("read", 0), ("write", 1), ("move", 2)]):
        tape = f' tape="{number}"' if len(rule.read) > 1 else ""
        text = ANY if not part[index] else "" if part[index] == BLANK else escaped(part[index])
        yield f"      <{tag}{tape}>{text}</{tag}>" if text else f"      <{tag}{tape}/>"
    yield "    </transition>"

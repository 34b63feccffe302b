"""GraphML, written only, as networkx reads it: the state graph with all that is known of states and rules."""

from __future__ import annotations

import io
import re
from typing import Any

import networkx

from tm.machine import Machine
from tm.name import quoted
from tm.notation.registry import Notation

__all__ = ["NOTATION", "write"]

_TELLING = re.compile(r"<graphml\b")


def tells(text: str) -> bool:
    """Whether the text has an element `graphml`.

    >>> tells("<graphml/>"), tells("<structure/>")
    (True, False)
    """
    return bool(_TELLING.search(text))


def write(machine: Machine) -> str:
    """The machine's state graph in GraphML; names that XML cannot hold are written as in our own notation, quoted.

    >>> graph = networkx.parse_graphml(write(Machine.read("start: a\\naccept: b\\na 0 -> b 1 R")))
    >>> graph.nodes["b"]["accept"], graph.edges["a", "b"]["rule"]
    (True, 'a 0 -> b 1 R')
    """
    drawn: networkx.MultiDiGraph[Any] = networkx.MultiDiGraph(
        name=quoted(machine.name) if machine.name else "", tapes=machine.tapes, blank=quoted(machine.blank)
    )
    states = machine.graph()
    for state, about in states.nodes(data=True):
        drawn.add_node(quoted(state), **about)
    for rule in machine.rules + machine.others:
        said = {"rule": str(rule), "read": " ".join(map(quoted, rule.read)), "write": " ".join(map(quoted, rule.write))}
        weight = {} if rule.weight is None else {"weight": rule.weight}
        drawn.add_edge(quoted(rule.state), quoted(rule.next_state), **said, moves=" ".join(rule.moves), **weight)
    text = io.BytesIO()
    networkx.write_graphml_xml(drawn, text)
    return text.getvalue().decode("utf-8").rstrip("\n") + "\n"


NOTATION = Notation("graphml", (".graphml",), tells, None, write)

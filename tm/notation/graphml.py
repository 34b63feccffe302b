"""GraphML, written only, as networkx reads it: the state graph with all that is known of states and rules."""

from __future__ import annotations

import io
from typing import Any

import networkx

from tm.machine import Machine
from tm.name import quoted
from tm.notation.common.xml_tree import share_of_tags
from tm.registry import Notation
from tm.state_graph import graph

__all__ = ["NOTATION", "write"]

_ELEMENTS = {"graphml", "graph", "node", "edge", "data", "key", "default"}


def share(text: str) -> float:
    """The share of the text's elements that are of GraphML.

    >>> share("<graphml/>"), share("<structure/>")
    (1.0, 0.0)
    """
    return share_of_tags(text, {"graphml"}, _ELEMENTS)


def write(machine: Machine) -> str:
    """The machine's state graph in GraphML; names that XML cannot hold are written as in our own notation, quoted.

    >>> graph = networkx.parse_graphml(write(Machine.read("start: a\\naccept: b\\na 0 -> b 1 R")))
    >>> graph.nodes["b"]["accept"], graph.edges["a", "b"]["rule"]
    (True, 'a 0 -> b 1 R')
    """
    drawn: networkx.MultiDiGraph[Any] = networkx.MultiDiGraph(
        name=quoted(machine.name) if machine.name else "", tapes=machine.tapes, blank=quoted(machine.blank)
    )
    states = graph(machine)
    for state, about in states.nodes(data=True):
        drawn.add_node(quoted(state), **about)
    for rule in machine.rules + machine.others:
        said = {"rule": str(rule), "read": " ".join(map(quoted, rule.read)), "write": " ".join(map(quoted, rule.write))}
        weight = {} if rule.weight is None else {"weight": rule.weight}
        drawn.add_edge(quoted(rule.state), quoted(rule.next_state), **said, moves=" ".join(rule.moves), **weight)
    text = io.BytesIO()
    networkx.write_graphml_xml(drawn, text)
    return text.getvalue().decode("utf-8").rstrip("\n") + "\n"


NOTATION = Notation("graphml", (".graphml",), share, "<graphml>", None, write)

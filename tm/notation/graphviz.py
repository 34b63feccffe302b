"""Graphviz DOT, written only: states as circles, accept states double, reject states as octagons, rules as arrows."""

from __future__ import annotations

import re

from graphviz import Digraph, escape

from tm.machine import Machine
from tm.name import quoted
from tm.notation.common.drawing import arrows
from tm.registry import Notation

__all__ = ["NOTATION", "write"]

_TELLING = re.compile(r"\s*(strict\s+)?(di)?graph\b[^\n]*\{")


def share(text: str) -> float:
    """1 for a text that begins as DOT does, else 0.

    >>> share("digraph {"), share("graph 0 -> graph 1 R")
    (1.0, 0.0)
    """
    return float(bool(_TELLING.match(text)))


def write(machine: Machine) -> str:
    """The machine's state graph in DOT; every machine can be drawn.

    >>> print(write(Machine.read("start: a\\naccept: b\\na 0 -> b 1 R")), end="")
    digraph {
        rankdir=LR
        node [shape=circle]
        start [label="" shape=point]
        s0 [label=a]
        s1 [label=b shape=doublecircle]
        start -> s0
        s0 -> s1 [label="0/1,R"]
    }
    """
    graph = Digraph(name=escape(quoted(machine.name)) if machine.name else None)
    graph.body += ["\trankdir=LR\n", "\tnode [shape=circle]\n"]
    graph.node("start", label="", shape="point")
    ids = {state: f"s{number}" for number, state in enumerate(machine.states)}
    for state, id in ids.items():
        shape = "doublecircle" if state in machine.accept else "octagon" if state in machine.reject else None
        graph.node(id, label=escape(quoted(state)), shape=shape)
    graph.edge("start", ids[machine.start])
    for state, next_state, labels in arrows(machine):
        graph.edge(ids[state], ids[next_state], label="\\n".join(map(escape, labels)))
    return graph.source.replace("\t", "    ")


NOTATION = Notation("graphviz", (".dot", ".gv"), share, "digraph {", None, write)

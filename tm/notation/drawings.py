"""Machines drawn, which are written only: GraphML, Graphviz and Mermaid.

GraphML, as networkx reads it, is the state graph with all that is known of states and rules. Graphviz DOT has states as
circles, accept states double, reject states as octagons. Mermaid is what README files and wikis draw by themselves. In
the last two one arrow leads from a state to another, with all rules written at it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tm.machine import Machine
from tm.notation.common.xml_tree import share_of_tags
from tm.registry import Notation
from tm.rule import Rule
from tm.state_graph import graph
from tm.text import quoted

if TYPE_CHECKING:
    import networkx

__all__ = ["GRAPHML", "GRAPHVIZ", "MERMAID", "arrows", "graphml", "graphviz", "label", "mermaid"]

_ELEMENTS = {"graphml", "graph", "node", "edge", "data", "key", "default"}
_GRAPHVIZ_BEGINS = re.compile(r"\s*(strict\s+)?(di)?graph\b[^\n]*\{")
_MERMAID_BEGINS = re.compile(r"\s*stateDiagram(-v2)?\s*\n")
_PLAIN = re.compile(r"[A-Za-z0-9_ ,./+|()-]")


def arrows(machine: Machine) -> Iterator[tuple[str, str, list[str]]]:
    """Every pair of states with rules between them, in the order of the rules, and these rules' labels.

    >>> list(arrows(Machine.read("1RB1LB_1LA1RZ")))[0]
    ('A', 'B', ['0/1,R', '1/1,L'])
    """
    labels: dict[tuple[str, str], list[str]] = {}
    for rule in machine.rules + machine.others:
        labels.setdefault((rule.state, rule.next_state), []).append(label(rule, chosen=machine.nondeterministic))
    for (state, next_state), texts in labels.items():
        yield state, next_state, texts


def label(rule: Rule, *, chosen: bool = False) -> str:
    """What a rule reads, writes and how it moves: `0/1,R`; for several tapes `0 1/1 1,R S`; its weight, unless chosen.

    >>> label(Rule("a", ("0", " "), "b", ("1", "1"), ("R", "S"), 3))
    '0 " "/1 1,R S x 3'
    """
    read, write = (" ".join(quoted(symbol) if symbol else "?" for symbol in part) for part in (rule.read, rule.write))
    weight = "" if rule.weight is None or chosen else f" x {rule.weight}"
    return f"{read}/{write},{' '.join(rule.moves)}{weight}"


# -------------------------------------------------------------------------------------------------------------- GraphML


def _share_of_graphml(text: str) -> float:
    """The share of the text's elements that are of GraphML.

    >>> _share_of_graphml("<graphml/>"), _share_of_graphml("<structure/>")
    (1.0, 0.0)
    """
    return share_of_tags(text, {"graphml"}, _ELEMENTS)


def graphml(machine: Machine) -> str:
    """The machine's state graph in GraphML; names that XML cannot hold are written as in our own notation, quoted.

    >>> import networkx
    >>> graph = networkx.parse_graphml(graphml(Machine.read("start: a\\naccept: b\\na 0 -> b 1 R")))
    >>> graph.nodes["b"]["accept"], graph.edges["a", "b"]["rule"]
    (True, 'a 0 -> b 1 R')
    """
    import networkx  # a fifth of a second that no other notation needs

    picture: networkx.MultiDiGraph[Any] = networkx.MultiDiGraph(
        name=quoted(machine.name) if machine.name else "", tapes=machine.tapes, blank=quoted(machine.blank)
    )
    states = graph(machine)
    for state, about in states.nodes(data=True):
        picture.add_node(quoted(state), **about)
    for rule in machine.rules + machine.others:
        attributes = {
            "rule": str(rule),
            "read": " ".join(map(quoted, rule.read)),
            "write": " ".join(map(quoted, rule.write)),
        }
        weight = {} if rule.weight is None else {"weight": rule.weight}
        picture.add_edge(
            quoted(rule.state), quoted(rule.next_state), **attributes, moves=" ".join(rule.moves), **weight
        )
    text = io.BytesIO()
    networkx.write_graphml_xml(picture, text)
    return text.getvalue().decode("utf-8").rstrip("\n") + "\n"


GRAPHML = Notation("graphml", (".graphml",), _share_of_graphml, "<graphml>", None, graphml)


# ------------------------------------------------------------------------------------------------------------- Graphviz


def _is_graphviz(text: str) -> float:
    """1 for a text that begins as DOT does, else 0.

    >>> _is_graphviz("digraph {"), _is_graphviz("graph 0 -> graph 1 R")
    (1.0, 0.0)
    """
    return float(bool(_GRAPHVIZ_BEGINS.match(text)))


def graphviz(machine: Machine) -> str:
    """The machine's state graph in DOT; every machine can be drawn.

    >>> print(graphviz(Machine.read("start: a\\naccept: b\\na 0 -> b 1 R")), end="")
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
    from graphviz import Digraph, escape

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


GRAPHVIZ = Notation("graphviz", (".dot", ".gv"), _is_graphviz, "digraph {", None, graphviz)


# -------------------------------------------------------------------------------------------------------------- Mermaid


def _is_mermaid(text: str) -> float:
    """1 for a text that begins as a state diagram does, else 0.

    >>> _is_mermaid("stateDiagram-v2\\n"), _is_mermaid("a 0 -> b 1 R")
    (1.0, 0.0)
    """
    return float(bool(_MERMAID_BEGINS.match(text)))


def mermaid(machine: Machine) -> str:
    """The machine's state graph for Mermaid; accept states lead to the end mark, every machine can be drawn.

    >>> print(mermaid(Machine.read("start: a\\naccept: b\\na 0 -> b 1 R")), end="")
    stateDiagram-v2
        direction LR
        state "a" as s0
        state "b" as s1
        [*] --> s0
        s0 --> s1 : 0/1,R
        s1 --> [*]
    """
    ids = {state: f"s{number}" for number, state in enumerate(machine.states)}
    lines = ["direction LR"]
    lines += [f'state "{_escaped(quoted(state))}" as {id}' for state, id in ids.items()]
    lines += [f"[*] --> {ids[machine.start]}"]
    for state, next_state, labels in arrows(machine):
        lines.append(f"{ids[state]} --> {ids[next_state]} : {'<br/>'.join(map(_escaped, labels))}")
    lines += [f"{ids[state]} --> [*]" for state in machine.accept]
    return "\n    ".join(["stateDiagram-v2", *lines]) + "\n"


def _escaped(text: str) -> str:
    """The text with every sign that means something to Mermaid, or is not ASCII, by its number."""
    return "".join(c if _PLAIN.fullmatch(c) else f"#{ord(c)};" for c in text)


MERMAID = Notation("mermaid", (".mmd", ".mermaid"), _is_mermaid, "stateDiagram-v2", None, mermaid)

"""A machine as a graph of its states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tm.machine import Machine

if TYPE_CHECKING:
    import networkx

__all__ = ["graph"]


def graph(machine: Machine) -> networkx.MultiDiGraph[Any]:
    """The states as nodes, the rules as edges.

    A node has the attributes `start`, `accept`, `reject` and `halting` (no rule at all), an edge has `rule` and, from
    it, `read`, `write`, `moves` and, where it has one, `weight`. The graph itself has `name`, `tapes` and `blank`.

    >>> from tm import Machine
    >>> states = graph(Machine.read("1RB1LB_1LA1RZ"))
    >>> [(a, b, str(rule)) for a, b, rule in states.edges(data="rule")][:2]
    [('A', 'B', 'A 0 -> B 1 R'), ('A', 'B', 'A 1 -> B 1 L')]
    >>> [state for state, halting in states.nodes(data="halting") if halting]
    ['Z']
    """
    import networkx  # half a second that nothing else of tm needs at once

    states: networkx.MultiDiGraph[Any] = networkx.MultiDiGraph(
        name=machine.name, tapes=machine.tapes, blank=machine.blank
    )
    ruled = {rule.state for rule in machine.rules}
    for state in machine.states:
        states.add_node(
            state,
            start=state == machine.start,
            accept=state in machine.accept,
            reject=state in machine.reject,
            halting=state not in ruled,
        )
    for rule in machine.rules:
        weight = {} if rule.weight is None else {"weight": rule.weight}  # a weight of None would stop networkx
        attributes = {"read": rule.read, "write": rule.write, "moves": rule.moves, **weight}
        states.add_edge(rule.state, rule.next_state, rule=rule, **attributes)
    return states

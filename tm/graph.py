"""A machine as a graph of its states, and what that graph shows at a glance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import networkx

from tm.machine import Machine, Situation
from tm.name import quoted

__all__ = ["Diagnosis", "diagnose", "graph"]


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
        said = {"read": rule.read, "write": rule.write, "moves": rule.moves, **weight}
        states.add_edge(rule.state, rule.next_state, rule=rule, **said)
    return states


@dataclass(frozen=True)
class Diagnosis:
    """What stands out in a machine's states and rules; none of it need be a mistake. Its text says it in sentences.

    `unreachable`: states that no path of rules leads to from the start. `without_rule`: situations of states with
    rules in which the machine halts all the same. `never_halting`: reachable states from which no path of rules leads
    to a situation without one, so that a run that enters one never ends. `drawn`: situations with several rules.
    """

    unreachable: tuple[str, ...]
    without_rule: tuple[Situation, ...]
    never_halting: tuple[str, ...]
    drawn: tuple[Situation, ...]

    def __str__(self) -> str:
        return "\n".join(self._sentences()) or "nothing stands out"

    def _sentences(self) -> Iterator[str]:
        for state in self.unreachable:
            yield f"state {quoted(state)} is never reached from the start"
        for state, symbols in self.without_rule:
            yield f"in state {quoted(state)} no rule reads {','.join(map(quoted, symbols))}: the machine halts there"
        for state in self.never_halting:
            yield f"a run that enters state {quoted(state)} never halts"
        for state, symbols in self.drawn:
            yield f"in state {quoted(state)}, reading {','.join(map(quoted, symbols))}, the machine draws between rules"


def diagnose(machine: Machine) -> Diagnosis:
    """What stands out in a machine: states never reached, situations without a rule, runs that cannot end, draws.

    The paths are those of the graph: whether some tape leads along them is another question, and undecidable.

    >>> from tm import Machine
    >>> print(diagnose(Machine.read("start: a\\na _ -> b _ R\\nb _ -> b _ R\\nc _ -> a _ S")))
    state c is never reached from the start
    a run that enters state a never halts
    a run that enters state b never halts
    """
    states = graph(machine)
    ruled = {rule.state for rule in machine.rules}
    every = [(state, read) for state in machine.states for read in product(machine.symbols, repeat=machine.tapes)]
    counts = {situation: len(machine.rules_for(*situation)) for situation in every}
    reached = {machine.start} | networkx.descendants(states, machine.start)
    halting = {state for (state, _), count in counts.items() if not count}
    ending = halting.union(*(networkx.ancestors(states, state) for state in halting))
    return Diagnosis(
        unreachable=tuple(state for state in machine.states if state not in reached),
        without_rule=tuple(situation for situation in every if not counts[situation] and situation[0] in ruled),
        never_halting=tuple(state for state in machine.states if state in reached and state not in ending),
        drawn=tuple(situation for situation in every if counts[situation] > 1),
    )

"""The tree of a machine's runs, searched breadth first: whether one of them accepts."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from tm.errors import InputError, Problem
from tm.integers import is_integer
from tm.machine import Machine
from tm.rule import Rule
from tm.simulator import Configuration, after, initial
from tm.start import Heads, Input, Start

__all__ = ["MOST_CONFIGURATIONS", "Search", "search"]

MOST_CONFIGURATIONS = 100_000
"""Configurations that a search looks at unless told otherwise: some seconds, and about 100 MB."""


@dataclass(frozen=True)
class Search:
    """What came of a search.

    Attributes:
        accepted: True: `run` accepts. False: the whole tree was searched, and no run does. None: no run does so far, or
            the machine leaves open what it accepts.
        run: the configurations of one run, the initial one first. If one accepts (in a machine that leaves open what it
            accepts: if one halts), the shortest of those; else, of a tree that was searched as a whole, the longest run
            that halts, if any does; else one that goes on.
        halted: whether that run halts.
        configurations: how many different ones were looked at.
        steps: how many steps the search went deep.
        complete: whether it came to an end: the run was found, or every configuration that can be reached was seen.
        wanted: what a run was looked for that does it: "accepts", or "halts" where the machine leaves open what it
            accepts.
    """

    accepted: bool | None
    run: tuple[Configuration, ...]
    halted: bool
    configurations: int
    steps: int
    complete: bool
    wanted: str = "accepts"

    @property
    def found(self) -> bool:
        """Whether a run was found of the kind that was looked for."""
        return self.complete and self.halted and self.accepted is not False

    def __str__(self) -> str:
        count, depth = (
            f"{number:,} {what}{'' if number == 1 else 's'}"
            for number, what in ((self.configurations, "configuration"), (self.steps, "step"))
        )
        if self.found:
            return f"this run {self.wanted}: found among {count}, up to {depth} deep"
        if self.complete:
            return f"no run {self.wanted}: the whole tree was searched, {count}, up to {depth} deep"
        return f"undecided: no run {self.wanted} among {count}, up to {depth} deep, and the tree goes on"


def search(
    machine: Machine,
    input: Input = "",
    *,
    head: Heads = 0,
    max_steps: int = 10_000,
    max_configurations: int = MOST_CONFIGURATIONS,
) -> Search:
    """Search the runs of a machine breadth first, to a depth of `max_steps`, for one that accepts.

    Configurations that several runs come to are looked at once, so a tree without end may be searched as a whole if it
    has loops only. What a machine accepts that has no accepting states, and does not decide, is open: there a run is
    looked for that halts, anywhere but in a rejecting state.

    Raises InputError, as `simulate` does, for a bad input, head or limit.

    >>> guess = Machine.read("nondeterministic: yes\\naccept: end\\na 1 -> a 1 R\\na 1 -> b 1 R\\nb _ -> end _ S")
    >>> found = search(guess, "11")
    >>> found.accepted, [str(configuration.rule) for configuration in found.run[1:]]
    (True, ['a 1 -> a 1 R x 1', 'a 1 -> b 1 R x 1', 'b _ -> end _ S'])
    >>> print(search(guess, ""))
    no run accepts: the whole tree was searched, 1 configuration, up to 0 steps deep
    """
    for limit in (max_steps, max_configurations):
        if not is_integer(limit, 1):
            raise InputError(Problem("the limit of a search is a positive integer", "1 or more", repr(limit)))
    return _Tree(Start.of(machine, input, head)).searched(max_steps, max_configurations)


@dataclass(frozen=True, slots=True, eq=False)
class _Node:
    """A configuration, the node that it was reached from, and a number by which equal ones find each other."""

    configuration: Configuration
    parent: _Node | None
    number: int

    def path(self) -> tuple[Configuration, ...]:
        """The configurations that lead here, the initial one first."""
        configurations, node = [], self
        while True:
            configurations.append(node.configuration)
            if node.parent is None:
                return tuple(reversed(configurations))
            node = node.parent


class _Tree:
    """The nodes seen so far, and those that are still to be looked at, in the order in which they were reached."""

    def __init__(self, start: Start) -> None:
        self.machine = start.machine
        self.wanted = "accepts" if self.machine.accept or self.machine.decides else "halts"
        self.waiting = deque([_Node(initial(start), None, 0)])
        self.seen: dict[tuple[object, ...], list[Configuration]] = {}
        self.count = 0
        self._is_new(self.waiting[0])

    def searched(self, max_steps: int, max_configurations: int) -> Search:
        ended: _Node | None = None
        beyond: _Node | None = None  # one that the limit of steps cuts off
        while self.waiting:
            node = self.waiting.popleft()
            now = node.configuration
            rules = self.machine.rules_for(now.state, now.symbols)
            if not rules:
                if self._is_goal(now.state):
                    return self._found(node)
                ended = node
            elif now.step == max_steps or self.count >= max_configurations:
                beyond = beyond or node
            else:
                fresh = (_Node(after(now, rule), node, self._number(node, rule)) for rule in rules)
                self.waiting.extend(child for child in fresh if self._is_new(child))
            last = node
        depth = last.configuration.step
        if beyond is not None:
            return Search(None, beyond.path(), False, self.count, depth, False, self.wanted)
        rejects = False if self.wanted == "accepts" or ended is not None else None
        run = (ended or last).path()
        return Search(rejects, run, ended is not None, self.count, depth, True, self.wanted)

    def _is_goal(self, state: str) -> bool:
        return state in self.machine.accept if self.wanted == "accepts" else state not in self.machine.reject

    def _found(self, node: _Node) -> Search:
        accepted = True if self.machine.accept else None
        return Search(accepted, node.path(), True, self.count, node.configuration.step, True, self.wanted)

    def _number(self, node: _Node, rule: Rule) -> int:
        """The number of the configuration after a rule: it changes with what is written, and where, in any order."""
        number = node.number
        for tape, (cell, seen, written) in enumerate(zip(node.configuration.heads, rule.read, rule.write, strict=True)):
            if seen != written:
                number ^= hash((tape, cell, seen)) ^ hash((tape, cell, written))
        return number

    def _is_new(self, node: _Node) -> bool:
        """Whether no node before held this configuration; remembers it."""
        now = node.configuration
        alike = self.seen.setdefault((now.state, now.heads, node.number), [])
        if any(other.tapes == now.tapes for other in alike):
            return False
        alike.append(now)
        self.count += 1
        return True

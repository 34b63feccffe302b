"""What the graph of a machine's states shows at a glance: situations without a rule, endless loops, dead states.

Loops are proved from the rules alone: running away over blank cells, and standing still.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, product
from operator import contains
from typing import Any

import networkx

from tm.machine import Machine
from tm.rule import Rule, Situation
from tm.text import quoted

__all__ = ["Diagnosis", "diagnose", "possible_situations", "running_away", "standing_still"]

SAID = 4
"""Situations of one state that the text of a diagnosis speaks of."""
LISTED = 10_000
LISTED_OF_STATE = 100
"""Situations without a rule that a diagnosis lists, of which one state has these at most: several tapes have more of
them than any memory holds."""


@dataclass(frozen=True)
class Diagnosis:
    """What stands out in a machine's states and rules. Its text says it in sentences.

    These are mistakes, or left over from some, and make `sound` False:
    `unreachable`: states that no path of rules leads to from the start. `never_applied`: rules of the other states for
    what is never read there. `never_halting`: reachable states from which no path of rules leads to a situation without
    one, so that a run that enters one never ends. `standing_still`: situations from which no head ever moves again,
    though rules apply for ever.

    These may well be meant: `without_rule`: situations of states with rules in which the machine halts all the same
    (the first of them), and `halts_in`: those states, each with how many such situations it has.
    `dead_ends`: reachable states without rules that neither accept nor reject, in a machine where others do.
    `running_away`: states in which the machine moves on for ever where the rest of the tape is blank, each with L or R.
    `drawn`: situations with several rules.
    """

    unreachable: tuple[str, ...]
    without_rule: tuple[Situation, ...]
    halts_in: tuple[tuple[str, int], ...]
    never_halting: tuple[str, ...]
    drawn: tuple[Situation, ...]
    never_applied: tuple[Rule, ...]
    dead_ends: tuple[str, ...]
    running_away: tuple[tuple[str, str], ...]
    standing_still: tuple[Situation, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing stands out that looks like a mistake."""
        return not (self.unreachable or self.never_applied or self.never_halting or self.standing_still)

    def __str__(self) -> str:
        return "\n".join(self._sentences()) or "nothing stands out"

    def _sentences(self) -> Iterator[str]:
        for state in self.unreachable:
            yield f"state {quoted(state)} is never reached from the start"
        yield from self._halts()
        for state in self.never_halting:
            yield f"a run that enters state {quoted(state)} never halts"
        for rule in self.never_applied:
            why = f"in state {quoted(rule.state)} the machine only reads what it wrote just before"
            yield f"the rule {rule} never applies: {why}"
        for state, symbols in self.standing_still:
            yield f"in state {quoted(state)}, reading {_list(symbols)}, the machine goes on for ever without moving"
        for state in self.dead_ends:
            yield f"state {quoted(state)} halts, but neither accepts nor rejects"
        for state, way in self.running_away:
            yield f"in state {quoted(state)}, with only blanks to the {_WAYS[way]}, the machine moves on for ever"
        for state, symbols in self.drawn:
            yield f"in state {quoted(state)}, reading {_list(symbols)}, several rules apply"

    def _halts(self) -> Iterator[str]:
        first: dict[str, list[str]] = {}
        for state, symbols in self.without_rule:
            first.setdefault(state, []).append(_list(symbols))
        for state, count in self.halts_in:
            reads = first.get(state, [])
            first_few = reads if len(reads) == count <= SAID else reads[: SAID - 1]
            for read in first_few:
                yield f"in state {quoted(state)} no rule reads {read}: the machine halts there"
            if more := count - len(first_few):
                yield f"in state {quoted(state)} no rule reads {_count(more)} more situations: the machine halts there"


_WAYS = {"L": "left", "R": "right"}


def _list(symbols: tuple[str, ...]) -> str:
    return ",".join(map(quoted, symbols))


def _count(number: int) -> str:
    return f"{number:,}" if number < 10**18 else f"more than 10^{math.floor((number.bit_length() - 1) * math.log10(2))}"


def diagnose(machine: Machine) -> Diagnosis:
    """What stands out in a machine: states never reached, situations without a rule, runs that cannot end, draws.

    The paths are those of the graph: whether some tape leads along them is another question, and undecidable.

    >>> from tm import Machine
    >>> print(diagnose(Machine.read("start: a\\na _ -> b _ R\\nb _ -> b _ R\\nc _ -> a _ S")))
    state c is never reached from the start
    a run that enters state a never halts
    a run that enters state b never halts
    """
    arrows = _arrows(machine)
    ruled = {rule.state for rule in machine.rules}
    reached = {machine.start} | networkx.descendants(arrows, machine.start)
    missing = _missing(machine)
    halting = [state for state, count in missing.items() if count]
    ending = set(chain.from_iterable(networkx.bfs_layers(arrows.reverse(copy=False), halting)))
    endless = {state for state in reached if state not in ending}
    halts_in = tuple((state, missing[state]) for state in halting if state in ruled)
    possible = possible_situations(machine)
    final = {*machine.accept, *machine.reject}
    choices = Counter(rule.situation for rule in machine.rules)
    dead = reached - ruled - final if final else set()
    return Diagnosis(
        unreachable=tuple(state for state in machine.states if state not in reached),
        without_rule=tuple(islice(_without_rule(machine, (state for state, _ in halts_in)), LISTED)),
        halts_in=halts_in,
        never_halting=tuple(state for state in machine.states if state in endless),
        drawn=tuple(situation for situation, count in choices.items() if count > 1),
        never_applied=tuple(rule for rule in machine.rules if rule.state in reached and not _applies(rule, possible)),
        dead_ends=tuple(state for state in machine.states if state in dead),
        running_away=tuple(pair for pair in running_away(machine) if pair[0] in reached and pair[0] not in endless),
        standing_still=tuple(situation for situation in standing_still(machine) if situation[0] in reached),
    )


def _arrows(machine: Machine) -> networkx.DiGraph[Any]:
    """Which state leads to which, and no more: a hundred thousand rules with all they say would take gigabytes."""
    arrows: networkx.DiGraph[Any] = networkx.DiGraph()
    arrows.add_nodes_from(machine.states)
    arrows.add_edges_from((rule.state, rule.next_state) for rule in machine.rules)
    return arrows


def _missing(machine: Machine) -> dict[str, int]:
    """For each state, in how many situations it has no rule: counted, since listing them would never end."""
    every = len(machine.symbols) ** machine.tapes
    ruled = Counter(state for state, _ in {rule.situation for rule in machine.rules})
    return {state: every - ruled[state] for state in machine.states}


def _without_rule(machine: Machine, states: Iterable[str]) -> Iterator[Situation]:
    for state in states:
        every = ((state, symbols) for symbols in product(machine.symbols, repeat=machine.tapes))
        yield from islice((situation for situation in every if not machine.rules_for(*situation)), LISTED_OF_STATE)


def _applies(rule: Rule, possible: dict[str, list[set[str]]]) -> bool:
    """Whether a rule reads something that may be read in its state."""
    here = possible.get(rule.state)
    return here is not None and all(symbol in seen for symbol, seen in zip(rule.read, here, strict=True))


# ---------------------------------------------------------------------------------------------------------------- loops


def running_away(machine: Machine) -> Iterator[tuple[str, str]]:
    """The states, each with L or R, in which a machine of one tape moves on for ever once all cells that way are blank.

    The run is followed from a blank cell with nothing but blanks ahead: where it comes to a new cell in a state in
    which it came to one before, without ever turning back, it does so for ever.

    >>> list(running_away(Machine.read("a _ -> b 1 R\\nb _ -> a 0 R\\na 1 -> b 1 L")))
    [('a', 'R'), ('b', 'R')]
    """
    if machine.tapes > 1:
        return
    blank, looping = (machine.blank,), {}
    for way in ("L", "R"):

        def moves_on(loop: list[Situation], way: str = way) -> bool:
            return any(machine.rules_for(*situation)[0].moves == (way,) for situation in loop)

        looping[way] = _looping(_walk(machine, way), ((state, blank) for state in machine.states), moves_on)
    for state in machine.states:
        yield from ((state, way) for way in looping if (state, blank) in looping[way])


def _walk(machine: Machine, way: str) -> Callable[[Situation], Situation | None]:
    """What follows a situation while the machine stays or moves one way, where every cell that it comes to is blank."""

    def successor(situation: Situation) -> Situation | None:
        rules = machine.rules_for(*situation)
        if len(rules) != 1 or rules[0].moves[0] not in (way, "S"):
            return None
        return rules[0].next_state, (machine.blank,) if rules[0].moves[0] == way else rules[0].write

    return successor


def _looping(
    successor: Callable[[Situation], Situation | None],
    starts: Iterable[Situation],
    counts: Callable[[list[Situation]], bool] = bool,
) -> set[Situation]:
    """The situations, on the paths from `starts`, from which one comes into a loop; only loops that are wanted count.

    Each situation is looked at once, however many paths lead through it.
    """
    visited, looping = set[Situation](), set[Situation]()
    for start in starts:
        path: dict[Situation, None] = {}
        now: Situation | None = start
        while now is not None and now not in visited:
            visited.add(now)
            path[now] = None
            now = successor(now)
        if now in looping or (now in path and counts(list(path)[list(path).index(now) :])):
            looping.update(path)
    return looping


def standing_still(machine: Machine) -> Iterator[Situation]:
    """The situations from which the machine goes on for ever without moving a head.

    >>> list(standing_still(Machine.read("a 0 -> b 1 S\\nb 1 -> a 0 S\\na 1 -> a 1 R")))
    [('a', ('0',)), ('b', ('1',))]
    """

    def successor(situation: Situation) -> Situation | None:
        rules = machine.rules_for(*situation)
        if len(rules) != 1 or set(rules[0].moves) != {"S"}:
            return None
        return rules[0].next_state, rules[0].write

    looping = _looping(successor, (rule.situation for rule in machine.rules))
    return (rule.situation for rule in machine.rules if rule.situation in looping)


def possible_situations(machine: Machine) -> dict[str, list[set[str]]]:
    """For every state, tape by tape, the symbols that may be read there: all, unless no head ever moves on the way.

    In the start state every symbol may be read, and wherever a head has moved; where it stayed, what it wrote. A state
    that is not in the answer is never entered. Tapes are taken one by one, so more may be listed than is possible.

    >>> possible_situations(Machine.read("a 0 -> b 1 S\\nb 1 -> c 1 R\\nd 0 -> a 0 R"))["b"]
    [{'1'}]
    """
    every = set(machine.symbols)  # one set for all places where any symbol may be read: there are thousands
    possible: dict[str, list[set[str]]] = {}
    rules_of, readers = dict[str, list[Rule]](), dict[tuple[str, int, str], list[Rule]]()
    for rule in machine.rules:
        rules_of.setdefault(rule.state, []).append(rule)
        for tape, symbol in enumerate(rule.read):
            readers.setdefault((rule.state, tape, symbol), []).append(rule)

    def enter(state: str, written: Iterable[str | None]) -> Iterator[Rule]:
        """Note what may be read in a state, tape by tape (None: anything); the rules that may apply for it."""
        here = possible.setdefault(state, [set() for _ in range(machine.tapes)])
        for tape, symbol in enumerate(written):
            if symbol is None and here[tape] is not every:
                here[tape] = every
                yield from rules_of.get(state, ())
            elif symbol is not None and symbol not in here[tape]:
                here[tape].add(symbol)
                yield from readers.get((state, tape, symbol), ())

    waiting, applied = list(enter(machine.start, [None] * machine.tapes)), set[Rule]()
    while waiting:
        rule = waiting.pop()
        if rule not in applied and all(map(contains, possible[rule.state], rule.read)):
            applied.add(rule)
            actions = zip(rule.write, rule.moves, strict=True)
            waiting += enter(rule.next_state, (symbol if move == "S" else None for symbol, move in actions))
    return possible

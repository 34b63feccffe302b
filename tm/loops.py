"""Loops that can be proved from the rules alone: running away over blank cells, and standing still."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import contains

from tm.machine import Machine
from tm.rule import Rule, Situation

__all__ = ["possible_situations", "running_away", "standing_still"]


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

    def following(situation: Situation) -> Situation | None:
        rules = machine.rules_for(*situation)
        if len(rules) != 1 or rules[0].moves[0] not in (way, "S"):
            return None
        return rules[0].next_state, (machine.blank,) if rules[0].moves[0] == way else rules[0].write

    return following


def _looping(
    following: Callable[[Situation], Situation | None],
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
            now = following(now)
        if now in looping or (now in path and counts(list(path)[list(path).index(now) :])):
            looping.update(path)
    return looping


def standing_still(machine: Machine) -> Iterator[Situation]:
    """The situations from which the machine goes on for ever without moving a head.

    >>> list(standing_still(Machine.read("a 0 -> b 1 S\\nb 1 -> a 0 S\\na 1 -> a 1 R")))
    [('a', ('0',)), ('b', ('1',))]
    """

    def following(situation: Situation) -> Situation | None:
        rules = machine.rules_for(*situation)
        if len(rules) != 1 or set(rules[0].moves) != {"S"}:
            return None
        return rules[0].next_state, rules[0].write

    looping = _looping(following, (rule.situation for rule in machine.rules))
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
            moved = zip(rule.write, rule.moves, strict=True)
            waiting += enter(rule.next_state, (symbol if move == "S" else None for symbol, move in moved))
    return possible

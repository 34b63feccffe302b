"""Loops that can be proved from the rules alone: running away over blank cells, and standing still."""

from __future__ import annotations

from collections.abc import Iterator

from tm.machine import Machine, Situation

__all__ = ["possible_situations", "running_away", "standing_still"]


def running_away(machine: Machine) -> Iterator[tuple[str, str]]:
    """The states, each with L or R, in which a machine of one tape moves on for ever once all cells that way are blank.

    The run is followed from a blank cell with nothing but blanks ahead: where it comes to a new cell in a state in
    which it came to one before, without ever turning back, it does so for ever.

    >>> list(running_away(Machine.read("a _ -> b 1 R\\nb _ -> a 0 R\\na 1 -> b 1 L")))
    [('a', 'R'), ('b', 'R')]
    """
    if machine.tapes == 1:
        for state in machine.states:
            for way in ("L", "R"):
                if _runs_away(machine, state, way):
                    yield state, way


def _runs_away(machine: Machine, state: str, way: str) -> bool:
    symbol, path = machine.blank, dict[tuple[str, str], str]()  # the move in each situation, in order
    while (state, symbol) not in path:
        rules = machine.rules_for(state, (symbol,))
        if len(rules) != 1 or rules[0].moves[0] not in (way, "S"):
            return False
        path[state, symbol] = rules[0].moves[0]
        moved = rules[0].moves[0] == way
        state, symbol = rules[0].next_state, machine.blank if moved else rules[0].write[0]
    loop = list(path).index((state, symbol))
    return way in list(path.values())[loop:]


def standing_still(machine: Machine) -> Iterator[Situation]:
    """The situations from which the machine goes on for ever without moving a head.

    >>> list(standing_still(Machine.read("a 0 -> b 1 S\\nb 1 -> a 0 S\\na 1 -> a 1 R")))
    [('a', ('0',)), ('b', ('1',))]
    """
    for rule in machine.rules:
        state, symbols = rule.situation
        seen = set()
        while (state, symbols) not in seen:
            seen.add((state, symbols))
            rules = machine.rules_for(state, symbols)
            if len(rules) != 1 or set(rules[0].moves) != {"S"}:
                break
            state, symbols = rules[0].next_state, rules[0].write
        else:
            yield rule.situation


def possible_situations(machine: Machine) -> dict[str, list[set[str]]]:
    """For every state, tape by tape, the symbols that may be read there: all, unless no head ever moves on the way.

    In the start state every symbol may be read, and wherever a head has moved; where it stayed, what it wrote. A state
    that is not in the answer is never entered. Tapes are taken one by one, so more may be listed than is possible.

    >>> possible_situations(Machine.read("a 0 -> b 1 S\\nb 1 -> c 1 R\\nd 0 -> a 0 R"))["b"]
    [{'1'}]
    """
    every = set(machine.symbols)
    possible = {machine.start: [set(every) for _ in range(machine.tapes)]}
    changed = True
    while changed:
        changed = False
        for rule in machine.rules:
            here = possible.get(rule.state)
            if here is None or not all(symbol in seen for symbol, seen in zip(rule.read, here, strict=True)):
                continue
            there = possible.setdefault(rule.next_state, [set() for _ in range(machine.tapes)])
            for seen, symbol, move in zip(there, rule.write, rule.moves, strict=True):
                more = {symbol} if move == "S" else every
                changed |= not more <= seen
                seen |= more
    return possible

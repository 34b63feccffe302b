"""Plain simulators to be compared with: a Python loop over a dictionary, the same compiled by numba, automata-lib."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiled_models.machine_code.stored import stored
from tm import Input, Machine, Start

__all__ = ["ArraySimulator", "AutomataSimulator", "CannotRunError", "DictionarySimulator"]

ROOM = 1 << 21  # cells to either side of cell 0
STEP = {"L": -1, "S": 0, "R": 1}


class CannotRunError(ValueError):
    """A machine that a simulator has no means to run, or a simulator that is not there."""


class DictionarySimulator:
    """The simulator that one writes first: rules and tapes in dictionaries.

    >>> DictionarySimulator(Machine.read("1RB1LB_1LA1RZ"), "").run(100)
    6
    """

    def __init__(self, machine: Machine, input: Input) -> None:
        start = Start.of(machine, input)
        self.machine = machine = start.machine
        self.rules = {
            (rule.state, rule.read): (rule.next_state, rule.write, [STEP[move] for move in rule.moves])
            for rule in machine.rules
        }
        self.tapes = [dict(enumerate(cells)) for cells in start.input]

    def run(self, limit: int) -> int:
        """Take up to `limit` steps; return how many."""
        rules, tapes, state, blank = self.rules, self.tapes, self.machine.start, self.machine.blank
        heads, tracks = [0] * self.machine.tapes, range(self.machine.tapes)
        for steps in range(limit):
            action = rules.get((state, tuple([tapes[i].get(heads[i], blank) for i in tracks])))
            if action is None:
                return steps
            state, write, moves = action
            for i in tracks:
                tapes[i][heads[i]] = write[i]
                heads[i] += moves[i]
        return limit


class ArraySimulator:
    """A simulator over arrays, compiled by numba (before the clock starts); a head must not leave its 4 million cells.

    >>> ArraySimulator(Machine.read("1RB1LB_1LA1RZ"), "").run(100)
    6
    """

    def __init__(self, machine: Machine, input: Input) -> None:
        start = Start.of(machine, input)
        machine = start.machine
        symbols = {symbol: i for i, symbol in enumerate(machine.symbols)}
        states = {state: i for i, state in enumerate(machine.states)}
        self.symbols = len(symbols)
        self.table = np.full((len(states) * len(symbols) ** machine.tapes, 1 + 2 * machine.tapes), -1, dtype=np.int64)
        for rule in machine.rules:
            row = states[rule.state]
            for symbol in rule.read:
                row = row * len(symbols) + symbols[symbol]
            writes = [symbols[symbol] for symbol in rule.write]
            self.table[row] = [states[rule.next_state], *writes, *(STEP[move] for move in rule.moves)]
        self.tapes = np.zeros((machine.tapes, 2 * ROOM), dtype=np.int8)
        for tape, cells in enumerate(start.input):
            self.tapes[tape, ROOM : ROOM + len(cells)] = [symbols[symbol] for symbol in cells]
        self._advance = _one_head if machine.tapes == 1 else _several_heads
        self._advance(self.table, self.tapes.copy(), self.symbols, 1)

    def run(self, limit: int) -> int:
        """Take up to `limit` steps; return how many."""
        return int(self._advance(self.table, self.tapes, self.symbols, limit))


@stored
def _one_head(table: NDArray[np.int64], tapes: NDArray[np.int8], symbols: int, limit: int) -> int:
    tape, head, state = tapes[0], ROOM, 0
    for steps in range(limit):
        row = state * symbols + tape[head]
        if table[row, 0] < 0:
            return steps
        state = table[row, 0]
        tape[head] = table[row, 1]
        head += table[row, 2]
    return limit


@stored
def _several_heads(table: NDArray[np.int64], tapes: NDArray[np.int8], symbols: int, limit: int) -> int:
    k, state = len(tapes), 0
    heads = np.full(k, ROOM)
    for steps in range(limit):
        row = state
        for i in range(k):
            row = row * symbols + tapes[i, heads[i]]
        if table[row, 0] < 0:
            return steps
        state = table[row, 0]
        for i in range(k):
            tapes[i, heads[i]] = table[row, 1 + i]
            heads[i] += table[row, 1 + k + i]
    return limit


class AutomataSimulator:
    """automata-lib's deterministic Turing machine, stepwise (one tape only).

    Raises:
        CannotRunError: for several tapes, and if automata-lib is not installed.
    """

    def __init__(self, machine: Machine, input: Input) -> None:
        try:
            from tm.notation.automata_lib import to_automata
        except ImportError as error:
            raise CannotRunError("automata-lib is not installed") from error
        if machine.tapes > 1:
            raise CannotRunError("its machines of several tapes are nondeterministic, and put all input on the first")
        start = Start.of(machine, input)
        self.machine: Any = to_automata(start.machine)
        self.input = "".join(start.input[0])

    def run(self, limit: int) -> int:
        """Take up to `limit` steps; return how many."""
        from automata.base.exceptions import RejectionException

        steps = -1  # the first configuration is the initial one
        try:
            for _ in self.machine.read_input_stepwise(self.input):
                steps += 1
                if steps == limit:
                    break
        except RejectionException:
            pass
        return steps

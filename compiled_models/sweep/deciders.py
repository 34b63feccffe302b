"""Deciders: simple proofs that a machine never halts. By simulation: they are about machines, not about networks.

Both are known from the busy beaver literature (https://bbchallenge.org, method 1 and 2):

- **cycler**: a configuration (state, tapes, head) occurs twice. What follows a configuration is determined by it, so it
  occurs again and again.
- **translated cycler**: the head reaches a cell beyond all earlier ones twice, at times t1 < t2, in the same state; say
  both to the right, at cells p1 < p2. Let m be the leftmost cell that it visits from t1 to t2. If the tape from m to p1
  at t1 is the tape from m + p2 - p1 to p2 at t2, then everything that happens from t1 to t2, which depends on these
  cells and on blank ones to the right alone, happens again from t2 on, p2 - p1 cells further right; and so on for ever.

What neither knows (machines that count, or that bounce between two ends that move apart) stays open.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from compiled_models.machine_code.stored import stored

__all__ = ["DECIDERS", "never_halts"]

Integers = NDArray[np.int64]
DECIDERS = ("", "cycler", "translated cycler")
"""By the number that the decider gives; 0: not decided."""


def never_halts(machines: Integers, states: int, symbols: int, steps: int) -> list[str]:
    """Which decider proves that a machine [r s] (see `BusyBeaver`) goes on for ever from the blank tape; "": none.

    Args:
        steps: how many steps are looked at; no machine may halt within them.

    >>> never_halts(np.array([[1, 3]]), states=1, symbols=2, steps=10)  # A0 -> 0RA, A1 -> 1RA
    ['translated cycler']
    >>> never_halts(np.array([[5, -1, 0, -1]]), states=2, symbols=2, steps=10)  # A0 -> 0RB, B0 -> 0LA
    ['cycler']
    """
    return [DECIDERS[number] for number in _decided(machines.astype(np.int64), states, symbols, steps)]


@njit
def _is_cycler(tape, written, state, head, steps):  # type: ignore[no-untyped-def]
    """Whether the last configuration occurred before: go back step by step, and count the cells that differ."""
    earlier, differ = tape.copy(), 0
    for t in range(steps - 1, -1, -1):
        cell = head[t]
        differ += (written[t] != tape[cell]) - (earlier[cell] != tape[cell])
        earlier[cell] = written[t]
        if differ == 0 and state[t] == state[steps] and head[t] == head[steps]:
            return True
    return False


@njit
def _is_translated(tape, written, state, head, steps, way):  # type: ignore[no-untyped-def]
    """Whether the last record, `way` 1 to the right or -1 to the left, is an earlier one in the same state, moved."""
    furthest = np.zeros(steps + 1, dtype=np.int64)  # before each time, as seen in that direction
    furthest[0] = way * head[0] - 1
    for t in range(steps):
        furthest[t + 1] = max(furthest[t], way * head[t])
    earlier, later = tape.copy(), tape.copy()
    last, low = -1, 0
    for t in range(steps, -1, -1):
        if t < steps:
            earlier[head[t]] = written[t]
        low = min(low, way * head[t])
        if way * head[t] <= furthest[t]:
            continue
        if last < 0:  # the last record
            last, low, later = t, way * head[t], earlier.copy()
        elif state[t] == state[last]:
            same, moved = True, head[last] - head[t]
            for cell in range(low, way * head[t] + 1):
                same &= earlier[way * cell] == later[way * cell + moved]
            if same:
                return True
    return False


@stored
def _decided(machines, states, symbols, steps):  # type: ignore[no-untyped-def]
    """The number of the decider of each machine."""
    numbers = np.zeros(len(machines), dtype=np.int64)
    tape = np.zeros(2 * steps + 3, dtype=np.int64)  # cells left of the first are at its end
    written = np.zeros(steps, dtype=np.int64)  # what stood in the cell before each step
    state, head = np.zeros(steps + 1, dtype=np.int64), np.zeros(steps + 1, dtype=np.int64)
    for row in range(len(machines)):
        tape[:] = 0
        state[0], head[0], n = 0, 0, 0
        while n < steps:
            action = machines[row, state[n] * symbols + tape[head[n]]]
            if action < 0 or action // (2 * symbols) >= states:
                break
            written[n] = tape[head[n]]
            tape[head[n]] = action // 2 % symbols
            state[n + 1], head[n + 1] = action // (2 * symbols), head[n] + 2 * (action % 2) - 1
            n += 1
        if n < steps:
            continue
        if _is_cycler(tape, written, state, head, steps):
            numbers[row] = 1
        elif _is_translated(tape, written, state, head, steps, 1) or _is_translated(
            tape, written, state, head, steps, -1
        ):
            numbers[row] = 2
    return numbers

"""The busy beaver by prompting and by plain simulation: the same tree, twice, and how long each takes.

    python benchmarks/beaver.py [--states 4] [--symbols 2] [--limit 107]

The simulator's tree shares nothing with the library's: one machine after another, depth first, in numba. Exit status 1
if they differ in machines, halting machines, most steps or most ones.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
from numba import njit

from compiled_models.sweep import busy_beaver
from construction import base_network

__all__ = ["enumerated"]


@njit
def simulated(rules, tape, symbols, halting, limit):  # type: ignore[no-untyped-def]
    """Steps, ones and the situation that lacks a rule (-1: it halts, -2: it goes on) of a machine from a blank tape."""
    tape[:] = 0
    head, state = limit + 1, 0
    for n in range(limit):
        action = rules[state * symbols + tape[head]]
        if action < 0:
            return n, (tape > 0).sum(), state * symbols + tape[head]
        tape[head] = action // 2 % symbols
        head += 2 * (action % 2) - 1
        state = action // (2 * symbols)
        if state == halting:
            return n + 1, (tape > 0).sum(), -1
    return limit, 0, -2


@njit
def offered(rules, states, symbols):  # type: ignore[no-untyped-def]
    """How many rules may stand in one more situation, beside 1RZ, and how many symbols they may write."""
    used, written, given = 1, 1, 0
    for action in rules:
        if action >= 0:
            given += 1
            written = max(written, action // 2 % symbols + 1)
            if action // (2 * symbols) < states:
                used = max(used, action // (2 * symbols) + 1)
    writes = min(written + 1, symbols)
    return (min(used + 1, states) * writes * 2 if given < len(rules) - 1 else 0), writes


@njit
def enumerated(states, symbols, limit):  # type: ignore[no-untyped-def]
    """Machines, halting machines, most steps and most ones of the tree, depth first."""
    size = states * symbols
    rules, tape = np.full(size, -1), np.zeros(2 * limit + 3, dtype=np.int64)
    rules[0] = (min(1, states - 1) * symbols + 1) * 2 + 1
    place, option = np.zeros(size + 1, dtype=np.int64), np.zeros(size + 1, dtype=np.int64)
    machines, halted, most_steps, most_ones, depth = 0, 0, 0, 0, 0
    while True:
        steps, ones, situation = simulated(rules, tape, symbols, states, limit)
        if situation >= 0:
            depth += 1
            place[depth], option[depth] = situation, -1
        else:
            machines += 1
            if situation == -1:
                halted += 1
                most_steps, most_ones = max(most_steps, steps), max(most_ones, ones)
        while depth > 0:  # the next rule in the deepest place that has one left
            rules[place[depth]] = -1
            choices, writes = offered(rules, states, symbols)
            option[depth] += 1
            if option[depth] <= choices:
                break
            depth -= 1
        if depth == 0:
            return machines, halted, most_steps, most_ones
        number = option[depth]
        if number == 0:
            rules[place[depth]] = (states * symbols + 1) * 2 + 1  # 1RZ
        else:
            rest, move = (number - 1) // 2, (number - 1) % 2
            rules[place[depth]] = (rest // writes * symbols + rest % writes) * 2 + move


def main() -> int:
    """Run both, print both."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--states", type=int, default=4, choices=range(2, 6))
    parser.add_argument("--symbols", type=int, default=2)
    parser.add_argument("--limit", type=int, default=107)
    given = parser.parse_args()
    network = base_network(states=max(8, given.states + 1), symbols=max(4, given.symbols))
    enumerated(1, 2, 5)  # compiles
    busy_beaver(network, 2, limit=10)
    started = time.perf_counter()
    plain = enumerated(given.states, given.symbols, given.limit)
    simulated_at = time.perf_counter()
    survey = busy_beaver(network, given.states, given.symbols, limit=given.limit)
    ended = time.perf_counter()
    prompted = survey.machines, survey.halted, survey.steps, survey.ones
    for name, what, seconds in (
        ("simulator", plain, simulated_at - started),
        ("network", prompted, ended - simulated_at),
    ):
        machines, halted, steps, ones = what
        print(f"{name:<10} {machines:,} machines, {halted:,} halt, {steps} steps, {ones} ones: {seconds:.2f} s")
    ratio = (simulated_at - started) / (ended - simulated_at)
    print(f"{survey.prompts:,} prompts, {survey.tokens:,} tokens, deciders and all; ratio {ratio:.3f}")
    return int(tuple(plain) != prompted)


if __name__ == "__main__":
    sys.exit(main())

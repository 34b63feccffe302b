"""One table of runs, used at every level, from the simulator to the networks; and random runs, from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from random import Random

from tm import MOVES, Heads, Input, Machine, Rule, library

STEPS = 500
"""The step limit of every run of the table: enough for most to halt, few enough tokens for a dense pass."""


@dataclass(frozen=True)
class Case:
    """A run: all that `simulate` takes."""

    name: str
    machine: Machine
    input: Input = ""
    head: Heads = 0
    seed: int | None = None
    max_steps: int = STEPS

    def __str__(self) -> str:
        return self.name


def _table() -> tuple[Case, ...]:
    cases = []
    for name in library.names():
        machine = library.load(name)
        for number, example in enumerate(library.examples(name), 1):
            cases.append(Case(f"{name}-{number}", machine, example.input, example.head, example.seed))
    return tuple(cases)


TABLE = _table()
"""Every example of the library, by the names of its machine and its place there."""


def random_machine(rng: Random, tapes: int = 1, states: int = 4, symbols: int = 3, stochastic: bool = False) -> Machine:
    """A machine of these sizes (the halting states and the blank counted), whose rules are drawn.

    Moves include staying; some machines lack rules, have no halting state, or accept or reject in one. In a stochastic
    machine every rule has a weight and some situations have several.
    """
    names = [f"q{i}" for i in range(states)]
    alphabet = ["_", *"0123456789"][:symbols]
    halting = names[states - rng.randrange(min(states, 3)) :]
    accept = [state for state in halting if rng.random() < 0.5]
    reject = [state for state in halting if state not in accept and rng.random() < 0.5]
    missing = rng.choice([0.0, 0.02, 0.1, 0.3])
    rules = []
    for state, read in product(names[: states - len(halting)], product(alphabet, repeat=tapes)):
        for _ in range(rng.randint(1, 3) if stochastic else 1):
            if rng.random() >= missing:
                write = tuple(rng.choices(alphabet, k=tapes))
                moves = tuple(rng.choices(MOVES, weights=[3, 1, 3], k=tapes))
                rules.append(
                    Rule(state, read, rng.choice(names), write, moves, rng.randint(1, 4) if stochastic else None)
                )
    rng.shuffle(rules)
    return Machine(
        name="random",
        tapes=tapes,
        start="q0",
        accept=accept,
        reject=reject,
        rules=rules,
        states=names,
        symbols=alphabet,
    )


def random_case(seed: int, stochastic: bool = False, max_tapes: int = 3, max_steps: int = 120) -> Case:
    """A run of a random machine: inputs with blanks inside, heads anywhere near them, negative cells too."""
    rng = Random(seed)
    tapes = rng.randint(1, max_tapes)
    machine = random_machine(rng, tapes, rng.randint(2, 7), rng.randint(2, 4), stochastic)
    input = tuple(tuple(rng.choices(machine.symbols, k=rng.randrange(8))) for _ in range(tapes))
    head = tuple(rng.randint(-4, len(symbols) + 3) if rng.random() < 0.5 else 0 for symbols in input)
    return Case(f"random-{seed}", machine, input, head, seed if stochastic else None, max_steps)

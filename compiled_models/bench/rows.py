"""Many prompts at once, against one kernel for each and a simulator: `python -m compiled_models.bench.rows COUNT ...`.

A row is a random machine of 4 states and 2 symbols on a blank tape, for at most 107 steps: the prompts are of nine or
ten tokens, the runs of all lengths.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from compiled_models.bench.measure import BenchError
from compiled_models.decoding import KernelDecoder
from compiled_models.machine_code.stored import stored
from compiled_models.sweep.beaver import BusyBeaver
from construction import Codec, base_network
from construction.codec import Prompt
from tm import Problem

__all__ = ["COUNTS", "RowsMeasurement", "measured_rows", "random_machines", "steps_of_rows"]

COUNTS = (1, 10, 100, 1_000, 10_000, 100_000)
STATES, SYMBOLS, LIMIT = 4, 2, 107
MOST_ALONE = 10  # rows to which a kernel each is given: setting one up takes a third of a second

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RowsMeasurement:
    """What one contestant did with so many rows: `steps` in all, in `seconds`, what is set up once for all left out."""

    contestant: str
    rows: int
    steps: int
    seconds: float

    @property
    def rate(self) -> float:
        """Steps a second."""
        return self.steps / self.seconds if self.seconds else 0.0


def measured_rows(counts: tuple[int, ...] = COUNTS) -> list[RowsMeasurement]:
    """The batch, kernels of their own and the simulator with each count of rows, in a fresh process.

    Raises:
        BenchError: where it breaks, or they do not take the same steps.
    """
    command = [sys.executable, "-m", __name__, *map(str, counts)]
    alone = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=alone)
    if done.returncode:
        raise BenchError(Problem("the measurement of rows breaks", found=done.stderr.strip()))
    return [RowsMeasurement(**measured) for measured in json.loads(done.stdout)]


def random_machines(count: int, seed: int = 0) -> Integers:
    """Machines [r s], an action in each situation as `BusyBeaver` has them; the first rule is A0 -> 1RB."""
    drawn = np.random.default_rng(seed).integers((STATES + 1) * SYMBOLS * 2, size=(count, STATES * SYMBOLS))
    drawn[:, 0] = (SYMBOLS + 1) * 2 + 1
    return drawn


@stored
def steps_of_rows(machines: Integers, states: int, symbols: int, limit: int) -> int:
    """The steps of all machines from a blank tape together, by plain simulation."""
    total, tape = 0, np.zeros(2 * limit + 3, dtype=np.int64)
    for row in range(len(machines)):
        tape[:] = 0
        head, state = limit + 1, 0
        for _ in range(limit):
            if state == states:
                break
            action = machines[row, state * symbols + tape[head]]
            tape[head] = action // 2 % symbols
            head += 2 * (action % 2) - 1
            state = action // (2 * symbols)
            total += 1
    return total


def _measure(counts: list[int]) -> list[RowsMeasurement]:
    network = base_network(states=8, symbols=4)
    tree = BusyBeaver(network, STATES, SYMBOLS, LIMIT)
    warm = tree.prompts(random_machines(2))
    list(tree.rows.generate(warm, LIMIT))
    _alone(network, tree.codec, tree, warm)
    steps_of_rows(random_machines(2), STATES, SYMBOLS, LIMIT)
    measured = []
    for count in counts:
        machines = random_machines(count)
        prompts = tree.prompts(machines)
        began = time.perf_counter()
        batch = sum(int((made.made - made.stopped).sum()) for made in tree.rows.generate(prompts, LIMIT))
        measured.append(RowsMeasurement("batch", count, batch, time.perf_counter() - began))
        if count <= MOST_ALONE:
            began = time.perf_counter()
            alone = _alone(network, tree.codec, tree, prompts)
            measured.append(RowsMeasurement("a kernel each", count, alone, time.perf_counter() - began))
        began = time.perf_counter()
        plain = int(steps_of_rows(machines, STATES, SYMBOLS, LIMIT))
        measured.append(RowsMeasurement("numba simulator", count, plain, time.perf_counter() - began))
        if any(of.steps != plain for of in measured if of.rows == count):
            raise BenchError(Problem("contestants do not take the same steps", f"{plain:,}", str(measured)))
    return measured


def _alone(network, codec: Codec, tree: BusyBeaver, prompts: Integers) -> int:  # type: ignore[no-untyped-def]
    steps = 0
    for row in prompts:
        prompt = Prompt(tree.table[row[row >= 0]], codec.stop)
        decoder = KernelDecoder(network, codec.vocabulary, prompt)
        tokens = np.concatenate(list(decoder.generate(LIMIT)))
        steps += len(tokens) - (tuple(tokens[-1].tolist()) == codec.stop)
    return steps


if __name__ == "__main__":
    print(json.dumps([asdict(measured) for measured in _measure([int(count) for count in sys.argv[1:]])]))

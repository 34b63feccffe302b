"""What the kernels of networks that are gone leave in memory: run many tuned networks, one after the other.

    python benchmarks/kernel_memory.py [--networks N]

Each network is tuned to a machine of its own, so that each has a kernel of its own; none of them is kept. Exit status 1
if the process grows by more than 1 MB a network once the first ten have been run. Compiling takes seconds a network.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import random
import resource
import sys

import torch

from compiled_models import run
from construction import compile_machine
from tm import Machine

__all__ = ["memory_after"]

FIRST, ALLOWED = 10, 1.0  # networks, by which everything is imported and set up; MB a network from then on


def memory_after(networks: int) -> list[float]:
    """The largest resident memory so far, in MB, after each of so many networks has run on kernels, and is gone."""
    measured = []
    for number in range(networks):
        machine = _machine(random.Random(number))
        result = run(compile_machine(machine), machine, "0110", max_steps=20_000, decoder="kernels", uncertified=True)
        if result.decoder != "kernels":
            raise RuntimeError(f"no kernel: {result.fallback}")
        gc.collect()
        measured.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3))
    return measured


def _machine(draw: random.Random) -> Machine:
    """Six states that never halt, over three symbols."""
    situations = itertools.product(range(6), "01_")
    rules = [f"q{q} {a} -> q{draw.randrange(6)} {draw.choice('01_')} {draw.choice('LR')}" for q, a in situations]
    return Machine.read("\n".join(rules))


def main() -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--networks", type=int, default=40)
    asked = options.parse_args()
    if asked.networks <= FIRST:
        options.error(f"--networks: more than {FIRST}")
    torch.set_num_threads(1)
    measured = memory_after(asked.networks)
    growth = (measured[-1] - measured[FIRST - 1]) / (asked.networks - FIRST)
    first, last = measured[0], measured[-1]
    print(f"{first:.0f} MB after one network, {last:.0f} MB after {asked.networks}: {growth:.2f} MB a network")
    return int(growth > ALLOWED)


if __name__ == "__main__":
    raise SystemExit(main())

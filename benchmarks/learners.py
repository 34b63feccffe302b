"""The learners through the base network at length: 20 random problems each by kernels, 2 by the dense decoder, and the
network tuned to each learner beside the base network with its rules. It takes some minutes, and says what was equal.

    python -m benchmarks.learners
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from compiled_models import fingerprint
from compiled_models.comparison import compare
from compiled_models.learning.count import CountLearner
from compiled_models.learning.data import Dataset
from compiled_models.learning.learner import Learner, learn, learning_network
from compiled_models.learning.network import NetworkLearner, NetworkSettings
from compiled_models.learning.perceptron import AveragedLearner, PerceptronLearner
from tm.learners.count import names_of

Problem = tuple[Learner, Sequence[Any]]


def vectors(kind: type[PerceptronLearner]) -> Callable[[Random, int], Problem]:
    """Problems of a perceptron: `size` examples at most."""

    def problem(rng: Random, size: int) -> Problem:
        d = rng.randint(1, size)
        rows = [tuple(rng.randint(0, 1) for _ in range(d)) for _ in range(rng.randint(1, size))]
        data = Dataset(tuple((row, rng.choice((1, -1))) for row in rows))
        return kind(data, bits=4 + size, epochs=min(size, 5)), [rng.choice(rows)]

    return problem


def counting(rng: Random, size: int) -> Problem:
    """Problems of counting."""
    pairs = [(rng.choice("abc"), rng.choice("xyz")) for _ in range(rng.randint(1, 3 * size))]
    return CountLearner(pairs, bits=5), [rng.choice(names_of(pairs)[0])]


def network(rng: Random, size: int) -> Problem:
    """Problems of the network."""
    inputs = rng.randint(1, max(1, size // 4))
    data = [(tuple(rng.uniform(-1, 1) for _ in range(inputs)), rng.uniform(-1, 1)) for _ in range(rng.randint(1, size))]
    settings = NetworkSettings(units=min(size, 3), epochs=size // 4, bits=5 + size, fraction=2 + size // 2)
    return NetworkLearner(data, settings), [data[0][0]]


PROBLEMS: dict[str, Callable[[Random, int], Problem]] = {
    "perceptron": vectors(PerceptronLearner),
    "averaged": vectors(AveragedLearner),
    "count": counting,
    "network": network,
}


def main() -> None:
    """Print a line for each learner and decoder."""
    base = learning_network()
    print("base network sha256", fingerprint(base).sha256)
    for name, problem in PROBLEMS.items():
        for decoder, seeds, size in (("kernels", 20, 8), ("dense", 2, 1)):
            began, equal, tokens = time.perf_counter(), 0, 0
            for seed in range(seeds):
                learner, queries = problem(Random(seed), size)
                done = learn(learner, queries, base, decoder=decoder)
                equal += done.equal
                tokens += done.result.steps
            seconds = time.perf_counter() - began
            print(f"{name:10} {decoder:8} {equal} of {seeds} equal, {tokens:,} tokens, {seconds:.0f} s", flush=True)
        learner, queries = problem(Random(0), 1)
        both = compare(base, learner.machine(), learner.tapes(queries), max_steps=200, decoder="streaming")
        print(f"{name:10} tuned    {'equal' if both.equal else 'NOT EQUAL'} over {both.steps} tokens", flush=True)
    print("base network sha256", fingerprint(base).sha256)


if __name__ == "__main__":
    main()

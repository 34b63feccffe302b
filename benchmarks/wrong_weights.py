"""Wrong weights: each fails the frame; how many of them can be seen in what a network generates?

    python benchmarks/wrong_weights.py [--every N]

Every non-zero weight has its sign flipped, is zeroed, is scaled by 1.5; 500 zeros are set to 1. Each such network is
checked against its frame, and then run (teacher-forced) on a few machines: is a token another, or a probability?
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from compiled_models.decoding.dense import logits_after
from construction import Codec, KeyValueCache, Transformer, base_network, compile_machine
from construction.certificate import read_frame
from construction.vocabulary import Tokens
from tm import Heads, Input, Machine, library, simulate

__all__ = ["Change", "Probe", "changes"]

STEPS = 40


@dataclass(frozen=True, slots=True)
class Change:
    """One weight and the value it is given."""

    sort: str
    tensor: str
    place: int
    value: float


class Probe:
    """Runs of machines, and what a right network says at every position of them."""

    def __init__(self, network: Transformer, runs: list[tuple[Machine, Input, Heads]]) -> None:
        self.network = network
        self.codec = Codec(network.config, runs[0][0])
        self.runs = [self._tokens(*run) for run in runs]
        self.right = self.logits()

    def _tokens(self, machine: Machine, input: Input, head: Heads) -> tuple[Tokens, int]:
        codec = Codec(self.network.config, machine)
        prompt = codec.prompt(input, head=head)
        rules = [now.rule for now in simulate(machine, input, head=head, max_steps=STEPS)]
        steps = [codec.step(rule) for rule in rules if rule is not None]
        return np.concatenate([prompt.tokens, np.array(steps, dtype=np.int64)]), len(prompt) - 1

    def logits(self) -> list[NDArray[np.floating]]:
        """The logits of all rows at all positions from the prompt's end on, run by run."""
        computed = []
        for tokens, skip in self.runs:
            logits = np.concatenate(list(logits_after(self.network, tokens, KeyValueCache())))
            computed.append(logits[skip:])
        return computed

    def altered(self) -> tuple[bool, bool]:
        """Whether a greedy token is another than the right network's, and whether a probability differs by 1e-6."""
        token, best = False, self.codec.vocabulary.best
        rows = False
        for now, right in zip(self.logits(), self.right, strict=True):
            if np.array_equal(now, right):
                continue
            token |= any(best(a) != best(b) for a, b in zip(now, right, strict=True))
            rows |= any(self._differ(a, b) for a, b in zip(now, right, strict=True))
        return token, token or rows

    def _differ(self, one: NDArray[np.floating], other: NDArray[np.floating]) -> bool:
        if not np.isfinite(one).all():
            return True
        first, second = (dict(self.codec.vocabulary.positive(logits)) for logits in (one, other))
        return any(abs(first.get(token, 0.0) - second.get(token, 0.0)) > 1e-6 for token in first | second)


def changes(network: Transformer, every: int = 1) -> Iterator[Change]:
    """All changes of non-zero weights (or each so many-th), and 500 zeros set to 1."""
    rng, zeros = random.Random(0), []
    for name, weight in network.named_parameters():
        flat = weight.detach().flatten()
        for place in flat.nonzero()[::every, 0].tolist():
            value = float(flat[place])
            yield from (
                Change("sign flipped", name, place, -value),
                Change("zeroed", name, place, 0.0),
                Change("times 1.5", name, place, 1.5 * value),
            )
        zeros += [(name, place) for place in (flat == 0).nonzero()[:, 0].tolist()]
    for name, place in rng.sample(zeros, 500):
        yield Change("zero set to 1", name, place, 1.0)


def _networks() -> Iterator[tuple[str, Transformer, list[tuple[Machine, Input, Heads]]]]:
    increment, bb4, copy = library.load("increment"), library.load("bb4"), library.load("two_tape_copy")
    yield "base", base_network(8, 4), [(increment, "1011", 0), (bb4, "", 0), (increment, "0111", 3)]
    yield "two tapes", base_network(4, 3, 2, code="factored"), [(copy, ["101", ""], 0), (copy, ["0110", ""], [2, -1])]
    yield "tuned", compile_machine(bb4), [(bb4, "", 0), (bb4, "1101", -2)]


def main() -> int:
    """Count, and print the table; 1 if a wrong weight passed the frame."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="take each so many-th non-zero weight only")
    options = parser.parse_args()
    table = Table("network", "change", "networks", "fail the frame", "another token", "another probability", box=None)
    passed = 0
    for name, network, runs in _networks():
        probe, tensors = Probe(network, runs), dict(network.named_parameters())
        counts: dict[str, list[int]] = {}
        for change in changes(network, options.every):
            flat = tensors[change.tensor].data.view(-1)
            right = float(flat[change.place])
            flat[change.place] = change.value
            with torch.inference_mode():
                seen = (1, int(not read_frame(network).holds), *(int(altered) for altered in probe.altered()))
            flat[change.place] = right
            counts[change.sort] = [a + b for a, b in zip(counts.get(change.sort, [0] * 4), seen, strict=True)]
        for sort, numbers in counts.items():
            passed += numbers[0] - numbers[1]
            table.add_row(name, sort, *(f"{number:,}" for number in numbers))
    Console(width=110).print(table)
    print("a wrong weight passed the frame" if passed else "every wrong weight fails the frame")
    return int(bool(passed))


if __name__ == "__main__":
    raise SystemExit(main())

"""Certificates held against real failures: the first that an adversary finds, beside what is certified.

    python benchmarks/failures.py [--tokens N] [--device cuda]

Adversaries revisit one cell as often as possible, stand as far out as possible, or sweep over many cells. A failure is
a token that is not the machine's; before it comes a distribution that is off by more than a hundredth. Neither may
come within the certificate. Networks with small constants (beta, K) fail early enough to be watched in float64.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from compiled_models.decoding import MergedCache
from compiled_models.decoding.dense import logits_after
from construction import Codec, KeyValueCache, NetworkConfig, Transformer, draw_base_network
from construction.certificate import Arithmetic, read_frame
from construction.certificate.certificate import setting_of
from construction.number_format import Constants
from construction.vocabulary import Tokens
from tm import Machine, simulate

__all__ = ["ADVERSARIES", "SUBJECTS", "Adversary", "Finding", "Subject", "search"]

OFF = 0.01  # a probability that is off by more than this is a failure, though the token be right
STATES, SYMBOLS = 4, 3


@dataclass(frozen=True, slots=True)
class Subject:
    """A network to be broken: a number format, constants other than its usual ones, a decoder."""

    dtype: torch.dtype
    decoder: str = "dense"
    changed: tuple[tuple[str, int], ...] = ()

    def __str__(self) -> str:
        constants = [f"{name} = {value}" for name, value in self.changed]
        return ", ".join([str(self.dtype).removeprefix("torch."), self.decoder, *constants])

    def network(self, device: str = "cpu") -> Transformer:
        """The network, every use of each constant the same."""
        config, usual = NetworkConfig.of(states=STATES, symbols=SYMBOLS, dtype=self.dtype), Constants.of(self.dtype)
        values = {name: Fraction(dict(self.changed).get(name, getattr(usual, name))) for name in usual.__slots__}
        constants = Constants(**values)
        return draw_base_network(config).network(config, dtype=self.dtype, constants=constants, device=device)


@dataclass(frozen=True, slots=True)
class Adversary:
    """A run made to break networks."""

    name: str
    machine: Machine
    input: str = ""
    head: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """What an adversary did to a subject; numbers of tokens, None where nothing happened within the limit."""

    subject: Subject
    adversary: Adversary
    radius: int
    certified: int
    off: int | None
    wrong: int | None
    limit: int

    @property
    def first(self) -> int | None:
        """The first failure of either sort."""
        return min((found for found in (self.off, self.wrong) if found is not None), default=None)


FLIP = Machine.read("a _ -> b 1 S\nb 1 -> a _ S")
HOLD = Machine.read("a _ -> b 1 S\nb 1 -> c 1 S\nc 1 -> b 1 S")
ROTATE = Machine.read("a _ -> a 1 S\na 1 -> a 2 S\na 2 -> a _ S")
ZIGZAG = Machine.read("a _ -> b 1 R\na 1 -> b _ R\nb _ -> a 2 L\nb 2 -> a _ L")
SWEEP = Machine.read("a 1 -> a 2 R\na 2 -> a 1 R\na _ -> b _ L\nb 1 -> b 2 L\nb 2 -> b 1 L\nb _ -> a _ R")
SPREAD = Machine.read("a _ -> b 1 L\na 1 -> a 1 R\nb _ -> a 1 R\nb 1 -> b 1 L")


def _input(length: int) -> str:
    return "".join(random.Random(length).choices("12", k=length))


ADVERSARIES = (
    Adversary("flip one cell", FLIP),
    Adversary("hold one cell", HOLD),
    Adversary("rotate one cell", ROTATE),
    Adversary("flip, 1,000 out", FLIP, head=1_000),
    Adversary("zigzag", ZIGZAG),
    Adversary("zigzag, 2,000 out", ZIGZAG, head=2_000),
    Adversary("zigzag, 2,800 out", ZIGZAG, head=-2_800),
    Adversary("zigzag, 4,200 out", ZIGZAG, head=4_200),
    Adversary("sweep 30 cells", SWEEP, _input(30)),
    Adversary("sweep 1,500 cells", SWEEP, _input(1_500)),
    Adversary("spread both ways", SPREAD),
)

SUBJECTS = (
    Subject(torch.float32),
    Subject(torch.float32, "streaming"),
    Subject(torch.float32, changed=(("beta", 32),)),
    Subject(torch.float32, changed=(("beta", 16), ("K", 2**10))),
    Subject(torch.float64, changed=(("K", 2**10),)),
    Subject(torch.float64, "streaming", changed=(("K", 2**10),)),
    Subject(torch.float64, changed=(("beta", 16), ("K", 2**7))),
    Subject(torch.float64, changed=(("beta", 8), ("K", 2**8))),
    Subject(torch.bfloat16),
)


def search(subject: Subject, adversary: Adversary, limit: int, device: str = "cpu") -> Finding | None:
    """Run an adversary on a subject for up to `limit` tokens; None if its prompt alone is longer."""
    network = subject.network(device)
    codec = Codec(network.config, adversary.machine)
    prompt = codec.prompt(adversary.input, head=adversary.head)
    if len(prompt) >= limit:
        return None
    run, radius = _run(codec, adversary, limit - len(prompt))
    setting = setting_of(network.config, read_frame(network), subject.decoder)
    off, wrong = None, None
    tokens = np.concatenate([prompt.tokens, run[:-1]])
    for number, logits in enumerate(_logits(network, subject.decoder, tokens, len(prompt) - 1)):
        length = len(prompt) + number
        if off is None and abs(float(logits[run[number]].sum()) - 1) > OFF:
            off = length
        if codec.vocabulary.best(logits) != tuple(int(row) for row in run[number]):
            wrong = length
            break
    return Finding(subject, adversary, radius, setting.most_tokens(max(1, radius)), off, wrong, limit)


def _run(codec: Codec, adversary: Adversary, steps: int) -> tuple[Tokens, int]:
    """The run's tokens, as the simulator has them, and how far from cell 0 it gets."""
    tokens, radius = [], max(0, len(adversary.input) - 1)
    for now in simulate(codec.machine, adversary.input, head=adversary.head, max_steps=steps):
        radius = max(radius, abs(now.heads[0]))
        if now.rule is not None:
            tokens.append(codec.step(now.rule))
    return np.array(tokens, dtype=np.int64), radius


def _logits(network: Transformer, decoder: str, tokens: Tokens, skip: int) -> Iterator[NDArray[np.floating]]:
    """The logits after each token but the first few, by the arithmetic of a decoder."""
    if decoder == "streaming":
        cache = MergedCache(network)
        cache.absorb(tokens[:skip])
        yield from (cache.advance(token) for token in tokens[skip:])
        return
    for number, logits in enumerate(row for chunk in logits_after(network, tokens, KeyValueCache()) for row in chunk):
        if number >= skip:
            yield logits


def main() -> int:
    """Search, and print the table; 1 if a failure came within a certificate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=6_000, help="how many tokens each run may have")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    table = Table("network", "adversary", "radius", "certified", "1 % off", "wrong token", "gap", box=None)
    optimistic = False
    for subject in SUBJECTS:
        for adversary in ADVERSARIES:
            limit = options.tokens if Arithmetic.of(subject.dtype).bits > 8 else 120
            finding = search(subject, adversary, limit, options.device)
            if finding is not None:
                optimistic |= finding.first is not None and finding.first <= finding.certified
                table.add_row(*_row(finding))
    Console(width=120).print(table)
    print("a failure within a certificate was found" if optimistic else "no failure within any certificate")
    return int(optimistic)


def _row(finding: Finding) -> list[str]:
    def shown(number: int | None) -> str:
        return f"> {finding.limit:,}" if number is None else f"{number:,}"

    gap = "" if finding.first is None or not finding.certified else f"{finding.first / finding.certified:.2f}"
    named = [str(finding.subject), finding.adversary.name, f"{finding.radius:,}", f"{finding.certified:,}"]
    return [*named, shown(finding.off), shown(finding.wrong), gap]


if __name__ == "__main__":
    raise SystemExit(main())

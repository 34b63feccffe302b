"""Runs on a stock Llama in one pass: the words of the simulator, and the logits before each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from random import Random

import torch

from construction.config import CapacityError
from construction.llama import (
    LlamaBlueprint,
    LlamaCodec,
    LlamaConfig,
    LlamaTransformer,
    draw_llama,
    llama_vocabulary,
    tokens_of,
)
from construction.llama.vocabulary import ERROR
from tests.machines import TABLE, Case, random_machine
from tm import Start

RIGHT, OTHER = 30.0, -60.0
"""The least logit of a right word and the greatest of a wrong one that the construction promises."""


@lru_cache(maxsize=4)
def blueprint(config: LlamaConfig = LlamaConfig()) -> LlamaBlueprint:  # noqa: B008 (frozen)
    """The blueprint of a capacity; the same object each time."""
    return draw_llama(config)


@dataclass(frozen=True)
class Run:
    """A prompt and the words that the simulator says follow it, as ids."""

    prompt: torch.Tensor
    words: list[int]

    @property
    def tokens(self) -> torch.Tensor:
        """Prompt and words [1 p]."""
        return torch.cat([self.prompt, torch.tensor([self.words], dtype=torch.int64)], 1)


def run_of(case: Case, config: LlamaConfig, steps: int = 100) -> Run | None:
    """A case as a run; None where it does not fit a stock Llama."""
    try:
        start = Start.of(case.machine, case.input, case.head)
        codec = LlamaCodec(config, start.machine)
        if case.seed is not None:
            return None
        prompt = codec.prompt(start.input, start.head)
    except CapacityError:
        return None
    ids = llama_vocabulary(config).ids
    return Run(tokens_of(config, prompt), [ids[word] for word in codec.run(start.input, start.head, steps)])


def library_runs(config: LlamaConfig, steps: int = 100) -> list[Run]:
    """The library's examples that fit."""
    return [run for case in TABLE if (run := run_of(case, config, steps)) is not None and run.words]


def random_runs(config: LlamaConfig, number: int, steps: int = 60, seed: int = 1) -> list[Run]:
    """Runs of random machines of all sizes that fit, on random inputs, from heads anywhere near them."""
    rng, runs = Random(seed), list[Run]()
    while len(runs) < number:
        machine = random_machine(rng, 1, rng.randint(2, config.states), rng.randint(2, config.symbols))
        symbols = [rng.choice(machine.symbols) for _ in range(rng.randrange(9))]
        run = run_of(Case("random", machine, symbols, rng.randint(-5, 9)), config, steps)
        if run is not None and len(run.words) > rng.choice([2, 30, 90]):
            runs.append(run)
    return runs


@torch.no_grad()
def margins(network: LlamaTransformer, run: Run) -> tuple[int, float, float]:
    """Wrong words, the least logit of a right one, and the greatest of any other but `<error>`."""
    tokens = run.tokens
    logits = network(tokens[:, :-1])[0, run.prompt.shape[1] - 1 :].float()
    right = torch.tensor(run.words)[:, None]
    others = logits.scatter(1, right, -torch.inf)
    others[:, ERROR] = -torch.inf
    wrong = int((logits.argmax(1) != right[:, 0]).sum())
    return wrong, float(logits.gather(1, right).min()), float(others.max())

"""Sequences of tokens, and runs of a probabilistic machine: how the errors of single steps add up."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiled_models.elicit.bounds import (
    coin_sequence_tv,
    demonstration_tv,
    demonstrations_for_sequence,
    examples_for_sequence,
    expected_tv,
    hybrid_tv,
    paper_bounded_examples,
    paper_text_examples,
    sequence_tv,
)
from compiled_models.elicit.data.chain import chain_policy, prefix_log_ratios, random_sequences
from compiled_models.elicit.data.streams import stream
from compiled_models.elicit.learning.fixed_networks import SYMBOLS, fixed_network
from compiled_models.elicit.learning.prompted import PromptedPolicy
from compiled_models.elicit.machine_runs import MachineRuns
from compiled_models.elicit.report.chart import Chart, Roles
from compiled_models.elicit.report.cost import one_thread
from compiled_models.elicit.report.estimate import Estimate, mean_of
from compiled_models.elicit.report.experiment import Experiment, Progress, silent
from compiled_models.elicit.report.spread import spread
from compiled_models.elicit.report.table import Table
from compiled_models.elicit.report.total_variation import sampled_total_variation, total_variation
from compiled_models.elicit.text import TextQuestion
from compiled_models.workers import Workers
from tm import Machine, library
from tm.text import counted

__all__ = ["SequenceQuestion", "binomial", "coin_experiment", "sequence_experiment"]

AT_ONCE = 25  # datasets that are put into the prompt together
SEQUENCES = 2000  # drawn from the policy, to measure TV of whole sequences with
COLUMNS = (
    "length",
    "mean TV",
    "bound",
    "hybrid bound, l eps",
    "mean TV, demonstrations",
    "sqrt(m (V - 1) / 2N)",
)
COIN_LENGTHS = [1, 2, 4, 8, 16, 32, 64, 128, 256]
TOSSES, COINS, DEMONSTRATIONS = 2000, 4, 200
COIN_COLUMNS = ("l", "mean TV", "bound", "asymptote", "hybrid", "mean TV, demonstrations", "bound, demonstrations")


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceQuestion:
    """What is asked: sequences of some length, and runs of a machine, within epsilon of their policy.

    `vocabulary` tokens, each drawn by the last one; `machine` is run on `input` with its head on cell `head`.
    """

    length: int = 64
    vocabulary: int = 4
    epsilon: float = 0.1
    delta: float = 0.05
    machine: Machine = field(default_factory=lambda: library.load("gambler"))
    input: str = "<.....>"
    head: int = 3

    @property
    def examples(self) -> int:
        """Examples of each context that the bound asks for."""
        return examples_for_sequence(self.length, self.vocabulary, self.epsilon)

    @property
    def demonstrations(self) -> int:
        """Demonstrations of whole sequences that suffice, by their bound."""
        return demonstrations_for_sequence(self.vocabulary, self.vocabulary, self.epsilon)


@dataclass(frozen=True, slots=True)
class _Sets:
    """Some datasets: demonstrations of sequences of a length, or as many single examples as the bound asks for."""

    question: SequenceQuestion
    seed: int
    length: int | None
    numbers: range


def sequence_experiment(
    question: SequenceQuestion,
    *,
    seed: int = 0,
    seeds: int = 50,
    workers: Workers | None = None,
    progress: Progress = silent,
) -> Experiment:
    """Tokens drawn by the token before, from datasets of single examples and of demonstrations; then a machine's runs.

    >>> done = sequence_experiment(SequenceQuestion(length=4, vocabulary=2), seeds=10)
    >>> done.holds, done.table["length"]
    (True, [1, 2, 4])
    """
    lengths = [2**i for i in range(question.length.bit_length()) if 2**i < question.length] + [question.length]
    parts = [range(first, min(first + AT_ONCE, seeds)) for first in range(0, seeds, AT_ONCE)]
    prompted = _chain(question, seed).prompted
    tasks = [_Sets(question, seed, length, numbers) for length in (None, *lengths) for numbers in parts]
    done = spread(_tv, tasks, workers=workers, progress=progress, description="demonstrations of each length")
    tv = [np.concatenate(done[i : i + len(parts)], axis=1) for i in range(0, len(done), len(parts))]
    single, demonstrated, table = tv[0], tv[1:], Table(COLUMNS)
    for length, whole in zip(lengths, demonstrated, strict=True):
        table.add(*_row(question, length, mean_of(single[length - 1]), mean_of(whole[length - 1])))
    random = stream(seed, "runs")
    runs = MachineRuns.measure(question.machine, question.input, question.head, question.epsilon, seeds, random)
    above = any(map(Estimate.surely_above, table["mean TV"], table["bound"]))
    return Experiment(
        name="sequence",
        title=f"sequences of {counted(question.length, 'token')} out of {question.vocabulary}, and runs of "
        f"{question.machine.name}, epsilon {question.epsilon:g}: {counted(seeds, 'dataset')}",
        facts=_facts(question) | runs.facts(),
        table=table,
        charts=_charts(table),
        networks={"A": prompted.sha256},
        falsified_if="mean TV of sequences or of runs is above its bound, beyond twice its interval",
        holds=bool(not above and runs.holds and runs.sha256 == prompted.sha256),
        options=_options(question, seed, seeds),
    )


class _Chain:
    """The chain policy in the prompt: TV of whole sequences between it and the network."""

    def __init__(self, question: SequenceQuestion, seed: int) -> None:
        random, v = stream(seed, "policy"), question.vocabulary
        fixed_network(SYMBOLS * v, v)  # says so if they are too many, before anything is drawn
        self.question, self.seed = question, seed
        self.prompted = PromptedPolicy(chain_policy(random.dirichlet([1.0] * v, size=v)))
        self.truth = self.prompted.truth.reshape(v, v)
        self.sequences = random_sequences(self.truth, question.length, SEQUENCES, random)

    def tv(self, counts: NDArray[np.int64]) -> NDArray[np.float64]:
        """TV of sequences [length datasets]; one more example of every rule: add-one smoothing on the known support."""
        probabilities = self.prompted(counts + 1).probabilities.reshape(-1, *self.truth.shape)
        return np.stack([self._of(each) for each in probabilities], axis=1)

    def _of(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        return sampled_total_variation(prefix_log_ratios(self.sequences, np.log(probabilities / self.truth)))

    def examples(self, number: int) -> NDArray[np.int64]:
        """A dataset of single examples, as counts [rules]."""
        random = stream(self.seed, "examples", number)
        return self.prompted.policy.draw_counts(self.question.examples, 1, random)[0]

    def demonstrations(self, length: int, number: int) -> NDArray[np.int64]:
        """A dataset of whole sequences of a length, as counts [rules]."""
        v, random = self.question.vocabulary, stream(self.seed, "demonstrations", length, number)
        sequences = random_sequences(self.truth, length, self.question.demonstrations, random)
        return np.bincount((v * sequences[:, :-1] + sequences[:, 1:]).ravel(), minlength=v * v)


@lru_cache(maxsize=2)
def _chain(question: SequenceQuestion, seed: int) -> _Chain:
    return _Chain(question, seed)


@one_thread()
def _tv(sets: _Sets) -> NDArray[np.float64]:
    """TV of sequences [length datasets] from some datasets."""
    chain, length = _chain(sets.question, sets.seed), sets.length
    counts = [chain.examples(i) if length is None else chain.demonstrations(length, i) for i in sets.numbers]
    return chain.tv(np.array(counts))


def _row(question: SequenceQuestion, length: int, single: Estimate, whole: Estimate) -> tuple[Any, ...]:
    v, n = question.vocabulary, question.examples
    bound, hybrid = sequence_tv(length, v, n), hybrid_tv(length, expected_tv(v, n))
    return length, single, bound, hybrid, whole, demonstration_tv(v, v, question.demonstrations)


def _facts(question: SequenceQuestion) -> dict[str, Any]:
    v, length, epsilon, delta = question.vocabulary, question.length, question.epsilon, question.delta
    return {
        "paper rate for text (constant 1, natural log; the constant is not stated)": paper_text_examples(
            v, v, epsilon, delta
        ),
        "paper rate for bounded context (constant 1, natural logs; likewise)": paper_bounded_examples(
            length, v, epsilon, delta
        ),
        "examples of each context, by the bound": question.examples,
        "  of all contexts": v * question.examples,
        "demonstrations of the whole sequence that do as well": question.demonstrations,
    }


def _options(question: SequenceQuestion, seed: int, seeds: int) -> dict[str, Any]:
    names = ("length", "vocabulary", "epsilon", "delta", "input", "head")
    options = {name: getattr(question, name) for name in names} | {"machine": question.machine.name}
    return options | {"seed": seed, "seeds": seeds}


def _charts(table: Table) -> tuple[Chart, ...]:
    single: Roles = {
        "mean TV": ("measured", "mean"),
        "bound": ("bound", "bound, sqrt(l)"),
        "hybrid bound, l eps": ("asymptote", "hybrid bound, l"),
    }
    whole: Roles = {"mean TV, demonstrations": ("measured", "mean"), "sqrt(m (V - 1) / 2N)": "bound"}
    titles = "single examples, as many of each context", "whole demonstrations: the length cancels"
    return tuple(
        Chart.of(table, "length", roles, title=title, y="TV of sequences", log="xy")
        for roles, title in zip((single, whole), titles, strict=True)
    )


def coin_experiment(*, seeds: int = 200) -> Experiment:
    """Fair coins: l tosses known from single tosses; l steps in four contexts known from runs of l steps."""
    random = np.random.default_rng(0)
    table = Table(COIN_COLUMNS)
    one = PromptedPolicy(TextQuestion(contexts=1, vocabulary=2, uniform=True).policy(random))
    heads = one(one.policy.draw_counts(TOSSES, seeds, random) + 1).probabilities[:, 0]
    four = PromptedPolicy(TextQuestion(contexts=COINS, vocabulary=2, uniform=True).policy(random))
    for length in COIN_LENGTHS:
        tv = mean_of([total_variation(binomial(length, 0.5), binomial(length, p)) for p in heads])
        whole = _from_demonstrations(four, length, seeds, random)
        bounds = (
            sequence_tv(length, 2, TOSSES),
            coin_sequence_tv(length, TOSSES),
            hybrid_tv(length, expected_tv(2, TOSSES)),
        )
        table.add(length, tv, *bounds, whole, demonstration_tv(COINS, 2, DEMONSTRATIONS))
    flat = table["mean TV, demonstrations"]
    pairs = (("mean TV", "bound"), ("mean TV, demonstrations", "bound, demonstrations"))
    above = any(any(map(Estimate.surely_above, table[mean], table[bound])) for mean, bound in pairs)
    growth = flat[-1] / flat[2]
    return Experiment(
        name="sequence",
        title="Errors add up like sqrt(l); from whole demonstrations they do not add up",
        facts={
            "demonstrations: TV at l = 256 over TV at l = 4 (sqrt would be 8)": growth,
            "single examples: the same": table["mean TV"][-1] / table["mean TV"][2],
        },
        table=table,
        charts=_coin_charts(table),
        networks={"A": four.sha256},
        falsified_if="a mean is above its bound beyond twice its interval, or TV from demonstrations grows by half or "
        "more from l = 4 to 256 (sqrt(l): eightfold)",
        holds=not above and growth < 1.5,
    )


def binomial(n: int, p: float) -> NDArray[np.float64]:
    """The probabilities of 0..n heads: all that TV of sequences of tosses depends on.

    >>> binomial(2, 0.5).round(12).tolist()
    [0.25, 0.5, 0.25]
    """
    log_choose = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(n + 1)]
    k = np.arange(n + 1)
    law: NDArray[np.float64] = np.exp(np.array(log_choose) + k * math.log(p) + (n - k) * math.log1p(-p))
    return law


def _from_demonstrations(four: PromptedPolicy, length: int, datasets: int, random: np.random.Generator) -> Estimate:
    """Mean TV of runs of l steps, their contexts drawn evenly, from demonstrations of such runs."""
    cells = np.full(2 * COINS, 1 / (2 * COINS))  # context and outcome, in the order of the rules
    counts = random.multinomial(DEMONSTRATIONS * length, cells, size=datasets)
    log_ratios = np.log(four(counts + 1).probabilities / four.truth)
    runs = random.multinomial(length, cells, size=4000)
    return mean_of(sampled_total_variation(log_ratios @ runs.T))


def _coin_charts(table: Table) -> tuple[Chart, ...]:
    single: Roles = {
        "mean TV": ("measured", "mean"),
        "bound": "bound",
        "asymptote": ("asymptote", "asymptote, sqrt(l / n) / pi"),
        "hybrid": ("paper", "hybrid bound, l eps"),
    }
    whole: Roles = {"mean TV, demonstrations": ("measured", "mean"), "bound, demonstrations": ("bound", "bound")}
    tosses, runs = (
        f"a coin, {TOSSES:,} single tosses in the prompt",
        f"{COINS} coins, {DEMONSTRATIONS} runs of l tosses in the prompt",
    )
    return (
        Chart.of(table, "l", single, title=tosses, y="TV of sequences of l", log="xy"),
        Chart.of(table, "l", whole, title=runs, y="TV of runs of l", log="x", y_range=(0, 0.12)),
    )

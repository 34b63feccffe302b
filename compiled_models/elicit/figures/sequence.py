"""TV of whole sequences over their length: from single examples, and from whole demonstrations."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from compiled_models.elicit.bounds import coin_sequence_tv, demonstration_tv, expected_tv, hybrid_tv, sequence_tv
from compiled_models.elicit.learning.prompted import PromptedPolicy
from compiled_models.elicit.report.chart import Chart, Series
from compiled_models.elicit.report.estimate import Estimate, mean_of
from compiled_models.elicit.report.experiment import Experiment
from compiled_models.elicit.report.table import Table
from compiled_models.elicit.report.total_variation import sampled_total_variation, total_variation
from compiled_models.elicit.text import TextQuestion

__all__ = ["binomial", "figure"]

LENGTHS = [1, 2, 4, 8, 16, 32, 64, 128, 256]
EXAMPLES, CONTEXTS, DEMONSTRATIONS = 2000, 4, 200
COLUMNS = ("l", "mean TV", "bound", "asymptote", "hybrid", "mean TV, demonstrations", "bound, demonstrations")


def figure(scale: float = 1.0) -> Experiment:
    """Fair coins: l tosses known from single tosses; l steps in four contexts known from runs of l steps."""
    random, datasets = np.random.default_rng(0), max(10, round(200 * scale))
    one, table = PromptedPolicy(TextQuestion(contexts=1, vocabulary=2, uniform=True).policy(random)), Table(COLUMNS)
    heads = one(one.policy.draw_counts(EXAMPLES, datasets, random) + 1).probabilities[:, 0]
    four = PromptedPolicy(TextQuestion(contexts=CONTEXTS, vocabulary=2, uniform=True).policy(random))
    for length in LENGTHS:
        tv = mean_of([total_variation(binomial(length, 0.5), binomial(length, p)) for p in heads])
        shown = _from_demonstrations(four, length, datasets, random)
        bounds = (
            sequence_tv(length, 2, EXAMPLES),
            coin_sequence_tv(length, EXAMPLES),
            hybrid_tv(length, expected_tv(2, EXAMPLES)),
        )
        table.add(length, tv, *bounds, shown, demonstration_tv(CONTEXTS, 2, DEMONSTRATIONS))
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
        charts=_charts(table),
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
    cells = np.full(2 * CONTEXTS, 1 / (2 * CONTEXTS))  # context and outcome, in the order of the rules
    counts = random.multinomial(DEMONSTRATIONS * length, cells, size=datasets)
    log_ratios = np.log(four(counts + 1).probabilities / four.truth)
    runs = random.multinomial(length, cells, size=4000)
    return mean_of(sampled_total_variation(log_ratios @ runs.T))


def _charts(table: Table) -> tuple[Chart, ...]:
    lengths = table["l"]
    single = Chart(
        f"a coin, {EXAMPLES:,} single tosses in the prompt",
        "l",
        "TV of sequences of l",
        (
            Series("mean", lengths, table["mean TV"]),
            Series("bound", lengths, table["bound"], "bound"),
            Series("asymptote, sqrt(l / n) / pi", lengths, table["asymptote"], "asymptote"),
            Series("hybrid bound, l eps", lengths, table["hybrid"], "paper"),
        ),
        log="xy",
    )
    whole = Chart(
        f"{CONTEXTS} coins, {DEMONSTRATIONS} runs of l tosses in the prompt",
        "l",
        "TV of runs of l",
        (
            Series("mean", lengths, table["mean TV, demonstrations"]),
            Series("bound", lengths, table["bound, demonstrations"], "bound"),
        ),
        log="x",
        y_range=(0, 0.12),
    )
    return single, whole

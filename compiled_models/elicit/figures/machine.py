"""Runs of a probabilistic machine known from examples; runs of a deterministic one with rules missing."""

from __future__ import annotations

import math

import numpy as np

from compiled_models.elicit.machine_runs import MachineRuns
from compiled_models.elicit.partial_rules import PartialRules
from compiled_models.elicit.report.chart import Chart, Series
from compiled_models.elicit.report.estimate import Estimate
from compiled_models.elicit.report.experiment import Experiment
from compiled_models.elicit.report.table import Table
from tm import library

__all__ = ["figure"]

EPSILONS = [0.4, 0.2, 0.1, 0.05, 0.025]
DRAWS = [10, 20, 30, 40, 50, 60, 80, 100]


def figure(scale: float = 1.0) -> Experiment:
    """TV of whole runs of the gambler against the bound by expected visits; the coverage of a palindrome's 12 rules."""
    random, gambler = np.random.default_rng(0), library.load("gambler")
    datasets, prompts = max(10, round(100 * scale)), max(60, round(400 * scale))
    table = Table(("examples", "mean TV of runs", "bound", "hybrid"))
    for epsilon in EPSILONS:
        runs = MachineRuns.measure(gambler, "<.....>", 3, epsilon, datasets, random)
        table.add(runs.examples, runs.mean_tv, runs.bound, runs.hybrid)
    covered = Table(("draws", "exact runs", "formula", "sigmas"))
    for draws in DRAWS:
        partial = PartialRules.measure(library.load("palindrome"), "0110", draws, prompts, random)
        covered.add(draws, partial.exact, partial.formula, partial.sigmas)
    several = math.sqrt(2 * math.log(2 * len(DRAWS) / 0.0027))  # 3 sigma's risk, over all the points
    above = any(map(Estimate.surely_above, table["mean TV of runs"], table["bound"]))
    return Experiment(
        name="machine",
        title="Runs of machines: of a gambler (10 steps on average), and of a palindrome checker that needs 12 rules",
        facts={"coverage: largest deviation in sigmas": max(covered["sigmas"]), "steps on average": runs.steps},
        table=table,
        charts=_charts(table, covered),
        networks={"A": runs.sha256},
        falsified_if="mean TV of runs is above the bound beyond twice its interval, or coverage off by more "
        f"than 3 sigma (over 8 points: {several:.1f})",
        holds=not above and max(covered["sigmas"]) <= several,
        curves=covered,
    )


def _charts(table: Table, covered: Table) -> tuple[Chart, ...]:
    n, draws = table["examples"], covered["draws"]
    runs = Chart(
        "the gambler",
        "examples of each situation in which it draws",
        "TV of whole runs",
        (
            Series("mean", n, table["mean TV of runs"]),
            Series("bound, by expected visits", n, table["bound"], "bound"),
            Series("hybrid bound, steps times eps", n, table["hybrid"], "paper"),
        ),
        log="xy",
    )
    exact = Chart(
        "12 rules, examples drawn at random",
        "examples drawn",
        "share of exact runs",
        (
            Series("runs on network A", draws, covered["exact runs"], points=True),
            Series("coverage formula", draws, covered["formula"], "bound"),
        ),
    )
    return runs, exact

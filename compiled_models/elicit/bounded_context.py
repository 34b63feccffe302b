"""Bounded context: the paper's rate holds in sup-norm, not in total variation."""

from __future__ import annotations

import numpy as np

from compiled_models.elicit.bounds import any_learner_tv, exact_expected_tv, paper_bounded_examples, sup_norm
from compiled_models.elicit.report.chart import Chart, Roles, Series, series
from compiled_models.elicit.report.experiment import Experiment
from compiled_models.elicit.report.table import Table

__all__ = ["bounded_context_experiment"]

LENGTH, OUTCOMES, EPSILON, DELTA = 6, 4, 0.1, 0.05
SIZES = [100, 250, 600, 1500, 2492, 6000, 15_000, 40_000, 100_000, 400_000]
COLUMNS = ("n", "TV, empirical (closed form)", "lower bound, any learner", "sup-norm, 95 %", "bound on the sup-norm")


def bounded_context_experiment(*, seeds: int = 200) -> Experiment:
    """The uniform law on 4^6 = 4096 sequences, known from n of them. Of the empirical law: no network is run here.

    4096 outcomes are more than network A's 384; that the network does what the empirical law says is shown elsewhere.
    """
    random, outcomes = np.random.default_rng(0), OUTCOMES**LENGTH
    uniform, table = np.full(outcomes, 1 / outcomes), Table(COLUMNS)
    for n in SIZES:
        counts = random.multinomial(n, uniform, size=seeds)
        largest = float(np.quantile(np.abs(counts / n - uniform).max(1), 1 - DELTA))
        any_learner = any_learner_tv(outcomes, n) if n <= 15_000 else float("nan")
        table.add(n, exact_expected_tv(uniform, n), any_learner, largest, sup_norm(LENGTH, OUTCOMES, n, DELTA))
    rate = paper_bounded_examples(LENGTH, OUTCOMES, EPSILON, DELTA)
    at = table.where("n", rate).records()[0]
    return Experiment(
        name="bounded_context",
        title="Bounded context: the rate holds in sup-norm, not in total variation",
        facts={
            "paper's rate, epsilon 0.1, delta 0.05 (constant 1)": rate,
            "there: TV of the empirical law": at["TV, empirical (closed form)"],
            "there: no learner's TV is below": at["lower bound, any learner"],
            "there: sup-norm, 95 %": at["sup-norm, 95 %"],
        },
        table=table,
        charts=(_chart(table, rate),),
        networks={},
        falsified_if=f"TV <= 0.1 at n = {rate}, or the sup-norm is above its bound",
        holds=at["lower bound, any learner"] > EPSILON
        and all(row["sup-norm, 95 %"] <= row["bound on the sup-norm"] for row in table.records()),
    )


def _chart(table: Table, rate: int) -> Chart:
    roles: Roles = {
        "TV, empirical (closed form)": ("measured", "TV, empirical law (closed form)"),
        "lower bound, any learner": ("second", "lower bound on any learner's TV"),
        "sup-norm, 95 %": "third",
        "bound on the sup-norm": "bound",
    }
    paper = Series("paper's n for epsilon 0.1, constant 1", [rate, rate], [1e-3, 1.0], "paper")
    lines = (*series(table, "n", roles), paper)
    return Chart("V = 4, l = 6: 4,096 sequences", "examples", "error", lines, log="xy")

"""TV over the number of examples, for small and large vocabularies, at the uniform policy."""

from __future__ import annotations

import numpy as np

from compiled_models.elicit.bounds import asymptotic_tv, expected_tv, paper_text_epsilon, tv_with_confidence
from compiled_models.elicit.learning.prompted import PromptedPolicy
from compiled_models.elicit.report.chart import Chart, Series
from compiled_models.elicit.report.estimate import Estimate, mean_of, slope_of
from compiled_models.elicit.report.experiment import Experiment
from compiled_models.elicit.report.table import Table
from compiled_models.elicit.text import TextQuestion

__all__ = ["figure"]

CONTEXTS, DELTA = 4, 0.05
SIZES = [50, 100, 200, 500, 1000, 2000, 5000]
COLUMNS = ("V", "n", "mean TV", "95 % of TV", "bound on the mean", "bound, 95 %", "asymptote", "paper's epsilon")


def figure(scale: float = 1.0) -> Experiment:
    """Mean and 95 % quantile of TV in one context, beside the paper's rate, the bounds and the asymptote."""
    random = np.random.default_rng(0)
    table, slopes, dense, tuned = Table(COLUMNS), {}, 0.0, 0.0
    for v in (2, 8, 32):
        question = TextQuestion(contexts=CONTEXTS, vocabulary=v, uniform=True)
        prompted = PromptedPolicy(question.policy(random))
        for n in SIZES:
            done = prompted(prompted.policy.draw_counts(n, max(10, round(250 * scale)), random))
            tv, paper = done.policy_tv, paper_text_epsilon(1, v, n, DELTA)
            bounds = expected_tv(v, n), tv_with_confidence(v, n, DELTA), asymptotic_tv(v, n)
            table.add(v, n, mean_of(tv.mean(1)), float(np.quantile(tv, 1 - DELTA)), *bounds, paper)
            dense = max(dense, prompted.dense_tv(done, 0)) if n == SIZES[2] else dense
        tuned = max(tuned, prompted.tuned_tv(done, 0))
        slopes[v] = slope_of(SIZES, table.where("V", v)["mean TV"])
    above = any(map(Estimate.surely_above, table["mean TV"], table["bound on the mean"]))
    facts = {f"slope of log TV over log n, V = {v}": slope for v, slope in slopes.items()}
    return Experiment(
        name="text",
        title="One context, V tokens, n examples of it in the prompt",
        facts=facts | {"largest TV to a dense run": dense, "largest TV to the network tuned on the data": tuned},
        table=table,
        charts=tuple(_chart(table.where("V", v), v) for v in (2, 8, 32)),
        networks={"A": prompted.sha256},
        falsified_if="a mean is above its bound beyond twice its interval, or the slope is not -1/2 to within 0.05",
        holds=not above and all(abs(s + 0.5) < 0.05 for s in slopes.values()) and max(dense, tuned) < 1e-12,
    )


def _chart(of: Table, v: int) -> Chart:
    n = of["n"]
    return Chart(
        f"V = {v}",
        "examples of the context",
        "TV to the policy",
        (
            Series("95 %", n, of["95 % of TV"], "second"),
            Series("mean", n, of["mean TV"]),
            Series("bound, 95 %", n, of["bound, 95 %"], "bound"),
            Series("asymptote of the mean", n, of["asymptote"], "asymptote"),
            Series("paper's rate, constant 1", n, of["paper's epsilon"], "paper"),
        ),
        log="xy",
    )

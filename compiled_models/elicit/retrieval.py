"""Retrieval: of a store of examples only k fit into the window. Which, and what does that cost?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiled_models.elicit.bounds import examples_for_retrieval, paper_bounded_examples, retrieval_tv, window_subset_tv
from compiled_models.elicit.data.store import ExampleIndex, SmoothPolicy
from compiled_models.elicit.learning.fixed_networks import outcome_actions, situations
from compiled_models.elicit.learning.prompted import PromptedPolicy
from compiled_models.elicit.machine_runs import PartialRules
from compiled_models.elicit.report.chart import Chart, Roles
from compiled_models.elicit.report.estimate import Estimate, mean_of, share_of
from compiled_models.elicit.report.experiment import Experiment, Progress, silent
from compiled_models.elicit.report.table import Table
from tm import library
from tm.policy import Policy

__all__ = ["RetrievalQuestion", "blind_subsets", "retrieval_experiment"]

Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]
EXACT = 1e-12
COLUMNS = (
    "k",
    "TV to all matches",
    "bound",
    "nearest: mean TV",
    "nearest: 1 - delta",
    "bound, 1 - delta",
    "missed",
    "random: mean TV",
    "nearest: best token",
    "random: best token",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalQuestion:
    """What is asked: `queries` contexts, a window of up to `matches` examples, a store of so many labelled points."""

    vocabulary: int = 6
    matches: int = 100
    store: int = 20_000
    queries: int = 8
    epsilon: float = 0.1
    delta: float = 0.05


def retrieval_experiment(
    question: RetrievalQuestion, *, seed: int = 0, seeds: int = 50, progress: Progress = silent
) -> Experiment:
    """Exact matches cut to k; the k nearest of a large store, beside k at random; a machine with rules missing.

    >>> done = retrieval_experiment(RetrievalQuestion(store=500, queries=3), seeds=10)
    >>> done.holds, done.table["TV to all matches"][-1] < 1e-12
    (True, True)
    """
    random = np.random.default_rng(seed)
    smooth = SmoothPolicy.random(question.vocabulary, random)
    points = random.random((question.queries, 2))
    contexts, tokens = situations(question.queries), outcome_actions(question.vocabulary)
    prompted = PromptedPolicy(Policy.of(smooth(points), contexts, tokens))
    retrieved = _Retrieved.draw(question, smooth, points, seeds, random, progress)
    table, all_matches = Table(COLUMNS), prompted.policy.draw_counts(question.matches, seeds, random)
    for k in progress(_budgets(question.matches), "windows"):
        subsets = prompted(blind_subsets(all_matches, k, question.vocabulary, random)).probabilities
        off = prompted.reader.by_situation(np.abs(subsets - prompted.empirical(all_matches))) / 2
        window = (k, mean_of(off.mean(1)), window_subset_tv(question.vocabulary, k, question.matches))
        table.add(*window, *_neighbours(question, prompted, retrieved, k, smooth.lipschitz))
    partial = PartialRules.measure(library.load("palindrome"), "0110", 40, 200, random)
    bounds = [bound + EXACT for bound in table["bound"]]
    checks = {
        "no mean is above its bound": not any(map(Estimate.surely_above, table["TV to all matches"], bounds)),
        "all matches lose nothing": table["TV to all matches"][-1] < EXACT,
        "delta is kept": not any(missed.surely_above(question.delta) for missed in table["missed"]),
        "coverage is as the formula says": partial.sigmas <= 3,
    }
    return Experiment(
        name="retrieval",
        title=f"{question.queries} contexts, {question.vocabulary} tokens, windows of up to {question.matches} of "
        f"{question.store:,} examples: {seeds} stores",
        facts=_facts(question, partial, smooth.lipschitz),
        table=table,
        charts=_charts(table),
        networks={"A": prompted.sha256},
        falsified_if=f"k = {question.matches} of {question.matches} is not lossless, a bound is broken beyond "
        "twice the interval, or coverage is off by more than 3 sigma",
        holds=all(checks.values()),
        options={name: getattr(question, name) for name in question.__slots__} | {"seed": seed, "seeds": seeds},
    )


def _budgets(most: int) -> list[int]:
    return sorted({max(1, round(most * share / 10)) for share in range(1, 11)})


def blind_subsets(counts: Counts, k: int, outcomes: int, random: np.random.Generator) -> Counts:
    """Of each context's examples (counts [d contexts * outcomes]) k, chosen without a look at their labels.

    >>> blind_subsets(np.array([[3, 1, 0, 4]]), 4, 2, np.random.default_rng(0))
    array([[3, 1, 0, 4]])
    """
    each = counts.reshape(-1, outcomes)
    subsets = np.array([random.multivariate_hypergeometric(row, min(k, int(row.sum()))) for row in each])
    return subsets.reshape(counts.shape)


@dataclass(frozen=True, slots=True)
class _Retrieved:
    """Labels [stores queries k] of the nearest examples and of random ones, and the distances of the nearest."""

    nearest: Counts
    distances: Numbers
    random: Counts

    @classmethod
    def draw(
        cls,
        question: RetrievalQuestion,
        smooth: SmoothPolicy,
        queries: Numbers,
        stores: int,
        random: np.random.Generator,
        progress: Progress,
    ) -> _Retrieved:
        k, parts = min(question.matches, question.store), []
        for _ in progress(range(stores), "stores"):
            contexts = random.random((question.store, 2))
            labels = smooth.draw(contexts, random)
            nearest, distances = ExampleIndex(contexts, labels).nearest(queries, k)
            parts.append((nearest, distances, labels[random.integers(question.store, size=nearest.shape)]))
        nearest, distances, blind = (np.array(part) for part in zip(*parts, strict=True))
        return cls(nearest, distances, blind)


def _neighbours(
    question: RetrievalQuestion, prompted: PromptedPolicy, retrieved: _Retrieved, k: int, lipschitz: float
) -> tuple[Any, ...]:
    """The k nearest examples in the prompt, against their bound and against k random ones."""
    v, best = question.vocabulary, prompted.truth.reshape(-1, question.vocabulary).argmax(1)
    measures = {}
    for name, labels in (("nearest", retrieved.nearest), ("random", retrieved.random)):
        counts = (labels[..., :k, None] == np.arange(v)).sum(2).reshape(len(labels), -1)
        answers = prompted(counts)
        right = answers.probabilities.reshape(len(labels), -1, v).argmax(2) == best
        measures[name] = answers.policy_tv, mean_of(right.mean(1))
    tv, radius = measures["nearest"][0], retrieved.distances[..., k - 1 : k].squeeze(-1)
    plain = retrieval_tv(v, k, question.delta)
    bound = np.minimum(1.0, plain + lipschitz * radius)
    return (
        mean_of(tv.mean(1)),
        float(np.quantile(tv, 1 - question.delta)),
        float(bound.mean()),
        share_of(int((tv > bound).sum()), tv.size),
        mean_of(measures["random"][0].mean(1)),
        measures["nearest"][1],
        measures["random"][1],
    )


def _facts(question: RetrievalQuestion, partial: PartialRules, lipschitz: float) -> dict[str, Any]:
    v, epsilon, delta = question.vocabulary, question.epsilon, question.delta
    floor = retrieval_tv(v, question.matches, delta)
    return {
        "paper rate for bounded context, l = 1 (constant 1, natural logs; not stated)": paper_bounded_examples(
            1, v, epsilon, delta
        ),
        f"examples for TV {epsilon:g} by the bound, exact matches": examples_for_retrieval(v, epsilon, delta),
        f"so a window of {question.matches} promises no better than TV": floor,
        "the policy's Lipschitz constant (TV per unit of distance)": lipschitz,
        f"palindrome on 0110 needs {partial.needed} rules; {partial.draws} drawn: exact runs": partial.exact,
        "  by the coverage formula": partial.formula,
    }


def _charts(table: Table) -> tuple[Chart, ...]:
    window: Roles = {"TV to all matches": ("measured", "mean"), "bound": "bound"}
    near: Roles = {
        "nearest: mean TV": ("measured", "nearest, mean"),
        "random: mean TV": ("second", "random, mean"),
        "bound, 1 - delta": ("bound", "bound for the nearest, 1 - delta"),
    }
    best: Roles = {"nearest: best token": ("measured", "nearest"), "random: best token": ("second", "random")}
    title = "is its likeliest token the policy's?"
    return (
        Chart.of(table, "k", window, title="k of a context's examples, chosen blindly", y="TV to all of them"),
        Chart.of(table, "k", near, title="k of a large store", y="TV to the policy"),
        Chart.of(table, "k", best, title=title, y="share of queries", y_range=(0, 1.02)),
    )

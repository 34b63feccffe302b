"""Retrieval: of a store of examples only k fit into the window. Which, and what does that cost?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiled_models.elicit.bounds import examples_for_retrieval, paper_bounded_examples, retrieval_tv, window_subset_tv
from compiled_models.elicit.data.store import ExampleIndex, SmoothPolicy
from compiled_models.elicit.data.streams import stream
from compiled_models.elicit.learning.fixed_networks import fixed_network, outcome_actions, situations
from compiled_models.elicit.learning.prompted import PromptedPolicy
from compiled_models.elicit.machine_runs import PartialRules
from compiled_models.elicit.report.chart import Chart, Roles
from compiled_models.elicit.report.cost import one_thread
from compiled_models.elicit.report.estimate import Estimate, mean_of, share_of
from compiled_models.elicit.report.experiment import Experiment, Progress, silent
from compiled_models.elicit.report.spread import spread
from compiled_models.elicit.report.table import Table
from compiled_models.workers import Workers
from tm import library
from tm.policy import Policy
from tm.text import counted

__all__ = ["RetrievalQuestion", "blind_subsets", "retrieval_experiment"]

Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]
EXACT = 1e-12
AT_ONCE = 10  # stores whose examples are put into the prompt together
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


@dataclass(frozen=True, slots=True)
class _Stores:
    """Some of the stores to retrieve from, and as many datasets of exact matches."""

    question: RetrievalQuestion
    seed: int
    numbers: range


@dataclass(frozen=True, slots=True)
class _Windows:
    """What the network does with windows of k examples, for each k and store [k stores].

    Attributes:
        subset_tv: TV from k of the matches to all of them.
        nearest_tv, random_tv: TV from the k nearest, and from k at random, to the policy, by query [k stores queries].
        nearest_best, random_best: the share of queries whose likeliest token is the policy's.
        radius: how far the furthest of the nearest is, by query [k stores queries].
    """

    subset_tv: Numbers
    nearest_tv: Numbers
    random_tv: Numbers
    nearest_best: Numbers
    random_best: Numbers
    radius: Numbers

    @classmethod
    def of(cls, parts: Sequence[_Windows]) -> _Windows:
        """Those of all stores, from those of some each."""
        each = ([getattr(part, field.name) for part in parts] for field in fields(cls))
        return cls(*(np.concatenate(arrays, axis=1) for arrays in each))


def retrieval_experiment(
    question: RetrievalQuestion,
    *,
    seed: int = 0,
    seeds: int = 50,
    workers: Workers | None = None,
    progress: Progress = silent,
) -> Experiment:
    """Exact matches cut to k; the k nearest of a large store, beside k at random; a machine with rules missing.

    >>> done = retrieval_experiment(RetrievalQuestion(store=500, queries=3), seeds=10)
    >>> done.holds, done.table["TV to all matches"][-1] < 1e-12
    (True, True)
    """
    smooth, _, prompted = _setting(question, seed)
    tasks = [_Stores(question, seed, range(i, min(i + AT_ONCE, seeds))) for i in range(0, seeds, AT_ONCE)]
    done = _Windows.of(spread(_windows, tasks, workers=workers, progress=progress, description="stores"))
    table = Table(COLUMNS)
    for number, k in enumerate(_budgets(question.matches)):
        table.add(*_row(question, done, number, k, smooth.lipschitz))
    partial = PartialRules.measure(library.load("palindrome"), "0110", 40, 200, stream(seed, "rules"))
    bounds = [bound + EXACT for bound in table["bound"]]
    checks = {
        "no mean is above its bound": not any(map(Estimate.surely_above, table["TV to all matches"], bounds)),
        "all matches lose nothing": table["TV to all matches"][-1] < EXACT,
        "delta is kept": not any(missed.surely_above(question.delta) for missed in table["missed"]),
        "coverage is as the formula says": partial.sigmas <= 3,
    }
    return Experiment(
        name="retrieval",
        title=f"{counted(question.queries, 'context')}, {question.vocabulary} tokens, windows of up to "
        f"{question.matches} of {question.store:,} examples: {counted(seeds, 'store')}",
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


@lru_cache(maxsize=2)
def _setting(question: RetrievalQuestion, seed: int) -> tuple[SmoothPolicy, Numbers, PromptedPolicy]:
    """The policy, the queries [q 2], and the policy at these in the prompt of the network."""
    fixed_network(question.queries, question.vocabulary)  # says so if they are too many, before anything is drawn
    random, v = stream(seed, "policy"), question.vocabulary
    smooth = SmoothPolicy.random(v, random)
    queries = random.random((question.queries, 2))
    contexts, tokens = situations(question.queries), outcome_actions(v)
    return smooth, queries, PromptedPolicy(Policy.of(smooth(queries), contexts, tokens))


@one_thread()
def _windows(stores: _Stores) -> _Windows:
    """Fill windows of every size from some stores, and from some datasets of matches."""
    question, (_, _, prompted) = stores.question, _setting(stores.question, stores.seed)
    v, size = question.vocabulary, len(stores.numbers)
    of = [_retrieved(question, stores.seed, number) for number in stores.numbers]
    nearest, distances, blind = (np.array(part) for part in zip(*of, strict=True))  # [stores queries k]
    draws = [stream(stores.seed, "matches", number) for number in stores.numbers]
    matches = np.concatenate([prompted.policy.draw_counts(question.matches, 1, random) for random in draws])
    all_of_them, best = prompted.empirical(matches), prompted.truth.reshape(-1, v).argmax(1)
    windows = []
    for k in _budgets(question.matches):
        subsets = [
            blind_subsets(row[None], k, v, stream(stores.seed, "window", k, number))
            for row, number in zip(matches, stores.numbers, strict=True)
        ]
        labels = np.concatenate([nearest, blind])[..., :k, None]
        answers = prompted(np.concatenate([*subsets, (labels == np.arange(v)).sum(2).reshape(2 * size, -1)]))
        subset, near, random = np.split(answers.probabilities, 3)
        off = prompted.reader.by_situation(np.abs(subset - all_of_them)) / 2
        right = [(each.reshape(size, -1, v).argmax(2) == best).mean(1) for each in (near, random)]
        _, near_tv, random_tv = np.split(answers.policy_tv, 3)
        windows.append((off.mean(1), near_tv, random_tv, *right, distances[..., k - 1]))
    return _Windows(*(np.array(part) for part in zip(*windows, strict=True)))


def _retrieved(question: RetrievalQuestion, seed: int, number: int) -> tuple[Counts, Numbers, Counts]:
    """Labels [queries k] of the nearest examples of a store, their distances, and labels of random ones."""
    random, (smooth, queries, _) = stream(seed, "store", number), _setting(question, seed)
    contexts = random.random((question.store, 2))
    labels = smooth.draw(contexts, random)
    nearest, distances = ExampleIndex(contexts, labels).nearest(queries, min(question.matches, question.store))
    return nearest, distances, labels[random.integers(question.store, size=nearest.shape)]


def _row(question: RetrievalQuestion, done: _Windows, number: int, k: int, lipschitz: float) -> tuple[Any, ...]:
    """Windows of one size: matches against all of them, the k nearest against their bound and against k at random."""
    v, delta, tv = question.vocabulary, question.delta, done.nearest_tv[number]
    bound = np.minimum(1.0, retrieval_tv(v, k, delta) + lipschitz * done.radius[number])
    return (
        k,
        mean_of(done.subset_tv[number]),
        window_subset_tv(v, k, question.matches),
        mean_of(tv.mean(1)),
        float(np.quantile(tv, 1 - delta)),
        float(bound.mean()),
        share_of(int((tv > bound).sum()), tv.size),
        mean_of(done.random_tv[number].mean(1)),
        mean_of(done.nearest_best[number]),
        mean_of(done.random_best[number]),
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

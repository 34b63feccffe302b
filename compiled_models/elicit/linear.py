"""Half-spaces learnt in context: error over the number of examples, beside the bounds and simpler learners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from compiled_models.elicit.bounds import (
    consistent_learner_examples,
    examples_for_largest_margin,
    examples_for_largest_margin_in_expectation,
    largest_margin_error,
    largest_margin_expected_error,
    novikoff_tokens,
    paper_linear_examples,
)
from compiled_models.elicit.data.half_space import HalfSpace
from compiled_models.elicit.data.streams import stream
from compiled_models.elicit.learning.fixed_networks import network_b
from compiled_models.elicit.learning.separator import (
    Separator,
    ask,
    draft_separator,
    gradient_step,
    largest_margin,
    learn_separator,
    least_squares,
)
from compiled_models.elicit.report.chart import Chart, Roles
from compiled_models.elicit.report.cost import one_thread
from compiled_models.elicit.report.estimate import Estimate, mean_of, slope_of
from compiled_models.elicit.report.experiment import Experiment, Progress, silent
from compiled_models.elicit.report.spread import spread
from compiled_models.elicit.report.table import Table
from compiled_models.workers import Workers
from construction.classifiers.labelled_vectors import Integers
from construction.fingerprint import fingerprint
from tm.text import counted

__all__ = ["HALF_MARGIN", "LinearQuestion", "linear_experiment"]

FRESH = 4_000  # points to measure an error on
ASKED = 16  # of these, put to the network itself
LONGEST, LONGEST_OF_FIRST = 1_000, 12_000  # drafts of more tokens are not put to the network
ENDLESS = 1_000_000
SLOPE = -0.85
HALF_MARGIN = "margin machine, half of the largest margin"  # network B certifies the half, then stops
LEARNERS = ("one gradient step", "least squares", "perceptron", HALF_MARGIN)
COLUMNS = (
    "examples",
    *LEARNERS,
    "half of the largest margin, 1 - delta",
    "d / (n + 1)",
    "bound, 1 - delta",
    "perceptron's tokens",
    "longest",
    "Novikoff's bound / tokens",
    "tokens to half of the largest margin",
    "half of the largest margin, runs by the network",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearQuestion:
    """What is asked: to err on a share epsilon of the points at most, with probability 1 - delta, in d dimensions."""

    dimension: int = 8
    epsilon: float = 0.1
    delta: float = 0.05
    sizes: tuple[int, ...] = (32, 64, 128, 256, 512)


@dataclass(frozen=True, slots=True)
class _DataSet:
    """A data set to learn from: the number of its examples, and its own among those of that size."""

    dimension: int
    examples: int
    number: int
    seed: int


@dataclass(frozen=True, slots=True)
class _Trial:
    """One data set: each learner's error, and how the margin machine came to its own."""

    errors: Mapping[str, float]
    perceptron: Separator
    novikoff: float
    half_margin: Separator
    unlike: int


def linear_experiment(
    question: LinearQuestion,
    *,
    seed: int = 0,
    seeds: int = 25,
    workers: Workers | None = None,
    progress: Progress = silent,
) -> Experiment:
    """Draw half-spaces and examples of them, let each learner learn, and measure its error on fresh points.

    >>> done = linear_experiment(LinearQuestion(dimension=4, sizes=(16, 32)), seeds=4)
    >>> done.facts["answers of the network that are not the sign of <S, x>"]
    0
    """
    sets = [_DataSet(question.dimension, n, i, seed) for n in question.sizes for i in range(seeds)]
    every = spread(_trial, sets, workers=workers, progress=progress, description="half-spaces")
    table = Table(COLUMNS)
    for i, n in enumerate(question.sizes):
        table.add(*_row(question, n, every[i * seeds : (i + 1) * seeds]))
    slopes = {name: _slope(table, name) for name in LEARNERS}
    facts = _facts(question, slopes, every) | {"error after training on shuffled labels": _shuffled(question, seed)}
    return Experiment(
        name="linear",
        title=f"half-spaces in {counted(question.dimension, 'dimension')}, {counted(seeds, 'data set')} of each size",
        facts=facts,
        table=table,
        charts=(_chart(table), _tokens_chart(table)),
        networks={"B": fingerprint(network_b()).sha256},
        falsified_if="the margin machine, which stops at half of the largest margin, errs more than d/(n+1) on "
        f"average, its slope is above {SLOPE} (both beyond twice the interval), or a perceptron's tokens exceed "
        "Novikoff's bound",
        holds=_holds(table, slopes, every),
        options={
            "dimension": question.dimension,
            "examples": question.sizes[-1],
            "epsilon": question.epsilon,
            "delta": question.delta,
            "seed": seed,
            "seeds": seeds,
        },
    )


@one_thread()
def _trial(of: _DataSet) -> _Trial:
    random = stream(of.seed, "half-space", of.examples, of.number)
    truth = HalfSpace.random(of.dimension, random)
    vectors, labels = truth.draw(of.examples, random)
    perceptron, half_margin = (draft_separator(vectors, labels, certify=c, limit=ENDLESS) for c in ("0", "1/2"))
    unlike = 0
    if len(perceptron.choices) <= LONGEST_OF_FIRST:
        perceptron, cache = learn_separator(network_b(), vectors, labels)
        questions, _ = truth.draw(ASKED, random)
        unlike = int((ask(network_b(), cache, questions) != perceptron.predict(questions)).sum())
    if len(half_margin.choices) <= (LONGEST if of.number else LONGEST_OF_FIRST):
        half_margin, _ = learn_separator(network_b(), vectors, labels, certify="1/2")
    separators = (gradient_step(vectors, labels), least_squares(vectors, labels), perceptron.sum, half_margin.sum)
    errors = {name: truth.error(w, FRESH, random) for name, w in zip(LEARNERS, separators, strict=True)}
    return _Trial(errors, perceptron, _novikoff(vectors, labels, half_margin.sum), half_margin, unlike)


def _novikoff(vectors: Integers, labels: Integers, learnt: Integers) -> float:
    """The bound by the largest margin that was found, by least squares or by what was learnt: at most rho."""
    margins = labels * (vectors @ learnt) / max(1e-300, float(np.linalg.norm(learnt)))
    rho = max(largest_margin(vectors, labels), float(margins.min()))
    radius = float(np.linalg.norm(vectors, axis=1).max())
    return novikoff_tokens(radius, rho) if rho > 0 else np.inf


def _row(question: LinearQuestion, n: int, done: list[_Trial]) -> tuple[Any, ...]:
    d, delta = question.dimension, question.delta
    tokens = [len(trial.perceptron.choices) for trial in done]
    return (
        n,
        *(mean_of([trial.errors[name] for trial in done]) for name in LEARNERS),
        float(np.quantile([trial.errors[HALF_MARGIN] for trial in done], 1 - delta)),
        largest_margin_expected_error(d, n),
        largest_margin_error(d, n, delta),
        mean_of(tokens),
        max(tokens),
        float(min(trial.novikoff / len(trial.perceptron.choices) for trial in done)),
        mean_of([len(trial.half_margin.choices) for trial in done]),
        sum(trial.half_margin.confirmed > 0 for trial in done),
    )


def _slope(table: Table, learner: str) -> Estimate:
    if len(table.rows) < 2:
        return Estimate(float("nan"), float("-inf"), float("inf"))
    return slope_of(table["examples"], table[learner], least=1 / FRESH)


@one_thread()
def _shuffled(question: LinearQuestion, seed: int, repeats: int = 5) -> Estimate:
    """The mean error where the labels were shuffled before training: no skill may be left."""
    errors = []
    for number in range(repeats):
        random = stream(seed, "shuffled", number)
        truth = HalfSpace.random(question.dimension, random)
        vectors, labels = truth.draw(question.sizes[-1] // 2, random)
        separator, _ = learn_separator(network_b(), vectors, random.permutation(labels), limit=200)
        errors.append(truth.error(separator.sum, FRESH, random))
    return mean_of(errors)


def _facts(question: LinearQuestion, slopes: Mapping[str, Estimate], every: list[_Trial]) -> dict[str, Any]:
    d, epsilon, delta = question.dimension, question.epsilon, question.delta
    runs = [trial.perceptron for trial in every]
    by_network = f"{sum(trial.half_margin.confirmed > 0 for trial in every)} of {len(every)}"
    return {
        "paper rate (constant 1; the constant is not stated)": paper_linear_examples(d, epsilon),
        "examples for epsilon in expectation, exact largest margin": examples_for_largest_margin_in_expectation(
            d, epsilon
        ),
        "  with probability 1 - delta, exact largest margin": examples_for_largest_margin(d, epsilon, delta),
        "the same for any consistent learner": consistent_learner_examples(d, epsilon, delta),
        **{f"slope of log error over log n, {name}": slope for name, slope in slopes.items()},
        "perceptron runs, every token the network's": f"{sum(run.confirmed > 0 for run in runs)} of {len(runs)}",
        "  that did not separate their examples": sum(not run.stopped for run in runs),
        "  longer than Novikoff's (R / rho)^2": sum(len(t.perceptron.choices) > t.novikoff for t in every),
        "  longer than certified for the network's constants": sum(
            run.confirmed > 0 and not run.certified for run in runs
        ),
        f"runs to half of the margin likewise (of up to {LONGEST:,} tokens; first of a size)": by_network,
        "answers of the network that are not the sign of <S, x>": sum(trial.unlike for trial in every),
        "  of so many asked": ASKED * sum(run.confirmed > 0 for run in runs),
    }


def _holds(table: Table, slopes: Mapping[str, Estimate], every: list[_Trial]) -> bool:
    above = any(map(Estimate.surely_above, table[HALF_MARGIN], table["d / (n + 1)"]))
    steep = len(table.rows) < 5 or not slopes[HALF_MARGIN].surely_above(SLOPE)
    runs = all(t.perceptron.stopped and len(t.perceptron.choices) <= t.novikoff and not t.unlike for t in every)
    return bool(not above and steep and runs)


def _chart(table: Table) -> Chart:
    roles: Roles = {
        "one gradient step": "third",
        "least squares": "second",
        HALF_MARGIN: ("measured", "margin machine, half margin"),  # no longer than others: the legend is in a corner
        "perceptron": ("asymptote", "margin machine, perceptron"),
        "d / (n + 1)": ("bound", "bound in expectation, d/(n+1)"),
        "bound, 1 - delta": "paper",
    }
    title, y = "error of separators learnt from n examples", "error on fresh points"
    return Chart.of(table, "examples", roles, title=title, x_title="examples in the prompt", y=y, log="xy")


def _tokens_chart(table: Table) -> Chart:
    roles: Roles = {
        "tokens to half of the largest margin": ("measured", "half of the largest margin certified, mean"),
        "longest": ("second", "perceptron, longest"),
        "perceptron's tokens": ("asymptote", "perceptron, mean"),
    }
    title, y = "what learning costs: tokens generated", "choices until STOP"
    return Chart.of(table, "examples", roles, title=title, x_title="examples in the prompt", y=y, log="xy")

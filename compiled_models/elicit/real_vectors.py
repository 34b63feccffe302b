"""Real data in the prompt of the margin machine, beside what scikit-learn makes of the same data."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiled_models.elicit.data.half_space import LEVELS
from compiled_models.elicit.data.real_data import DATA_SETS, Quantiser, real_data
from compiled_models.elicit.learning.fixed_networks import network_b, network_b_with_slack
from compiled_models.elicit.learning.separator import ask, learn_separator
from compiled_models.elicit.report.chart import Chart, Role, Series, series
from compiled_models.elicit.report.cost import one_thread
from compiled_models.elicit.report.estimate import Estimate, mean_of, share_of
from compiled_models.elicit.report.experiment import Experiment, Progress, silent
from compiled_models.elicit.report.spread import spread
from compiled_models.elicit.report.table import Table
from compiled_models.workers import Workers
from construction.classifiers.labelled_vectors import Integers
from construction.fingerprint import fingerprint
from construction.transformer import Transformer

__all__ = ["real_experiment"]

Numbers = NDArray[np.float64]
FOLDS = 5
LONGEST = 1_200  # tokens of learning; without a separator a perceptron would go on for ever
COLUMNS = (
    "data",
    "examples",
    "margin machine with slack",
    "its tokens",
    "perceptron",
    "perceptron's tokens",
    "LinearSVC, same integers, same C",
    "answers it shares with LinearSVC",
    "LinearSVC",
    "logistic regression",
)


def real_experiment(
    names: tuple[str, ...] = DATA_SETS, *, seed: int = 0, workers: Workers | None = None, progress: Progress = silent
) -> Experiment:
    """Five-fold cross-validation: learn from four fifths in the prompt, answer for the last.

    >>> done = real_experiment(("iris 0/1",))
    >>> done.table["margin machine with slack"], done.table["LinearSVC"]
    ([1.0], [1.0])
    """
    table, unfinished = Table(COLUMNS), 0
    folds = [(name, *fold) for name in names for fold in _folds(name, seed)]
    every = spread(_fold, folds, workers=workers, progress=progress, description="folds of real data")
    for i, name in enumerate(names):
        done = every[i * FOLDS : (i + 1) * FOLDS]
        table.add(name, sum(fold.tested for fold in done), *_means(done))
        unfinished += sum(not fold.stopped for fold in done)
    agreement = min(table["answers it shares with LinearSVC"])
    return Experiment(
        name="linear",
        title="accuracy on real data, five-fold cross-validation",
        facts={
            "machines with slack that had not certified half the margin": unfinished,
            f"  after {LONGEST:,} tokens, of so many": len(folds),
            "smallest share of answers in common with LinearSVC": agreement,
        },
        table=table,
        charts=(_chart(table),),
        networks={
            "B": fingerprint(network_b()).sha256,
            "B with slack": fingerprint(network_b_with_slack()).sha256,
        },
        falsified_if="the margin machine agrees with LinearSVC on less than 90 % of the answers of some data set",
        holds=agreement >= 0.9,
        options={"data": "real", "seed": seed},
    )


@dataclass(frozen=True, slots=True)
class _Fold:
    """Accuracies, tokens and agreement on one fold, in the order of the columns."""

    tested: int
    figures: tuple[float, ...]
    stopped: bool


def _folds(name: str, seed: int) -> Iterator[tuple[Integers, Integers]]:
    from sklearn.model_selection import StratifiedKFold

    vectors, labels = real_data(name)
    yield from StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(vectors, labels)


@one_thread()
def _fold(task: tuple[str, Integers, Integers]) -> _Fold:
    """Learn a data set from some of its examples, and answer for others."""
    name, train, test = task
    vectors, labels = real_data(name)
    quantiser = Quantiser.fit(vectors[train], levels=LEVELS)
    x, x_test = quantiser(vectors[train]), quantiser(vectors[test])
    y, y_test = labels[train], labels[test]
    soft, tokens, stopped = _by_network(network_b_with_slack(), x, y, x_test, "1/2")
    hard, hard_tokens, _ = _by_network(network_b(), x, y, x_test, "0")
    of_integers = _linear_svc(x, y, 1 / (2 * 4**2), intercept=False).predict(x_test)
    scale = np.maximum(vectors[train].std(axis=0), 1e-9)
    real, real_test = ((vectors[part] - vectors[train].mean(axis=0)) / scale for part in (train, test))
    stock = _linear_svc(real, y, 1.0, intercept=True).predict(real_test)
    logistic = _logistic(real, y).predict(real_test)
    share = [float(np.mean(answers == y_test)) for answers in (soft, hard, of_integers, stock, logistic)]
    figures = (share[0], tokens, share[1], hard_tokens, share[2], float(np.mean(soft == of_integers)), *share[3:])
    return _Fold(len(test), figures, stopped)


def _by_network(
    network: Transformer, x: Integers, y: Integers, x_test: Integers, certify: str
) -> tuple[Integers, int, bool]:
    separator, cache = learn_separator(network, x, y, certify=certify, limit=LONGEST)
    return ask(network, cache, x_test), len(separator.choices), separator.stopped


def _linear_svc(x: NDArray[Any], y: Integers, c: float, *, intercept: bool) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import LinearSVC

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the last digits of w do not matter here
        return LinearSVC(C=c, fit_intercept=intercept, max_iter=20_000, random_state=0).fit(x, y)


def _logistic(x: Numbers, y: Integers) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=5_000).fit(x, y)


def _means(done: list[_Fold]) -> list[Estimate]:
    """Of each figure: the share of all answers, or the mean tokens of a fold."""
    tested, figures = np.array([fold.tested for fold in done]), np.array([fold.figures for fold in done])
    return [
        mean_of(of) if "tokens" in column else share_of(round(float(tested @ of)), int(tested.sum()))
        for column, of in zip(COLUMNS[2:], figures.T, strict=True)
    ]


def _chart(table: Table) -> Chart:
    roles: dict[str, Role] = {
        "margin machine with slack": "measured",
        "perceptron": "third",
        "LinearSVC": "second",
        "logistic regression": "bound",
    }
    lines: list[Series] = []
    for beside, (column, role) in zip((-0.15, -0.05, 0.05, 0.15), roles.items(), strict=True):
        lines += series(table, [i + beside for i in range(len(table.rows))], {column: role}, points=True)
    title, names = "examples in the prompt against fitted models", tuple(table["data"])
    return Chart(title, "", "accuracy", tuple(lines), x_labels=names)

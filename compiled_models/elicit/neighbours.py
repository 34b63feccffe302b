"""Nearest neighbours in the prompt: a real index chooses the examples, network D finds the nearest of them and answers.

The store is larger than any window. An index in front of the prompt takes the nearest examples from it; the network
then finds the k nearest exactly, a round each, and answers with their labels. With k of them in the window nothing is
lost against the whole store. The rival fills the window with random examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from compiled_models.decoding.speculative import decode_speculatively
from compiled_models.elicit.learning.fixed_networks import network_d
from compiled_models.elicit.report.chart import Chart, Roles
from compiled_models.elicit.report.cost import one_thread
from compiled_models.elicit.report.estimate import share_of
from compiled_models.elicit.report.experiment import Experiment, Progress, silent
from compiled_models.elicit.report.table import Table
from construction.classifiers.labelled_vectors import Integers
from construction.classifiers.nearest_neighbour import neighbour_prompt, neighbour_vocabulary
from construction.codec import Prompt
from construction.fingerprint import fingerprint
from construction.transformer import Transformer

__all__ = ["NeighbourQuestion", "answer_by_network", "nearest_in", "neighbour_experiment"]

WINDOWS = (5, 10, 20, 40, 80)
COLUMNS = (
    "window",
    "accuracy, nearest in the window",
    "accuracy, random in the window",
    "tokens not as sorted",
    "answers not those of the whole store",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourQuestion:
    """What is asked: so many handwritten digits, each by its k nearest in a window of a store of the others."""

    neighbours: int = 5
    questions: int = 40


def nearest_in(vectors: Integers, question: Integers, k: int) -> Integers:
    """The numbers of the k nearest vectors, nearest first, equally near ones in their order: by sorting.

    >>> nearest_in(np.array([[5], [1], [3], [1]]), np.array([2]), 3).tolist()
    [1, 2, 3]
    """
    order: Integers = np.argsort(((vectors - question) ** 2).sum(axis=1), kind="stable")[:k]
    return order


def answer_by_network(
    network: Transformer, vectors: Integers, outcomes: Integers, question: Integers, k: int
) -> tuple[int, Integers]:
    """The outcome that network D generates, and the numbers of the neighbours that it generated before it.

    >>> vectors, outcomes = np.array([[5], [1], [3], [1]]), np.array([7, 2, 4, 2])
    >>> answer_by_network(network_d(), vectors, outcomes, np.array([2]), 3)
    (2, array([1, 2, 3]))
    """
    vocabulary = neighbour_vocabulary(network.config)
    nearest = nearest_in(vectors, question, k)
    likely = int(np.bincount(outcomes[nearest]).argmax())
    draft = [vocabulary.token("NEIGHBOUR", int(i), k - 1 - r) for r, i in enumerate(nearest)]
    draft.append(vocabulary.token("OUTCOME", likely))
    prompt = Prompt(neighbour_prompt(vocabulary, vectors, outcomes, question, k), vocabulary.token("BOS"))
    run = decode_speculatively(network, vocabulary, prompt, np.array(draft), limit=k + 1)
    values = [vocabulary.parse(token)[1][0] for token in run.tokens]
    return values[-1], np.array(values[:-1])


def neighbour_experiment(question: NeighbourQuestion, *, seed: int = 0, progress: Progress = silent) -> Experiment:
    """Handwritten digits by their nearest neighbours, over the size of the window.

    >>> done = neighbour_experiment(NeighbourQuestion(questions=4))
    >>> done.holds, done.table["tokens not as sorted"]
    (True, [0, 0, 0, 0, 0])
    """
    from sklearn.datasets import load_digits
    from sklearn.neighbors import KNeighborsClassifier

    random = np.random.default_rng(seed)
    vectors, labels = load_digits(return_X_y=True)
    vectors, order = vectors.astype(np.int64), random.permutation(len(labels))
    questions, store = order[: question.questions], order[question.questions :]
    stock = KNeighborsClassifier(question.neighbours).fit(vectors[store], labels[store])
    rows: dict[int, list[Mapping[str, float]]] = {window: [] for window in _windows(question)}
    with one_thread():
        for window, i in progress([(w, i) for w in rows for i in questions], "windows"):
            rows[window].append(_ask(question, vectors, labels, store, int(i), window, stock, random))
    table = Table(COLUMNS)
    for window, done in rows.items():
        shares = [share_of(int(sum(each[name] for each in done)), len(done)) for name in ("nearest", "random")]
        table.add(window, *shares, *(int(sum(each[name] for each in done)) for name in ("unsorted", "lost")))
    return Experiment(
        name="neighbours",
        title=f"{question.questions} handwritten digits by their {question.neighbours} nearest of {len(store):,}",
        facts={
            "examples in the store, in front of which the index stands": len(store),
            "accuracy of scikit-learn's KNeighborsClassifier on the whole store": share_of(
                int((stock.predict(vectors[questions]) == labels[questions]).sum()), len(questions)
            ),
            "tokens of network D that are not what sorting says": sum(table["tokens not as sorted"]),
            "its answers that the whole store would have changed": sum(table["answers not those of the whole store"]),
        },
        table=table,
        charts=(_chart(table),),
        networks={"D": fingerprint(network_d()).sha256},
        falsified_if="a neighbour is not the one that sorting finds, or a window that holds the k nearest of the store "
        "gives another answer than the store",
        holds=not any(table["tokens not as sorted"]) and not any(table["answers not those of the whole store"]),
        options={"neighbours": question.neighbours, "questions": question.questions, "seed": seed},
    )


def _windows(question: NeighbourQuestion) -> list[int]:
    return [window for window in WINDOWS if window >= question.neighbours]


def _ask(
    question: NeighbourQuestion,
    vectors: Integers,
    labels: Integers,
    store: Integers,
    asked: int,
    window: int,
    stock: Any,
    random: np.random.Generator,
) -> dict[str, float]:
    """One question, with the nearest and with random examples in the window."""
    k, x = question.neighbours, vectors[asked]
    nearest = stock.kneighbors(x[None].astype(float), n_neighbors=window, return_distance=False)
    near = store[np.sort(nearest[0])]  # in the order of the store, so that equally near ones keep theirs
    answer, neighbours = answer_by_network(network_d(), vectors[near], labels[near], x, k)
    unsorted = int((neighbours != nearest_in(vectors[near], x, k)).sum())
    whole = ((vectors[store] - x) ** 2).sum(axis=1)
    cut = np.sort(whole)[k - 1]
    tied = int((whole <= cut).sum()) > window  # more equally near ones than the window holds: another k is as right
    lost = int(answer != _of_store(vectors, labels, store, x, k)) if not tied else 0
    sample = random.choice(store, size=window, replace=False)
    blind_answer, _ = answer_by_network(network_d(), vectors[sample], labels[sample], x, k)
    truth = int(labels[asked])
    return {"nearest": answer == truth, "random": blind_answer == truth, "unsorted": unsorted, "lost": lost}


def _of_store(vectors: Integers, labels: Integers, store: Integers, x: Integers, k: int) -> int:
    return int(np.bincount(labels[store[nearest_in(vectors[store], x, k)]]).argmax())


def _chart(table: Table) -> Chart:
    roles: Roles = {
        "accuracy, nearest in the window": ("measured", "the nearest of the store"),
        "accuracy, random in the window": ("second", "random ones of the store"),
    }
    title, x_title = "network D, with an index in front of its prompt", "examples in the window"
    return Chart.of(table, "window", roles, title=title, x_title=x_title, y="accuracy", log="x", y_range=(0.0, 1.02))

"""An experiment's data sets, whoever works on them and in whatever order: the same facts and the same table."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pytest

from compiled_models.cli import main
from compiled_models.elicit import Experiment, fixed_context, linear, retrieval, sequence, text
from compiled_models.elicit.data.streams import stream
from compiled_models.elicit.fixed_context import fixed_context_experiment
from compiled_models.elicit.linear import LinearQuestion, linear_experiment
from compiled_models.elicit.report.spread import spread
from compiled_models.elicit.retrieval import RetrievalQuestion, retrieval_experiment
from compiled_models.elicit.sequence import SequenceQuestion, sequence_experiment
from compiled_models.elicit.text import TextQuestion, text_experiment
from tests.compiled_models.workers.tasks import fails_on_three

TEXT, LINEAR = TextQuestion(contexts=1, vocabulary=2, epsilon=0.3), LinearQuestion(dimension=3, sizes=(16, 32))
RETRIEVAL = RetrievalQuestion(store=200, queries=2, matches=20)
EXPERIMENTS: dict[str, Callable[..., Experiment]] = {
    "text": lambda **how: text_experiment(TEXT, **how),
    "sequence": lambda **how: sequence_experiment(SequenceQuestion(length=2, vocabulary=2, epsilon=0.4), **how),
    "half-spaces": lambda **how: linear_experiment(LINEAR, **how),
    "fixed context": lambda **how: fixed_context_experiment(0.3, 0.3, **how),
    "retrieval": lambda **how: retrieval_experiment(RETRIEVAL, **how),
}


def sent(value: Any) -> Any:
    """What arrives elsewhere."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301


class Elsewhere:
    """Workers who do the last task first, are handed nothing but bytes, and remember what came of each task."""

    def __init__(self, *, only: bool = False) -> None:
        self.only, self.done = only, dict[str, str]()

    def answers(self, function: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        for number, task in reversed(list(enumerate(tasks))):
            answer = sent(function)(sent(task))
            self.done[repr(task).replace("seed=1", "seed=0")] = repr(answer)
            yield number, sent(answer)
        if self.only:
            raise Enough


class Enough(Exception):
    """All tasks are done, and what is made of them is not asked for."""


def answers_of(name: str, **how: Any) -> dict[str, str]:
    """What comes of each task of an experiment."""
    workers = Elsewhere(only=True)
    with pytest.raises(Enough):
        EXPERIMENTS[name](workers=workers, **how)
    return workers.done


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_order_does_not_matter_and_more_data_sets_leave_the_first_as_they_are(name, monkeypatch):
    for module in (text, sequence, retrieval):
        monkeypatch.setattr(module, "AT_ONCE", 2)
    for module, constant, less in ((text, "TUNED", 1), (fixed_context, "EPSILONS", (0.3,)), (linear, "FRESH", 100)):
        monkeypatch.setattr(module, constant, less)
    elsewhere = Elsewhere()
    assert EXPERIMENTS[name](seeds=4).json() == EXPERIMENTS[name](seeds=4, workers=elsewhere).json()
    few, more, another = elsewhere.done, answers_of(name, seeds=6), answers_of(name, seeds=4, seed=1)
    assert few.items() < more.items()
    assert len(few) >= 2
    assert few.keys() == another.keys()
    assert all(few[task] != another[task] for task in few)


@pytest.mark.parametrize("experiment", ["text", "sequence", "linear", "retrieval"])
def test_workers_that_cannot_be_are_one_error(experiment, capsys, monkeypatch):
    assert main(["elicit", experiment, "--workers", "1", "--dask", "tcp://127.0.0.1:1"]) == 2
    assert "the workers are said twice" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["elicit", experiment, "--dask", "tcp://127.0.0.1:1"]) == 2
    assert "pip install 'tapehead[dask]'" in capsys.readouterr().err
    assert main(["elicit", experiment, "--workers", "0"]) == 2


def test_what_a_task_raises_is_raised_here():
    with pytest.raises(ArithmeticError, match="three"):
        spread(fails_on_three, range(6))


def test_a_progress_bar_knows_how_many_tasks_there_are():
    lengths = []

    def progress(items: Any, description: str) -> Iterator[Any]:
        lengths.append((len(items), description))
        return iter(items)

    assert spread(abs, [-1, -2, -3], progress=progress, description="numbers") == [1, 2, 3]
    assert lengths == [(3, "numbers")]


def test_streams_of_different_places_are_different():
    places = [("a",), ("a", 0), ("a", 1), ("b",), ("a", 0, 1), ("a", 1, 0), ("ab",), (), ("a", 2**40)]
    assert len({stream(seed, *place).integers(2**62) for seed in (0, 1) for place in places}) == 2 * len(places)
    assert np.array_equal(stream(3, "a", 4).random(5), stream(3, "a", 4).random(5))

"""The figures that would convince a sceptic: each is an experiment, at the sizes of this table.

`python -m compiled_models.elicit.figures [NAME...]` (or `make figures`, for all of them) draws them into docs/figures,
each with its numbers beside it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from compiled_models.elicit.bounded_context import bounded_context_experiment
from compiled_models.elicit.data.real_data import DATA_SETS
from compiled_models.elicit.decide_head import decide_head_experiment
from compiled_models.elicit.fixed_context import fixed_context_experiment
from compiled_models.elicit.linear import LinearQuestion, linear_experiment
from compiled_models.elicit.machine_runs import machine_experiment
from compiled_models.elicit.neighbours import NeighbourQuestion, neighbour_experiment
from compiled_models.elicit.one_network import one_network_experiment
from compiled_models.elicit.real_vectors import real_experiment
from compiled_models.elicit.report.experiment import Experiment
from compiled_models.elicit.retrieval import RetrievalQuestion, retrieval_experiment
from compiled_models.elicit.sequence import coin_experiment
from compiled_models.elicit.text import uniform_text_experiment
from compiled_models.elicit.tuning import TuningQuestion, tuning_experiment
from tm import InputError, Problem

__all__ = ["FIGURES", "figure"]

FOLDER = Path("docs/figures")


def _part(whole: int, scale: float, least: int) -> int:
    """How many of the whole a scale leaves."""
    return max(least, round(whole * scale))


FIGURES: Mapping[str, Callable[[float], Experiment]] = {
    "bounded_context": lambda scale: bounded_context_experiment(seeds=_part(200, scale, 20)),
    "decide_head": lambda scale: decide_head_experiment(seeds=_part(20, scale, 2)),
    "fixed_context": lambda scale: fixed_context_experiment(seeds=_part(30, scale, 6)),
    "half_space": lambda scale: linear_experiment(LinearQuestion(), seeds=_part(25, scale, 4)),
    "machine": lambda scale: machine_experiment(seeds=_part(100, scale, 10), prompts=_part(400, scale, 60)),
    "neighbours": lambda scale: neighbour_experiment(NeighbourQuestion(questions=_part(40, scale, 5))),
    "one_network": lambda scale: one_network_experiment(),
    "real_vectors": lambda scale: real_experiment(DATA_SETS[: _part(len(DATA_SETS), scale, 1)]),
    "retrieval": lambda scale: retrieval_experiment(
        RetrievalQuestion(store=20_000 if scale == 1 else 1_000), seeds=_part(60, scale, 5)
    ),
    "sequence": lambda scale: coin_experiment(seeds=_part(200, scale, 10)),
    "text": lambda scale: uniform_text_experiment(seeds=_part(250, scale, 10)),
    "tuning": lambda scale: tuning_experiment(TuningQuestion(sizes=(10, 100, 1000) if scale == 1 else (10,))),
}
"""By the name of its file: what measures a figure, given how many of its data sets to take, 1 being all."""


def figure(name: str, scale: float = 1.0) -> Experiment:
    """Measure a figure; `scale` says how many data sets, 1 being all.

    Raises:
        InputError: for a name that is no figure's.
    """
    _require(name)
    return FIGURES[name](scale)


def _require(name: str) -> None:
    if name not in FIGURES:
        raise InputError(Problem("no such figure", ", ".join(FIGURES), repr(name)))


def main(wanted: list[str]) -> int:
    """Draw the wanted figures, or all; exit status 1: one falsifies a claim; 2: there is none of that name."""
    try:
        for name in wanted:
            _require(name)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    falsified = []
    for name in wanted or FIGURES:
        started = time.perf_counter()
        experiment = figure(name)
        command = f"python -m compiled_models.elicit.figures {name}"
        experiment.draw(FOLDER / f"{name}.png")
        facts = [f"{key.strip()}: {value}" for key, value in experiment.facts.items()]
        hashes = [f"network {key}: sha256 {value}" for key, value in experiment.networks.items()]
        comment = [command, experiment.title, experiment.verdict, *facts, *hashes]
        experiment.write(FOLDER / f"{name}.csv", "\n".join(comment))
        falsified += [name] if experiment.holds is False else []
        print(f"{name:<20} {time.perf_counter() - started:5.1f} s  {experiment.verdict.partition(' (')[0]}", flush=True)
    return int(bool(falsified))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

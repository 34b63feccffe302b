"""Tuning by gradient descent on the data, against the data in the prompt."""

from __future__ import annotations

from compiled_models.elicit.report.experiment import Experiment
from compiled_models.elicit.tuning import TuningQuestion, tuning_experiment

__all__ = ["figure"]


def figure(scale: float = 1.0) -> Experiment:
    """The experiment of `tapehead elicit tuning`."""
    sizes = (10, 100, 1000) if scale == 1 else (10,)
    return tuning_experiment(TuningQuestion(sizes=sizes))

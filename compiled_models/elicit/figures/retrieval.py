"""What a window of k of a context's 100 examples costs, and k nearest of 20,000."""

from __future__ import annotations

from compiled_models.elicit.report.experiment import Experiment
from compiled_models.elicit.retrieval import RetrievalQuestion, retrieval_experiment

__all__ = ["figure"]


def figure(scale: float = 1.0) -> Experiment:
    """The experiment of `tapehead elicit retrieval`."""
    store = 20_000 if scale == 1 else 1_000
    return retrieval_experiment(RetrievalQuestion(store=store), seeds=max(5, round(60 * scale)))

"""Half-spaces in 8 dimensions: error over the number of examples, and what learning costs."""

from __future__ import annotations

from compiled_models.elicit.linear import LinearQuestion, linear_experiment
from compiled_models.elicit.report.experiment import Experiment

__all__ = ["figure"]


def figure(scale: float = 1.0) -> Experiment:
    """n = 32..512: one gradient step, least squares, and the margin machine as perceptron and as max-margin."""
    return linear_experiment(LinearQuestion(), seeds=max(4, round(25 * scale)))

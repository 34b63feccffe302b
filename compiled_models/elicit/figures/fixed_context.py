"""The rate for a fixed context: what it is not true of, and the two things it is true of."""

from __future__ import annotations

from compiled_models.elicit.fixed_context import fixed_context_experiment
from compiled_models.elicit.report.experiment import Experiment

__all__ = ["figure"]


def figure(scale: float = 1.0) -> Experiment:
    """The counterexample x uniform on e_1..e_2000, verification, and the core-set."""
    return fixed_context_experiment(seeds=max(6, round(30 * scale)))

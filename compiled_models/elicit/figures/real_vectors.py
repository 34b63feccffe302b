"""Real data in the prompt of the margin machine, beside what scikit-learn fits to it."""

from __future__ import annotations

from compiled_models.elicit.real_vectors import DATA_SETS, real_experiment
from compiled_models.elicit.report.experiment import Experiment

__all__ = ["figure"]


def figure(scale: float = 1.0) -> Experiment:
    """Breast cancer, iris and pairs of digits; a part of them at a smaller scale."""
    return real_experiment(DATA_SETS[: max(1, round(len(DATA_SETS) * scale))])

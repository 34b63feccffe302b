"""Nearest neighbours by attention, over the size of the window."""

from __future__ import annotations

from compiled_models.elicit.neighbours import NeighbourQuestion, neighbour_experiment
from compiled_models.elicit.report.experiment import Experiment

__all__ = ["figure"]


def figure(scale: float = 1.0) -> Experiment:
    """Handwritten digits, an index in front of the prompt, beside windows filled at random."""
    return neighbour_experiment(NeighbourQuestion(questions=max(5, round(40 * scale))))

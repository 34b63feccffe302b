"""`tapehead elicit neighbours`: exact nearest neighbours by attention, an index in front of the prompt."""

from __future__ import annotations

from pathlib import Path

import click

from compiled_models.cli.elicit.options import output_options, progress, show
from compiled_models.elicit.neighbours import NeighbourQuestion, neighbour_experiment

__all__ = ["command"]


@click.command()
@click.option("--neighbours", type=click.IntRange(1, 8), default=5, show_default=True, help="k, a round each.")
@click.option("--questions", type=click.IntRange(1, 500), default=40, show_default=True, help="Digits to recognise.")
@output_options
def command(neighbours: int, questions: int, seed: int, output: Path | None, as_json: bool) -> int:
    """Recognise handwritten digits by their nearest neighbours among the examples in the prompt.

    An index takes a window's worth of examples from the store; a fixed network finds the k nearest of them, one a
    round, and answers with their labels. Beside it, windows filled at random.
    """
    question = NeighbourQuestion(neighbours=neighbours, questions=questions)
    return show(neighbour_experiment(question, seed=seed, progress=progress), output, as_json)

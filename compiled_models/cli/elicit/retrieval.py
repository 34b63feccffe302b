"""`tapehead elicit retrieval`: a bounded window, and a store of examples in front of it."""

from __future__ import annotations

from pathlib import Path

import click

from compiled_models.cli.elicit.options import SHARE, experiment_options, progress, show
from compiled_models.elicit.retrieval import RetrievalQuestion, retrieval_experiment

__all__ = ["command"]


@click.command()
@click.option("--vocabulary", type=click.IntRange(2), default=6, show_default=True, help="Tokens to choose from.")
@click.option("--matches", type=click.IntRange(2), default=100, show_default=True, help="The largest window.")
@click.option("--store", type=click.IntRange(100), default=20_000, show_default=True, help="Examples in the store.")
@click.option("--queries", type=click.IntRange(1), default=8, show_default=True, help="Contexts to ask about.")
@click.option("--epsilon", type=SHARE, default=0.1, show_default=True, help="Total variation to reach.")
@click.option("--delta", type=SHARE, default=0.05, show_default=True, help="Probability of missing it.")
@experiment_options(seeds=50)
def command(
    vocabulary: int,
    matches: int,
    store: int,
    queries: int,
    epsilon: float,
    delta: float,
    seed: int,
    seeds: int,
    output: Path | None,
    as_json: bool,
) -> int:
    """What is lost when only k examples fit into the prompt?

    Nothing, where all matches fit. Otherwise: k of the matches, chosen blindly; the k nearest of a large store with an
    index in front of the prompt, beside k random ones; and a machine that runs from some of its rules.
    """
    question = RetrievalQuestion(
        vocabulary=vocabulary,
        matches=min(matches, store),
        store=store,
        queries=queries,
        epsilon=epsilon,
        delta=delta,
    )
    return show(retrieval_experiment(question, seed=seed, seeds=seeds, progress=progress), output, as_json)

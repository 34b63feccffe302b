"""`tapehead elicit text`: the next token in each of several contexts."""

from __future__ import annotations

from pathlib import Path

import click

from compiled_models.cli.elicit.options import SHARE, experiment_options, progress, show
from compiled_models.elicit.text import TextQuestion, text_experiment

__all__ = ["command"]


@click.command()
@click.option("--contexts", type=click.IntRange(1), default=12, show_default=True, help="Contexts of the policy.")
@click.option("--vocabulary", type=click.IntRange(2), default=8, show_default=True, help="Tokens to choose from.")
@click.option("--epsilon", type=SHARE, default=0.1, show_default=True, help="Total variation to reach.")
@click.option("--delta", type=SHARE, default=0.05, show_default=True, help="Probability of missing it.")
@click.option("--uniform", is_flag=True, help="The uniform policy, the hardest one; else random distributions.")
@experiment_options(seeds=200)
def command(
    contexts: int,
    vocabulary: int,
    epsilon: float,
    delta: float,
    uniform: bool,
    seed: int,
    seeds: int,
    output: Path | None,
    as_json: bool,
) -> int:
    """How many examples until the prompted network is within epsilon of the policy in every context?

    Says what the paper's rate and the bounds ask for, draws that data from a policy, puts it into the prompt of the
    one fixed network, and measures the distance to the policy and to the network tuned on the same data.
    """
    question = TextQuestion(contexts=contexts, vocabulary=vocabulary, epsilon=epsilon, delta=delta, uniform=uniform)
    return show(text_experiment(question, seed=seed, seeds=seeds, progress=progress), output, as_json)

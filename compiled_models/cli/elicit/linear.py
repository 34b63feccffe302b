"""`tapehead elicit linear`: a separator learnt from labelled vectors in the prompt."""

from __future__ import annotations

from pathlib import Path

import click

from compiled_models.cli.elicit.options import SHARE, experiment_options, progress, show

__all__ = ["command"]


@click.command()
@click.option(
    "--data",
    type=click.Choice(["half-space", "real", "fixed-context"]),
    default="half-space",
    show_default=True,
    help="Random half-spaces; data that comes with scikit-learn; or the two readings of the fixed-context rate.",
)
@click.option("--dimension", type=click.IntRange(1, 64), default=8, show_default=True, help="Of random half-spaces.")
@click.option("--examples", type=click.IntRange(32, 512), default=512, show_default=True, help="The most, from 32 on.")
@click.option("--epsilon", type=SHARE, default=0.1, show_default=True, help="Error to reach.")
@click.option("--delta", type=SHARE, default=0.05, show_default=True, help="Probability of missing it.")
@experiment_options(seeds=25)
def command(
    data: str,
    dimension: int,
    examples: int,
    epsilon: float,
    delta: float,
    seed: int,
    seeds: int,
    output: Path | None,
    as_json: bool,
) -> int:
    """How well does a fixed network learn a linear separator from the examples in its prompt?

    Says what the paper's rate and the bounds ask for, puts labelled vectors into the prompt of the margin machine, lets
    it generate the numbers of the examples that make up its separator, and measures the error on fresh points beside
    one step of gradient descent, least squares, and on real data a support vector machine and logistic regression.
    """
    if data == "half-space":
        from compiled_models.elicit.linear import LinearQuestion, linear_experiment

        sizes = tuple(n for n in (32, 64, 128, 256, 512) if n <= examples)
        question = LinearQuestion(dimension=dimension, epsilon=epsilon, delta=delta, sizes=sizes)
        return show(linear_experiment(question, seed=seed, seeds=seeds, progress=progress), output, as_json)
    if data == "real":
        from compiled_models.elicit.real_vectors import real_experiment

        return show(real_experiment(seed=seed, progress=progress), output, as_json)
    from compiled_models.elicit.fixed_context import fixed_context_experiment

    done = fixed_context_experiment(epsilon, delta, seed=seed, seeds=seeds, progress=progress)
    return show(done, output, as_json)

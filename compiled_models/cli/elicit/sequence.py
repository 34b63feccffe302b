"""`tapehead elicit sequence`: sequences of tokens, and runs of probabilistic machines."""

from __future__ import annotations

from pathlib import Path

import click

from compiled_models.cli.arguments import read_machine
from compiled_models.cli.elicit.options import SHARE, experiment_options, progress, show
from compiled_models.elicit.sequence import SequenceQuestion, sequence_experiment

__all__ = ["command"]


@click.command()
@click.option("--length", type=click.IntRange(1), default=64, show_default=True, help="Tokens of a sequence.")
@click.option("--vocabulary", type=click.IntRange(2), default=4, show_default=True, help="Tokens to choose from.")
@click.option("--epsilon", type=SHARE, default=0.1, show_default=True, help="Total variation of sequences to reach.")
@click.option("--delta", type=SHARE, default=0.05, show_default=True, help="Of the paper's rate only.")
@click.option("--machine", default="gambler", show_default=True, help="The machine to run as well.")
@click.option("--input", default="<.....>", show_default=True, help="Its input.")
@click.option("--head", type=int, default=3, show_default=True, help="Its start cell.")
@experiment_options(seeds=50)
def command(
    length: int,
    vocabulary: int,
    epsilon: float,
    delta: float,
    machine: str,
    input: str,
    head: int,
    seed: int,
    seeds: int,
    output: Path | None,
    as_json: bool,
) -> int:
    """How do errors add up over a sequence of tokens, or a run of a probabilistic machine?

    Tokens are drawn by the last one. Single examples must grow in number with the length; whole demonstrations need
    not. Of a machine's run only the expected number of visits to each situation counts.
    """
    question = SequenceQuestion(
        length=length,
        vocabulary=vocabulary,
        epsilon=epsilon,
        delta=delta,
        machine=read_machine(machine),
        input=input,
        head=head,
    )
    return show(sequence_experiment(question, seed=seed, seeds=seeds, progress=progress), output, as_json)

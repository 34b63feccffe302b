"""`tapehead elicit tuning`: gradient descent on the data, beside the data in the prompt."""

from __future__ import annotations

from pathlib import Path

import click

from compiled_models.cli.elicit.options import output_options, progress, show
from compiled_models.elicit.tuning import TuningQuestion, tuning_experiment
from construction.device import usable_device
from tm import InputError, Problem

__all__ = ["command"]


@click.command()
@click.option("--contexts", type=click.IntRange(1, 128), default=12, show_default=True, help="Contexts of the policy.")
@click.option("--vocabulary", type=click.IntRange(2, 384), default=8, show_default=True, help="Tokens to choose from.")
@click.option("--sizes", default="10,100,1000", show_default=True, help="Examples of each context, several sizes.")
@click.option("--updates", type=click.IntRange(1), default=400, show_default=True, help="Updates of AdamW.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
@output_options
def command(
    contexts: int,
    vocabulary: int,
    sizes: str,
    updates: int,
    device: str,
    seed: int,
    output: Path | None,
    as_json: bool,
) -> int:
    """Does training on the data lead where prompting with it does, and what does each cost?

    Prompt, closed form, and gradient descent on squared error (linear read-out) and on cross-entropy (softmax).
    """
    try:
        numbers = tuple(int(size) for size in sizes.split(","))
    except ValueError:
        numbers = ()
    if not numbers or min(numbers) < 1:
        raise InputError(Problem("--sizes takes whole numbers of 1 or more", "such as 10,100,1000", repr(sizes)))
    usable_device(device)  # says so if there is no such device
    question = TuningQuestion(contexts=contexts, vocabulary=vocabulary, sizes=numbers, updates=updates, device=device)
    return show(tuning_experiment(question, seed=seed, progress=progress), output, as_json)

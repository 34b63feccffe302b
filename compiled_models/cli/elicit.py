"""`tapehead elicit`: what examples in a prompt are worth, measured; a command for each experiment.

Options are named as the fields of the experiment's question. An experiment is imported by the command that runs it, so
that help, and every other experiment, need not wait for it; while that goes on, Ctrl-C ends the process at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from compiled_models.cli.arguments import read_machine
from compiled_models.cli.experiments import SHARE, experiment_options, output_options, progress, show
from compiled_models.cli.folder import CommandGroup
from compiled_models.interrupt import stopping_at_once
from compiled_models.workers import Workers
from tm import InputError, Problem

__all__ = ["command"]


@click.group(cls=CommandGroup)
def command() -> None:
    """Measure what a fixed network gets from examples in its prompt, beside what theory promises.

    Every experiment prints the paper's rate (with constant 1: the paper states no constant), the bound with its
    constants, and what it measured; the same seed gives the same numbers. Exit status 1: a bound was broken.
    """


@command.command()
@click.option("--contexts", type=click.IntRange(1), default=12, show_default=True, help="Contexts of the policy.")
@click.option("--vocabulary", type=click.IntRange(2), default=8, show_default=True, help="Tokens to choose from.")
@click.option("--epsilon", type=SHARE, default=0.1, show_default=True, help="Total variation to reach.")
@click.option("--delta", type=SHARE, default=0.05, show_default=True, help="Probability of missing it.")
@click.option("--uniform", is_flag=True, help="The uniform policy, the hardest one; else random distributions.")
@experiment_options(seeds=200)
def text(seed: int, seeds: int, workers: Workers, output: Path | None, as_json: bool, **fields: Any) -> int:
    """How many examples until the prompted network is within epsilon of the policy in every context?

    Says what the paper's rate and the bounds ask for, draws that data from a policy, puts it into the prompt of the
    one fixed network, and measures the distance to the policy and to the network tuned on the same data.
    """
    with stopping_at_once():
        from compiled_models.elicit.text import TextQuestion, text_experiment
    done = text_experiment(TextQuestion(**fields), seed=seed, seeds=seeds, workers=workers, progress=progress)
    return show(done, output, as_json)


@command.command()
@click.option("--length", type=click.IntRange(1), default=64, show_default=True, help="Tokens of a sequence.")
@click.option("--vocabulary", type=click.IntRange(2), default=4, show_default=True, help="Tokens to choose from.")
@click.option("--epsilon", type=SHARE, default=0.1, show_default=True, help="Total variation of sequences to reach.")
@click.option("--delta", type=SHARE, default=0.05, show_default=True, help="Of the paper's rate only.")
@click.option("--machine", default="gambler", show_default=True, help="The machine to run as well.")
@click.option("--input", default="<.....>", show_default=True, help="Its input.")
@click.option("--head", type=int, default=3, show_default=True, help="Its start cell.")
@experiment_options(seeds=50)
def sequence(
    machine: str, seed: int, seeds: int, workers: Workers, output: Path | None, as_json: bool, **fields: Any
) -> int:
    """How do errors add up over a sequence of tokens, or a run of a probabilistic machine?

    Tokens are drawn by the last one. Single examples must grow in number with the length; whole demonstrations need
    not. Of a machine's run only the expected number of visits to each situation counts.
    """
    with stopping_at_once():
        from compiled_models.elicit.sequence import SequenceQuestion, sequence_experiment
    question = SequenceQuestion(machine=read_machine(machine), **fields)
    done = sequence_experiment(question, seed=seed, seeds=seeds, workers=workers, progress=progress)
    return show(done, output, as_json)


@command.command()
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
def linear(
    data: str,
    dimension: int,
    examples: int,
    epsilon: float,
    delta: float,
    seed: int,
    seeds: int,
    workers: Workers,
    output: Path | None,
    as_json: bool,
) -> int:
    """How well does a fixed network learn a linear separator from the examples in its prompt?

    Says what the paper's rate and the bounds ask for, puts labelled vectors into the prompt of the margin machine, lets
    it generate the numbers of the examples that make up its separator, and measures the error on fresh points beside
    one step of gradient descent, least squares, and on real data a support vector machine and logistic regression.
    """
    if data == "half-space":
        with stopping_at_once():
            from compiled_models.elicit.linear import LinearQuestion, linear_experiment
        sizes = tuple(n for n in (32, 64, 128, 256, 512) if n <= examples)
        question = LinearQuestion(dimension=dimension, epsilon=epsilon, delta=delta, sizes=sizes)
        done = linear_experiment(question, seed=seed, seeds=seeds, workers=workers, progress=progress)
        return show(done, output, as_json)
    if data == "real":
        with stopping_at_once():
            from compiled_models.elicit.real_vectors import real_experiment
        return show(real_experiment(seed=seed, workers=workers, progress=progress), output, as_json)
    with stopping_at_once():
        from compiled_models.elicit.fixed_context import fixed_context_experiment
    done = fixed_context_experiment(epsilon, delta, seed=seed, seeds=seeds, workers=workers, progress=progress)
    return show(done, output, as_json)


@command.command()
@click.option("--vocabulary", type=click.IntRange(2), default=6, show_default=True, help="Tokens to choose from.")
@click.option("--matches", type=click.IntRange(2), default=100, show_default=True, help="The largest window.")
@click.option("--store", type=click.IntRange(100), default=20_000, show_default=True, help="Examples in the store.")
@click.option("--queries", type=click.IntRange(1), default=8, show_default=True, help="Contexts to ask about.")
@click.option("--epsilon", type=SHARE, default=0.1, show_default=True, help="Total variation to reach.")
@click.option("--delta", type=SHARE, default=0.05, show_default=True, help="Probability of missing it.")
@experiment_options(seeds=50)
def retrieval(
    matches: int,
    store: int,
    seed: int,
    seeds: int,
    workers: Workers,
    output: Path | None,
    as_json: bool,
    **fields: Any,
) -> int:
    """What is lost when only k examples fit into the prompt?

    Nothing, where all matches fit. Otherwise: k of the matches, chosen blindly; the k nearest of a large store with an
    index in front of the prompt, beside k random ones; and a machine that runs from some of its rules.
    """
    with stopping_at_once():
        from compiled_models.elicit.retrieval import RetrievalQuestion, retrieval_experiment
    question = RetrievalQuestion(matches=min(matches, store), store=store, **fields)
    done = retrieval_experiment(question, seed=seed, seeds=seeds, workers=workers, progress=progress)
    return show(done, output, as_json)


@command.command()
@click.option("--neighbours", type=click.IntRange(1, 8), default=5, show_default=True, help="k, a round each.")
@click.option("--questions", type=click.IntRange(1, 500), default=40, show_default=True, help="Digits to recognise.")
@output_options
def neighbours(seed: int, output: Path | None, as_json: bool, **fields: Any) -> int:
    """Recognise handwritten digits by their nearest neighbours among the examples in the prompt.

    An index takes a window's worth of examples from the store; a fixed network finds the k nearest of them, one a
    round, and answers with their labels. Beside it, windows filled at random.
    """
    with stopping_at_once():
        from compiled_models.elicit.neighbours import NeighbourQuestion, neighbour_experiment
    return show(neighbour_experiment(NeighbourQuestion(**fields), seed=seed, progress=progress), output, as_json)


@command.command()
@click.option("--contexts", type=click.IntRange(1, 128), default=12, show_default=True, help="Contexts of the policy.")
@click.option("--vocabulary", type=click.IntRange(2, 384), default=8, show_default=True, help="Tokens to choose from.")
@click.option("--sizes", default="10,100,1000", show_default=True, help="Examples of each context, several sizes.")
@click.option("--updates", type=click.IntRange(1), default=400, show_default=True, help="Updates of AdamW.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
@output_options
def tuning(sizes: str, device: str, seed: int, output: Path | None, as_json: bool, **fields: Any) -> int:
    """Does training on the data lead where prompting with it does, and what does each cost?

    Prompt, closed form, and gradient descent on squared error (linear read-out) and on cross-entropy (softmax).
    """
    with stopping_at_once():
        from compiled_models.elicit.tuning import TuningQuestion, tuning_experiment
        from construction.config import usable_device
    numbers = _sizes(sizes)
    usable_device(device)  # says so if there is no such device
    question = TuningQuestion(sizes=numbers, device=device, **fields)
    return show(tuning_experiment(question, seed=seed, progress=progress), output, as_json)


def _sizes(text: str) -> tuple[int, ...]:
    try:
        numbers = tuple(int(size) for size in text.split(","))
    except ValueError:
        numbers = ()
    if not numbers or min(numbers) < 1:
        raise InputError(Problem("--sizes takes whole numbers of 1 or more", "such as 10,100,1000", repr(text)))
    return numbers

"""`tapehead learn`: the base network is shown a learning algorithm and a dataset, trains on its tape, and answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from compiled_models.cli.arguments import FileName, json_option, print_json
from compiled_models.cli.folder import CommandGroup
from compiled_models.cli.printing import say
from compiled_models.interrupt import stopping_at_once
from tm import InputError, Problem
from tm.learners.count import COUNT_BITS
from tm.learners.examples import BITS, EPOCHS

if TYPE_CHECKING:
    from compiled_models.learning.data import Dataset
    from compiled_models.learning.learner import Learner, Lesson
    from construction.transformer import Transformer

__all__ = ["command"]

MOST_SHOWN = 20  # weights, epochs, contexts that are printed


@click.group(cls=CommandGroup)
def command() -> None:
    """Show the base network a learning algorithm and data: it trains, token by token, and answers.

    The algorithm's rules are the examples in the prompt, the data and the query stand on the tape, and one fixed base
    network, the same for all learners, generates the whole training run. Beside it stands the same training in ordinary
    code: weights and answers are to be equal. Exit status 1: they are not, or the run is not certified to its end.
    """


data_argument = click.argument("data", type=FileName())
query_option = click.option("--query", help="What to ask afterwards: a text, or features as the file has them.")
questions_option = click.option(
    "--test", type=FileName(), metavar="FILE", help="Ask every example of a file like DATA."
)


@command.command()
@data_argument
@query_option
@questions_option
@click.option("--epochs", type=click.IntRange(0), default=EPOCHS, show_default=True, help="At most.")
@click.option("--bits", type=click.IntRange(2, 62), default=BITS, show_default=True, help="Of a weight and a score.")
@click.option("--features", type=click.IntRange(2), default=64, show_default=True, help="Of a text.")
@json_option
def perceptron(
    data: str, query: str | None, test: str | None, epochs: int, bits: int, features: int, as_json: bool
) -> int:
    """Train a perceptron on DATA, in its order, until an epoch without a mistake.

    DATA is a text file, a row an example: features (0 or 1) separated by white space, the label (+1 or -1) last. Or a
    TSV of text and label, in either order: its features are the words that tell most, and one that is always 1. Words
    of a query that are not among them say nothing.
    """
    with stopping_at_once():
        from compiled_models.learning.data import read_dataset
        from compiled_models.learning.perceptron import PerceptronLearner
    examples = read_dataset(data, features=features)
    learner = PerceptronLearner(examples, bits=bits, epochs=epochs)
    what = f"{len(examples.examples)} examples of {examples.dimension} features; {epochs} epochs at most, {bits} bits"
    return _vectors(learner, examples, what, query, test, as_json)


@command.command()
@data_argument
@query_option
@questions_option
@click.option("--epochs", type=click.IntRange(0), default=EPOCHS, show_default=True, help="At most.")
@click.option("--bits", type=click.IntRange(2, 62), default=2 * BITS, show_default=True, help="Of a sum and a score.")
@click.option("--features", type=click.IntRange(2), default=64, show_default=True, help="Of a text.")
@json_option
def averaged(
    data: str, query: str | None, test: str | None, epochs: int, bits: int, features: int, as_json: bool
) -> int:
    """Train a perceptron on DATA, and answer by the average of its weights after each example.

    DATA is as for `tapehead learn perceptron`. The weights that are shown are the sums: the average times how many
    examples were seen.
    """
    with stopping_at_once():
        from compiled_models.learning.data import read_dataset
        from compiled_models.learning.perceptron import AveragedLearner
    examples = read_dataset(data, features=features)
    learner = AveragedLearner(examples, bits=bits, epochs=epochs)
    what = f"{len(examples.examples)} examples of {examples.dimension} features; {epochs} epochs at most, {bits} bits"
    return _vectors(learner, examples, what, query, test, as_json)


@command.command()
@data_argument
@click.option("--query", help="A context: which token follows?")
@click.option("--bits", type=click.IntRange(1, 62), default=COUNT_BITS, show_default=True, help="Of a count.")
@json_option
def count(data: str, query: str | None, bits: int, as_json: bool) -> int:
    """Count on the tape how often each token follows each context in DATA, and answer with the most frequent one.

    DATA is a text file, a pair a line: a context and the token after it, with white space between. Of tokens that
    are equally frequent the answer is the one that comes first in DATA. The distribution itself is what the DECIDE
    head gives where the pairs are examples in the prompt: it is printed beside the counts.
    """
    with stopping_at_once():
        from compiled_models.learning.count import CountLearner, decide_distribution, read_pairs
        from compiled_models.learning.learner import learning_network
        from tm.learners.count import names_of
    pairs = read_pairs(data, learning_network().config.symbols)
    contexts, tokens = names_of(pairs)
    if query is not None and query not in contexts:
        raise InputError(Problem("this context was never seen", " ".join(contexts), repr(query)))
    learner = CountLearner(pairs, bits=bits)
    network, lesson = _lesson(learner, [] if query is None else [query])
    if as_json:
        _print_json(learner, network, lesson, int(query is not None), [])
        return int(not lesson.equal)
    _say_prompt(lesson, f"{len(pairs)} pairs of {len(contexts)} contexts and {len(tokens)} tokens; {bits} bits")
    for number, context in enumerate(contexts[:MOST_SHOWN]):
        row = (lesson.learnt.weights or [])[number * len(tokens) : (number + 1) * len(tokens)]
        shares = decide_distribution(pairs, context)
        told = [f"{token} {n} ({shares.get(token, 0):.3f})" for token, n in zip(tokens, row, strict=True)]
        say(f"after     {context}: {', '.join(told)}")
    _say(learner, network, lesson, int(query is not None), [])
    return int(not lesson.equal)


@command.command()
@data_argument
@click.option("--query", help="Inputs to ask for afterwards, as the file has them.")
@questions_option
@click.option("--units", type=click.IntRange(1), default=4, show_default=True, help="Hidden units.")
@click.option(
    "--rate", type=click.FloatRange(0, min_open=True), default=0.125, show_default=True, help="Learning rate."
)
@click.option("--epochs", type=click.IntRange(0), default=50, show_default=True, help="How often to go through DATA.")
@click.option("--bits", type=click.IntRange(4, 30), default=16, show_default=True, help="Of a number.")
@click.option("--fraction", type=click.IntRange(1, 29), default=10, show_default=True, help="Of them behind the point.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the first weights.")
@json_option
def network(data: str, query: str | None, test: str | None, as_json: bool, **settings: Any) -> int:
    """Train a network with a hidden layer of ReLU units on DATA, by gradient descent in fixed point.

    DATA is a text file, a row an example: numbers separated by white space, the target last. The weights are updated
    after each example, down the gradient of the squared error; the first ones are in the prompt, too. Beside it stand
    the same fixed point in NumPy, equal bit for bit, and PyTorch in float32, which is near.
    """
    with stopping_at_once():
        from compiled_models.learning.network import NetworkLearner, NetworkSettings, pytorch_network, read_numbers
    if settings["fraction"] >= settings["bits"]:
        raise InputError(Problem("a number needs digits before the point", "--fraction less than --bits"))
    examples = read_numbers(data)
    tests = () if test is None else read_numbers(test, len(examples[0][0]) + 1)
    learner = NetworkLearner(examples, NetworkSettings(**settings))
    queries = ([] if query is None else [_numbers(query, len(examples[0][0]))]) + [inputs for inputs, _ in tests]
    base, lesson = _lesson(learner, queries)
    asked = int(query is not None)
    if as_json:
        _print_json(learner, base, lesson, asked, [])
        return int(not lesson.equal)
    sizes = f"{len(examples)} examples of {len(examples[0][0])} inputs, {settings['units']} hidden units"
    _say_prompt(lesson, f"{sizes}; {settings['epochs']} epochs, {settings['bits']} bits")
    _say(learner, base, lesson, asked, [])
    weights, answers = pytorch_network(learner, queries)
    off = max(abs(a - b) for a, b in zip(weights, lesson.learnt.weights or [], strict=True))
    say(f"PyTorch   float32, from the same start: no weight further than {off:.2g} from these")
    if answers:
        off = max(abs(a - b) for a, b in zip(answers, lesson.learnt.answers, strict=True))
        say(f"          no answer further than {off:.2g}")
    if tests:
        error = sum(
            (answer - target) ** 2 for answer, (_, target) in zip(lesson.learnt.answers[asked:], tests, strict=True)
        )
        say(f"test      mean squared error {error / len(tests):.3g} over {len(tests)} examples")
    return int(not lesson.equal)


def _numbers(text: str, width: int) -> tuple[float, ...]:
    from compiled_models.learning.data import is_number

    fields = text.split()
    if len(fields) != width or not all(map(is_number, fields)):
        raise InputError(
            Problem("the query does not fit the data", f"{width} numbers, as the examples have", repr(text))
        )
    return tuple(map(float, fields))


def _vectors(learner: Learner, data: Dataset, what: str, query: str | None, test: str | None, as_json: bool) -> int:
    """Learn from vectors, ask a query and a test set, and say what came of it."""
    from compiled_models.learning.data import read_dataset

    tests = () if test is None else read_dataset(test, like=data).examples
    queries = ([] if query is None else [data.vector(query)]) + [features for features, _ in tests]
    network, lesson = _lesson(learner, queries)
    asked = int(query is not None)
    if as_json:
        _print_json(learner, network, lesson, asked, [label for _, label in tests])
    else:
        _say_prompt(lesson, what)
        if query is not None and data.words is not None:
            known = data.known(query)
            say(f"query     {query!r}: {len(known)} of its words are known{': ' * bool(known)}{' '.join(known)}")
        _say(learner, network, lesson, asked, [label for _, label in tests])
    return int(not lesson.equal)


def _lesson(learner: Learner, queries: Sequence[Any]) -> tuple[Transformer, Lesson]:
    """The base network of all learners, and what it made of this one."""
    from compiled_models.cli.progress import live_progress
    from compiled_models.learning.learner import learn, learning_network

    network = learning_network()
    with live_progress(learner.position) as progress:
        return network, learn(learner, queries, network, progress=progress)


def _say_prompt(lesson: Lesson, what: str) -> None:
    say(f"prompt    {lesson.rules:,} rules, {lesson.cells:,} cells: {what}")


def _say(learner: Learner, network: Transformer, lesson: Lesson, asked: int, labels: list[Any]) -> None:
    """The lesson, line by line."""
    from compiled_models.cli.capacity import network_text

    learnt, reference, result = lesson.learnt, lesson.reference, lesson.result
    if asked:
        say(f"answer    {_text(learnt.answers[:1])}    {learner.reference_name}: {_text(reference.answers[:1])}")
    if labels:
        ours, theirs = learnt.answers[asked:], reference.answers[asked:]
        same, right = sum(map(_equal, ours, theirs)), sum(map(_equal, ours, labels))
        say(f"test      {same} of {len(labels)} answers equal, {right} right ({right / len(labels):.1%})")
    if learnt.weights is not None and reference.weights is not None:
        at = lesson.difference
        verdict = "all equal" if at is None else f"NOT EQUAL from weight {at + 1} on"
        say(f"weights   {len(learnt.weights)}, {verdict}: {_some(learnt.weights)}")
        if at is not None:
            say(f"          {learner.reference_name}: {_some(reference.weights)}")
    if learnt.curve:
        say(f"curve     {learner.curve_name}: {_some(learnt.curve)}")
    ended = "certified" if lesson.certified else f"NOT CERTIFIED further: {result.lemma}"
    say(f"tokens    {result.steps:,} generated by the network in {result.seconds:.1f} s ({result.decoder}); {ended}")
    say(f"network   {network_text(network)}")
    say("equal" if lesson.equal else "NOT EQUAL")


def _equal(one: object, other: object) -> bool:
    return one == other


def _text(answers: list[Any]) -> str:
    return f"{answers[0]:+d}" if answers and isinstance(answers[0], int) else _short(*answers[:1])


def _some(numbers: list[Any]) -> str:
    return " ".join(map(_short, numbers[:MOST_SHOWN])) + (" …" if len(numbers) > MOST_SHOWN else "")


def _short(value: object = "none") -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _print_json(learner: Learner, network: Transformer, lesson: Lesson, asked: int, labels: list[Any]) -> None:
    from compiled_models.cli.capacity import network_json

    shape, learnt, reference = network_json(network), lesson.learnt, lesson.reference
    fields = {
        "learner": learner.name,
        "network": {name: shape[name] for name in ("sha256", "states", "symbols", "tapes")},
        "rules": lesson.rules,
        "cells": lesson.cells,
        "tokens": lesson.result.steps,
        "seconds": lesson.result.seconds,
        "weights": learnt.weights,
        "reference_weights": reference.weights,
        "answer": learnt.answers[0] if asked and learnt.answers else None,
        "reference_answer": reference.answers[0] if asked else None,
        "equal": lesson.equal,
        "certified": lesson.certified,
        "curve": learnt.curve,
    }
    if labels:
        pairs = zip(learnt.answers[asked:], reference.answers[asked:], labels, strict=False)
        counts = [(one == other, one == label) for one, other, label in pairs]
        fields["test"] = {
            "queries": len(labels),
            "equal": sum(same for same, _ in counts),
            "right": sum(right for _, right in counts),
        }
    print_json(fields)

"""`tapehead learn`: the base network is shown a learning algorithm and a dataset, trains on its tape, and answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from compiled_models.cli.arguments import FileName, json_option, print_json
from compiled_models.cli.folder import CommandGroup
from compiled_models.cli.lesson import MOST_SHOWN, Questions, lesson_json, say_known, say_lesson, say_prompt
from compiled_models.cli.printing import say
from compiled_models.interrupt import stopping_at_once
from tm import InputError, Problem
from tm.learners.count import COUNT_BITS
from tm.learners.examples import BITS, EPOCHS
from tm.text import counted

if TYPE_CHECKING:
    from compiled_models.learning.data import Dataset
    from compiled_models.learning.learner import Learner, Lesson
    from compiled_models.learning.network import NetworkLearner
    from compiled_models.learning.perceptron import PerceptronLearner
    from construction.transformer import Transformer

__all__ = ["command"]


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
    return _vectors(learner, examples, query, test, as_json)


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
    return _vectors(learner, examples, query, test, as_json)


@command.command()
@data_argument
@click.option("--query", help="A context: which token follows?")
@questions_option
@click.option("--bits", type=click.IntRange(1, 62), default=COUNT_BITS, show_default=True, help="Of a count.")
@json_option
def count(data: str, query: str | None, test: str | None, bits: int, as_json: bool) -> int:
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
    tests = () if test is None else read_pairs(test, learning_network().config.symbols, seen=contexts)
    learner = CountLearner(pairs, bits=bits)
    network, lesson = _lesson(learner, ([] if query is None else [query]) + [context for context, _ in tests])
    questions = Questions(query is not None, [token for _, token in tests], label=str)
    if as_json:
        print_json(lesson_json(learner, network, lesson, questions))
        return int(not lesson.equal)
    sizes = f"{counted(len(pairs), 'pair')} of {counted(len(contexts), 'context')} and {counted(len(tokens), 'token')}"
    say_prompt(lesson, f"{sizes}; {counted(bits, 'bit')}")
    for number, context in enumerate(contexts[:MOST_SHOWN]):
        row = (lesson.learnt.weights or [])[number * len(tokens) : (number + 1) * len(tokens)]
        shares = decide_distribution(pairs, context)
        told = [f"{token} {n} ({shares.get(token, 0):.3f})" for token, n in zip(tokens, row, strict=True)]
        say(f"after     {context}: {', '.join(told)}")
    say_lesson(learner, network, lesson, questions)
    return int(not lesson.equal)


@command.command()
@data_argument
@query_option
@questions_option
@click.option("--units", type=click.IntRange(1), default=4, show_default=True, help="Hidden units.")
@click.option(
    "--rate", type=click.FloatRange(0, min_open=True), default=0.125, show_default=True, help="Learning rate."
)
@click.option("--epochs", type=click.IntRange(0), default=50, show_default=True, help="How often to go through DATA.")
@click.option("--bits", type=click.IntRange(4, 30), default=16, show_default=True, help="Of a number.")
@click.option("--fraction", type=click.IntRange(1, 29), default=10, show_default=True, help="Of them behind the point.")
@click.option("--words", type=click.IntRange(1), default=3, show_default=True, help="Of a text.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the first weights.")
@json_option
def network(data: str, query: str | None, test: str | None, words: int, as_json: bool, **settings: Any) -> int:
    """Train a network with a hidden layer of ReLU units on DATA, by gradient descent in fixed point.

    DATA is a text file, a row an example: numbers separated by white space, the target last. Or a TSV of text and label
    (+1 or -1), in either order: its inputs are 1 for each of the words that tell most, else 0, its targets the labels.
    An output above 0 says +1. The weights are updated after each example, down the gradient of the squared error; the
    first ones are in the prompt, too. Beside it stand the same fixed point in NumPy, equal bit for bit, and PyTorch in
    float32, which is near.
    """
    with stopping_at_once():
        from compiled_models.learning.network import NetworkLearner, NetworkSettings, read_numbers
    if settings["fraction"] >= settings["bits"]:
        raise InputError(Problem("a number needs digits before the point", "--fraction less than --bits"))
    learnt = read_numbers(data, words=words)
    tests = () if test is None else read_numbers(test, like=learnt).examples
    learner = NetworkLearner(learnt.examples, NetworkSettings(**settings))
    queries = ([] if query is None else [learnt.inputs(query)]) + [inputs for inputs, _ in tests]
    base, lesson = _lesson(learner, queries)
    label = None if learnt.words is None else _label
    questions = Questions(query is not None, [target for _, target in tests], label)
    if as_json:
        print_json(lesson_json(learner, base, lesson, questions))
        return int(not lesson.equal)
    sizes = f"{counted(len(learnt.examples), 'example')} of {counted(learnt.width, 'input')}"
    units, epochs = counted(settings["units"], "hidden unit"), counted(settings["epochs"], "epoch")
    say_prompt(lesson, f"{sizes}, {units}; {epochs}, {counted(settings['bits'], 'bit')}")
    say_known(learnt.words, query)
    say_lesson(learner, base, lesson, questions)
    _say_pytorch(learner, lesson, queries)
    return int(not lesson.equal)


def _say_pytorch(learner: NetworkLearner, lesson: Lesson, queries: Sequence[Any]) -> None:
    """How near PyTorch's float32 comes."""
    from compiled_models.learning.network import pytorch_network

    weights, answers = pytorch_network(learner, queries)
    off = max(abs(a - b) for a, b in zip(weights, lesson.learnt.weights or [], strict=True))
    say(f"PyTorch   float32, from the same start: no weight further than {off:.2g} from these")
    if answers:
        off = max(abs(a - b) for a, b in zip(answers, lesson.learnt.answers, strict=True))
        say(f"          no answer further than {off:.2g}")


def _label(output: float) -> int:
    """The label that an output says, as a perceptron's score does."""
    return 1 if output > 0 else -1


def _vectors(learner: PerceptronLearner, data: Dataset, query: str | None, test: str | None, as_json: bool) -> int:
    """Learn from vectors, ask a query and a test set, and say what came of it."""
    from compiled_models.learning.data import read_dataset

    tests = () if test is None else read_dataset(test, like=data).examples
    queries = ([] if query is None else [data.vector(query)]) + [features for features, _ in tests]
    questions = Questions(query is not None, [label for _, label in tests], label=int)
    network, lesson = _lesson(learner, queries)
    if as_json:
        print_json(lesson_json(learner, network, lesson, questions))
    else:
        sizes = f"{counted(len(data.examples), 'example')} of {counted(data.dimension, 'feature')}"
        say_prompt(lesson, f"{sizes}; {counted(learner.epochs, 'epoch')} at most, {counted(learner.bits, 'bit')}")
        say_known(data, query)
        say_lesson(learner, network, lesson, questions)
    return int(not lesson.equal)


def _lesson(learner: Learner, queries: Sequence[Any]) -> tuple[Transformer, Lesson]:
    """The base network of all learners, and what it made of this one."""
    from compiled_models.cli.progress import live_progress
    from compiled_models.learning.learner import learn, learning_network, require_certified

    network = learning_network()
    require_certified(learner, queries, network)
    with live_progress(learner.position) as progress:
        return network, learn(learner, queries, network, progress=progress)

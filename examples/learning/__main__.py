"""A perceptron learns the reviews on the tape of the one base network: `python -m examples.learning`.

Five folds as in `examples.sentiment`: the network is shown the learner's rules, the labelled reviews of four folds, and
the fifth as queries; beside it stands scikit-learn's perceptron on the same data in the same order. With
`--figure FILE` it trains on all reviews once and draws what stands on the tapes: mistakes, and weights over time.
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
from matplotlib.figure import Figure
from sklearn.linear_model import Perceptron

from compiled_models.learning.data import Dataset, bag_of_words
from compiled_models.learning.learner import learn, learning_network
from compiled_models.learning.perceptron import PerceptronLearner
from compiled_models.transcript import Transcript
from construction.fingerprint import fingerprint
from examples.sentiment.__main__ import FOLDS, divided
from examples.sentiment.reviews import Integers, reviews, wilson
from tm.learners.word import words

MOMENTS = 300
"""Times at which the figure looks at the weights."""


@click.command()
@click.option("--features", type=int, default=64, show_default=True, help="Words that tell most, and a constant.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the division into folds.")
@click.option("--figure", type=click.Path(dir_okay=False, path_type=Path), help="Draw the tapes instead.")
def main(features: int, seed: int, figure: Path | None) -> None:
    """Measure how well it learns, or draw it."""
    if figure is not None:
        draw(figure, features)
    else:
        evaluate(features, seed)


def dataset(texts: list[str], labels: Integers, features: int) -> Dataset:
    """The reviews as bags of the words that tell most about these labels."""
    empty = Dataset((), bag_of_words(texts, labels.tolist(), features))
    return Dataset(tuple((empty.vector(text), int(y)) for text, y in zip(texts, labels, strict=True)), empty.words)


def evaluate(features: int, seed: int) -> tuple[int, int]:
    """Cross-validation: how many answers are right, and how many equal scikit-learn's."""
    network = learning_network()
    before, right, equal, total, tokens = fingerprint(network).sha256, 0, 0, 0, 0
    for number, (texts, labels, questions, truth) in enumerate(divided(seed), 1):
        data = dataset(texts, labels, features)
        lesson = learn(PerceptronLearner(data), [data.vector(text) for text in questions], network)
        answers, reference = np.array(lesson.learnt.answers), np.array(lesson.reference.answers)
        print(
            f"fold {number}: {lesson.result.steps:,} tokens, weights {'equal' if lesson.equal else 'NOT EQUAL'}, "
            f"{(answers == truth).sum()} of {len(truth)} right"
        )
        right, equal = right + int((answers == truth).sum()), equal + int((answers == reference).sum())
        total, tokens = total + len(truth), tokens + lesson.result.steps
    low, high = wilson(right, total)
    print(f"\n{total} reviews, {FOLDS} folds, {tokens:,} tokens by one network, sha256 {before[:16]}…")
    print(f"perceptron on the tape   {right / total:.1%} right  [{low:.1%}, {high:.1%}]")
    print(f"scikit-learn's           the same answer on {equal} of {total}")
    if fingerprint(network).sha256 != before:
        print("NOT THE SAME WEIGHTS")
    return right, equal


def draw(path: Path, features: int) -> None:
    """Train on all reviews, and draw the log on tape 3 over scikit-learn's mistakes, and tape 2 over time."""
    data = dataset(*reviews(), features)
    learner, history = PerceptronLearner(data), list[list[int]]()
    steps = 10_000_000 * features * len(data.examples) // (64 * 244)  # about how long it takes

    def record(transcript: Transcript) -> int:
        history.append(words(transcript.tapes()[1]))
        return max(1, steps // MOMENTS)

    lesson = learn(learner, [], learning_network(), record=record)
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = range(1, len(lesson.learnt.curve) + 1)
    left.plot(epochs, sklearn_mistakes(data, len(epochs)), "o", mfc="none", ms=9, label="scikit-learn's perceptron")
    left.plot(epochs, lesson.learnt.curve, ".-", label="read off tape 3")
    left.set(xlabel="epoch", ylabel="mistakes", title="The log on the tape", ylim=(0, None))
    left.legend()
    image = right.imshow(np.array(history).T, aspect="auto", cmap="RdBu", vmin=-10, vmax=10, interpolation="nearest")
    right.set(xlabel="tokens generated", ylabel="weight", title="The weights on tape 2")
    ticks = np.linspace(0, len(history) - 1, 5)
    right.set_xticks(ticks, [f"{lesson.result.steps * tick / ticks[-1] / 1e6:.1f} M" for tick in ticks])
    figure.colorbar(image, ax=right)
    figure.savefig(path, dpi=150)
    print(f"{lesson.result.steps:,} tokens, {'equal' if lesson.equal else 'NOT EQUAL'}: {path}")


def sklearn_mistakes(data: Dataset, epochs: int) -> list[int]:
    """The mistakes of each epoch of scikit-learn's perceptron, which is given one example at a time to tell them."""
    model, counts = Perceptron(fit_intercept=False, shuffle=False, tol=None, penalty=None), []
    weights = np.zeros(data.dimension)
    for _ in range(epochs):
        wrong = 0
        for x, y in data.examples:
            wrong += y * (weights @ np.array(x)) <= 0
            model.partial_fit(np.array([x]), np.array([y]), classes=np.array([-1, 1]))
            weights = model.coef_[0].copy()
        counts.append(int(wrong))
    return counts


if __name__ == "__main__":
    main()

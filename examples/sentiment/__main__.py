"""Labelled reviews in the prompt, a new review, its label: `python -m examples.sentiment "A review."`

Without a review: five-fold cross-validation of all readers, with 95 % confidence intervals. `--seed N` shuffles anew.

The reviews were written in pairs that differ in little but their label, so that single neutral words tell nothing; a
pair is never split between prompt and questions (it would teach that a known word means the opposite of its twin).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import click
import numpy as np
import torch
from rich.console import Console
from rich.progress import track

from construction import Transformer
from construction.fingerprint import fingerprint
from examples.sentiment.by_margin import Words, by_margin, reading_network
from examples.sentiment.by_policy import LexiconReader, base_reader
from examples.sentiment.reviews import Integers, counted_lexicon, lexicon, reviews, wilson

FOLDS = 5
Fold = tuple[list[str], Integers, list[str], Integers]


@click.command()
@click.argument("review", required=False)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the division into folds.")
def main(review: str | None, seed: int) -> None:
    """Label REVIEW, or measure how well that works."""
    torch.set_num_threads(1)  # many small passes
    if review is None:
        evaluate(seed)
    else:
        label(review)


def label(review: str) -> None:
    """Both readers' labels for one review, with all the labelled ones in the prompt."""
    texts, labels = reviews()
    answer, separator = by_margin(reading_network(), texts, labels, [review])
    settled = Counter(separator.choices.tolist()).most_common(3)
    learning = f"after {len(separator.choices)} tokens of learning"
    print(f"margin machine: {_name(int(answer[0]))}, {learning}; most often chosen:")
    for number, times in settled:
        print(f"    {times:3} times  {_name(int(labels[number])):6}  {texts[number]}")
    reader = LexiconReader(lexicon(), texts, base_reader())
    print(f"lexicon machine, {len(reader.machine.rules)} examples in the prompt: {_name(reader.read(review))}")


def evaluate(seed: int) -> dict[str, tuple[int, int]]:
    """Cross-validation; the right and the undecided answers of each reader."""
    folds, margin, base = list(divided(seed)), reading_network(), base_reader()
    hashes = {"margin machine": fingerprint(margin).sha256, "base network": fingerprint(base).sha256}
    readers: dict[str, Callable[[Fold], Iterable[int]]] = {
        "margin machine, reviews in its prompt": lambda fold: by_margin(margin, fold[0], fold[1], fold[2])[0].tolist(),
        "tuned: LinearSVC, same words, same C": lambda fold: _stock("svm", fold),
        "tuned: logistic regression, same words": lambda fold: _stock("logistic", fold),
        "base network, written lexicon demonstrated": lambda fold: _by_policy(base, lexicon(), fold),
        "base network, all of that lexicon demonstrated": lambda fold: _by_policy(base, lexicon(), fold, every=True),
        "tuned to the same, nothing in its prompt": lambda fold: _by_policy(
            base, lexicon(), fold, every=True, tuned=True
        ),
        "base network, lexicon counted from the labels": lambda fold: _by_policy(
            base, counted_lexicon(*fold[:2]), fold
        ),
    }
    scores, n = {}, sum(len(fold[2]) for fold in folds)
    work = [(name, fold) for name in readers for fold in folds]
    by_reader: dict[str, list[tuple[int, int]]] = {name: [] for name in readers}
    for name, fold in track(work, "folds", console=Console(stderr=True), transient=True):
        by_reader[name] += zip(readers[name](fold), fold[3].tolist(), strict=True)
    print(f"{n} reviews, {FOLDS} folds, pairs kept together (guessing: 50 %)\n")
    for name, answers in by_reader.items():
        right, undecided = sum(a == y for a, y in answers), sum(a == 0 for a, _ in answers)
        low, high = wilson(right, n)
        coin = (right + undecided / 2) / n
        tail = f", {undecided} undecided, counted as wrong (by a coin: {coin:.1%})" if undecided else ""
        print(f"{name:46} {right / n:6.1%}  [{low:.1%}, {high:.1%}]{tail}")
        scores[name] = right, undecided
    same = fingerprint(margin).sha256 == hashes["margin machine"] and fingerprint(base).sha256 == hashes["base network"]
    print("\nthe same weights for every fold:" if same else "\nNOT THE SAME WEIGHTS:")
    for name, sha256 in hashes.items():
        print(f"    {name:15} sha256 {sha256}")
    return scores


def divided(seed: int) -> Iterable[Fold]:
    """The folds: labelled reviews for the prompt, and questions with their true labels."""
    from sklearn.model_selection import GroupKFold

    texts, labels = reviews()
    pairs = np.arange(len(texts)) // 2
    for shown, asked in GroupKFold(FOLDS, shuffle=True, random_state=seed).split(texts, labels, pairs):
        yield [texts[i] for i in shown], labels[shown], [texts[i] for i in asked], labels[asked]


def _by_policy(
    base: Transformer, words: dict[str, int], fold: Fold, *, every: bool = False, tuned: bool = False
) -> list[int]:
    """With `every`, the machine also demonstrates itself on each word of its lexicon, as a review of one word."""
    reader = LexiconReader(words, fold[0] + (list(words) if every else []), base, tuned=tuned)
    return [reader.read(text) for text in fold[2]]


def _stock(kind: str, fold: Fold) -> list[int]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    texts, labels, questions, _ = fold
    words = Words.of(texts)
    model = LinearSVC(C=0.5, fit_intercept=False) if kind == "svm" else LogisticRegression()
    answers: list[int] = model.fit(words(texts), labels).predict(words(questions)).tolist()
    return answers


def _name(label: int) -> str:
    return {1: "praise", -1: "blame"}.get(label, "undecided")


if __name__ == "__main__":
    main()

"""Reviews as bags of words in the prompt of the margin machine: it generates the reviews that settle the matter."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from compiled_models.elicit.learning.separator import Separator, ask, learn_separator
from compiled_models.elicit.report.cost import one_thread
from construction import Transformer
from construction.classifiers.margin_machine import margin_machine
from examples.sentiment.reviews import NEGATIONS, Integers, tokens

__all__ = ["Words", "by_margin", "reading_network"]

WORDS, LONGEST = 256, 2_000


def reading_network() -> Transformer:
    """The margin machine that reads every review here: 256 features, 256 reviews, slack 1 (so C = 1/2)."""
    return margin_machine(dimensions=WORDS, examples=256, levels=1, slack=1)


@dataclass(frozen=True)
class Words:
    """The words that count: the most frequent of some texts, whatever their labels; "not good" counts as one."""

    number: dict[str, int]

    @classmethod
    def of(cls, texts: list[str]) -> Words:
        """The 255 words that occur in most of the texts; the last coordinate is a bias."""
        counts = Counter(word for text in texts for word in set(_negated(text)))
        return cls({word: i for i, (word, _) in enumerate(counts.most_common(WORDS - 1))})

    def __call__(self, texts: list[str]) -> Integers:
        """A vector of zeros and ones for each text."""
        vectors = np.zeros((len(texts), WORDS), dtype=np.int64)
        vectors[:, -1] = 1
        for row, text in zip(vectors, texts, strict=True):
            row[[self.number[word] for word in _negated(text) if word in self.number]] = 1
        return vectors


def _negated(text: str) -> list[str]:
    """The words of a text; after a negation and up to the end of the clause, "not-" stands before each."""
    words, denied = [], False
    for word in tokens(text):
        if word == ".":
            denied = False
            continue
        words.append(f"not-{word}" if denied else word)
        denied = denied or word in NEGATIONS
    return words


def by_margin(
    network: Transformer, texts: list[str], labels: Integers, questions: list[str]
) -> tuple[Integers, Separator]:
    """The labels that the network generates for questions, with labelled texts in its prompt; and what it learnt."""
    words = Words.of(texts)
    with one_thread():
        separator, cache = learn_separator(network, words(texts), labels, certify="1/2", limit=LONGEST)
        return ask(network, cache, words(questions)), separator

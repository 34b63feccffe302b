"""The reviews: short, written for this example, each with its label; and their words."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["NEGATIONS", "Integers", "counted_lexicon", "lexicon", "reviews", "tokens", "wilson"]

Integers = NDArray[np.int64]

FOLDER = Path(__file__).parent
NEGATIONS = ("not", "no", "never", "nothing", "without", "cannot", "hardly")


def reviews() -> tuple[list[str], Integers]:
    """The texts and their labels, 1 for praise and -1 for blame."""
    lines = [line.split("\t") for line in (FOLDER / "reviews.tsv").read_text(encoding="utf-8").splitlines()]
    return [text for _, text in lines], np.array([1 if sign == "+" else -1 for sign, _ in lines])


def lexicon() -> dict[str, int]:
    """Words that are good (1) or bad (-1) in most reviews, as a person would list them."""
    words: dict[str, int] = {}
    for line in (FOLDER / "lexicon.txt").read_text(encoding="utf-8").splitlines():
        sign, *listed = line.split()
        if sign in "+-":
            words |= dict.fromkeys(listed, 1 if sign == "+" else -1)
    return words


def counted_lexicon(texts: list[str], labels: Integers, least: int = 2) -> dict[str, int]:
    """Words that occur `least` times more often in praise than in blame are good; the other way round, bad.

    >>> counted_lexicon(["Good food", "good film", "bad food", "bad film"], np.array([1, 1, -1, -1]))
    {'bad': -1, 'good': 1}
    """
    ahead: Counter[str] = Counter()
    for text, label in zip(texts, labels.tolist(), strict=True):
        ahead.update(dict.fromkeys(set(tokens(text)) - {".", *NEGATIONS}, label))
    return {word: 1 if n > 0 else -1 for word, n in sorted(ahead.items()) if abs(n) >= least}


def tokens(text: str) -> list[str]:
    """Words in lower case; "." for what ends a clause.

    >>> tokens("Not bad at all, I liked it!")
    ['not', 'bad', 'at', 'all', '.', 'i', 'liked', 'it', '.']
    """
    return [
        "." if match in ",.;:!?" else match for match in re.findall(r"[^\W_]+(?:[-'][^\W_]+)*|[,.;:!?]", text.lower())
    ]


def wilson(right: int, n: int) -> tuple[float, float]:
    """A 95 % confidence interval for a share of which `right` of `n` were seen (Wilson).

    >>> [round(x, 3) for x in wilson(80, 100)]
    [0.711, 0.867]
    """
    z, p = 1.96, right / n
    centre, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return float((centre - half) / (1 + z * z / n)), float((centre + half) / (1 + z * z / n))

"""Labelled examples on a tape: how the perceptrons' data comes on their tapes, and what they learnt off them again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tm.learners.word import word

__all__ = ["BITS", "EPOCHS", "Example", "answers", "mistakes", "perceptron_tapes"]

BITS, EPOCHS = 10, 20
Example = tuple[Sequence[int], int]
"""Features of 0 and 1, and a label of 1 or -1."""


def perceptron_tapes(
    examples: Iterable[Example], queries: Sequence[Sequence[int]], *, bits: int = BITS, epochs: int = EPOCHS
) -> list[str]:
    """What stands on the three tapes: data and queries, weights of 0, a score of 0.

    Args:
        examples: features and label of each.
        queries: features of 0 and 1.
        bits: W, the bits of a weight and of the score.
        epochs: how often the data is gone through at most.

    >>> perceptron_tapes([([0, 1], 1), ([1, 0], -1)], [[1, 1]], bits=3, epochs=2)
    ['ee^01p10n#11?', '000|000|', '000|']
    """
    rows = list(examples)
    data = "".join("".join(map(str, x)) + ("p" if y > 0 else "n") for x, y in rows)
    asked = "".join("".join(map(str, query)) + "?" for query in queries)
    zero = word(0, bits) + "|"
    return ["e" * epochs + "^" + data + "#" + asked, zero * len(rows[0][0]), zero]


def answers(data: Sequence[str]) -> list[int]:
    """The answers on tape 1, 1 or -1, one for each query.

    >>> answers("^01p10n#11p00n")
    [1, -1]
    """
    behind = "".join(data).partition("#")[2]
    return [1 if symbol == "p" else -1 for symbol in behind if symbol in "pn"]


def mistakes(score: Sequence[str]) -> list[int]:
    """The mistakes of each epoch, from the log on tape 3.

    >>> mistakes("mm.m..000|")
    [2, 1, 0]
    """
    return [epoch.count("m") for epoch in "".join(score).split(".")[:-1]]

"""The perceptron in ordinary code, in whole numbers of so many bits: what the machine is held against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tm.learners.examples import BITS, EPOCHS, Example
from tm.learners.word import fitting

__all__ = ["averaged_reference", "perceptron_answer", "perceptron_reference"]


def perceptron_reference(
    examples: Iterable[Example], dimension: int, *, bits: int = BITS, epochs: int = EPOCHS
) -> tuple[list[int], list[int]]:
    """The same in ordinary code: the weights, and the mistakes of each epoch.

    Raises:
        OverflowError: where a weight or a sum of weights on the way to a score needs more bits.

    >>> perceptron_reference([([0, 1], 1), ([1, 0], -1)], 2)
    ([-1, 1], [2, 0])
    """
    weights, log = [0] * dimension, list[int]()
    rows = list(examples)
    for _ in range(epochs):
        log.append(0)
        for x, y in rows:
            if y * _score(weights, x, bits) <= 0:
                weights = [fitting(w + y * feature, bits) for w, feature in zip(weights, x, strict=True)]
                log[-1] += 1
        if not log[-1]:
            break
    return weights, log


def perceptron_answer(weights: Sequence[int], query: Sequence[int], *, bits: int = BITS) -> int:
    """1 or -1: the sign of the score, -1 where that is 0.

    Raises:
        OverflowError: where a sum on the way to the score needs more bits.

    >>> perceptron_answer([3, -1], [1, 1]), perceptron_answer([3, -1], [0, 0])
    (1, -1)
    """
    return 1 if _score(weights, query, bits) > 0 else -1


def averaged_reference(
    examples: Iterable[Example], dimension: int, *, bits: int = BITS, epochs: int = EPOCHS
) -> tuple[list[int], list[int]]:
    """The averaged perceptron: the sums of the weights after each example, and the mistakes of each epoch.

    Raises:
        OverflowError: where a number needs more bits.

    >>> averaged_reference([([0, 1], 1), ([1, 0], -1)], 2)
    ([-3, 4], [2, 0])
    """
    total, log, rows = [0] * dimension, list[int](), list(examples)
    weights = [0] * dimension
    for _ in range(epochs):
        log.append(0)
        for x, y in rows:
            if y * _score(weights, x, bits) <= 0:
                weights = [fitting(w + y * feature, bits) for w, feature in zip(weights, x, strict=True)]
                log[-1] += 1
            total = [fitting(s + w, bits) for s, w in zip(total, weights, strict=True)]
        if not log[-1]:
            break
    return total, log


def _score(weights: Sequence[int], x: Sequence[int], bits: int) -> int:
    score = 0
    for w, feature in zip(weights, x, strict=True):
        score = fitting(score + w * feature, bits)
    return score

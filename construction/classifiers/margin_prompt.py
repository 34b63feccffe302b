"""What a margin machine is told and says: its capacity, its vocabulary, its prompt.

| kind | fields | written | meaning |
|---|---|---|---|
| BOS | certify | `<bos 1/2>` | the sentinel: the share of the largest margin to certify; 0 is a perceptron |
| EXAMPLE | number, label, x 1..x d | `#7 + (3,-1)` | a labelled vector; without number and label it is a question |
| CHOICE | number | `#7` | generated: the separator shall take example 7 in, once more |
| STOP | - | `<stop>` | generated: every margin is large enough |
| LABEL | label | `<+>` | generated: the answer to the question |
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from construction.classifiers.labelled_vectors import Integers, coordinate_fields, rows_of_vectors
from construction.config import CapacityError
from construction.vocabulary import Tokens, Vocabulary
from tm import InputError, Problem
from tm.integers import smallest

__all__ = [
    "NEVER",
    "SHARES",
    "SHARPNESS",
    "MarginMachineConfig",
    "margin_prompt",
    "margin_question",
    "margin_vocabulary",
]

NEVER = "never"
SHARES = ("0", "1/2", "3/4", "7/8", "15/16")  # what a network can certify; NEVER beside them
SHARPNESS = 2**40  # the inverse temperature at which margins are compared
UNKNOWN = "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginMachineConfig:
    """The capacity of a margin machine: see `margin_machine`.

    >>> MarginMachineConfig(dimensions=8, examples=512, levels=16).certified_tokens(200)
    104519
    >>> MarginMachineConfig(dimensions=0, examples=3, levels=1)
    Traceback (most recent call last):
    construction.config.CapacityError: no such network: dimensions is 0, expected 1 or more; examples is 3, ...
    """

    dimensions: int
    examples: int
    levels: int
    slack: int = 0

    def __post_init__(self) -> None:
        least = {"dimensions": 1, "examples": 1, "levels": 1, "slack": 0}
        wrong = [
            f"{name} is {getattr(self, name)}, expected {n} or more"
            for name, n in least.items()
            if getattr(self, name) < n
        ]
        if self.examples & (self.examples - 1):
            wrong.append(f"examples is {self.examples}, expected a power of two: its inverse is a weight")
        if self.largest_product > 2**24:
            wrong.append(f"a product of two examples may reach {self.largest_product}, expected 2^24 at most")
        if wrong:
            raise CapacityError("no such network: " + "; ".join(wrong))

    @property
    def largest_product(self) -> int:
        """No <z_i, z_j> is larger in size."""
        return self.dimensions * self.levels**2 + self.slack**2

    def certified_tokens(self, largest_square: int, *, leak: float = 1e-9) -> int:
        """How many choices are certainly the right ones, for examples whose <z, z> is at most `largest_square`.

        Two different scores over SHARPNESS differ by u / (4 n) or more, u = 1 / (T + 1), n the capacity (equal margins
        are told apart by their numbers, i u / (4 n)). Rounding blurs a score by (T + d + 8) 2^-53 R^2 at most, R^2 the
        largest square: a sum of T + 1 terms of weight 1 / (T + 1), then one of d, by Cauchy and Schwarz. The softmax is
        one-hot to within `leak` while SHARPNESS (u / (4 n) - 2 blur) >= ln(tokens / leak).
        """

        def wrong(tokens: int) -> bool:
            return self._margin(tokens, largest_square) < math.log((tokens + self.examples + 2) / leak)

        return smallest(wrong) - 1

    def _margin(self, tokens: int, largest_square: int) -> float:
        blur = (tokens + self.dimensions + self.examples * bool(self.slack) + 8) * 2.0**-53 * largest_square
        return SHARPNESS * (1 / (4 * self.examples * (tokens + 1)) - 2 * blur)


def margin_vocabulary(config: MarginMachineConfig) -> Vocabulary:
    """The vocabulary of a margin machine of this capacity.

    >>> list(margin_vocabulary(MarginMachineConfig(dimensions=2, examples=4, levels=3)).kinds)
    ['BOS', 'EXAMPLE', 'CHOICE', 'STOP', 'LABEL']
    """
    numbers = [str(i) for i in range(config.examples)]
    coordinates = coordinate_fields(config.dimensions, config.levels)
    return Vocabulary(
        {
            "BOS": {"certify": [*SHARES, NEVER]},
            "EXAMPLE": {"number": [UNKNOWN, *numbers], "label": [UNKNOWN, "-", "+"], **coordinates},
            "CHOICE": {"number": numbers},
            "STOP": {},
            "LABEL": {"label": ["-", "+"]},
        }
    )


def margin_prompt(
    vocabulary: Vocabulary, vectors: Integers, labels: Integers, *, certify: str = "0", question: Integers | None = None
) -> Tokens:
    """The prompt [p w]: BOS, an example for each vector, and a question if there is one.

    Args:
        vocabulary: from `margin_vocabulary`.
        vectors: integers [n d].
        labels: -1 or 1 [n].
        certify: the share of the largest margin to certify: "0" (a perceptron), "1/2", ..., or "never" to stop.
        question: a vector [d] whose label is asked for.

    Raises:
        InputError: for vectors or labels that the network cannot be told.

    >>> vocabulary = margin_vocabulary(MarginMachineConfig(dimensions=2, examples=4, levels=3))
    >>> margin_prompt(vocabulary, np.array([[1, 2], [3, -1]]), np.array([1, -1])).shape
    (3, 5)
    """
    kind, shares = vocabulary["EXAMPLE"], vocabulary["BOS"]["certify"].labels
    capacity = len(kind["number"].labels) - 1
    wrong = []
    if len(vectors) > capacity:
        wrong.append(Problem("too many examples", f"{capacity} at most", str(len(vectors))))
    if len(labels) != len(vectors) or not np.isin(labels, (-1, 1)).all():
        wrong.append(Problem("each vector has a label", "-1 or 1 for each", f"{len(labels)} labels"))
    if certify not in shares:
        wrong.append(Problem("that share cannot be certified", " or ".join(shares), repr(certify)))
    if wrong:
        raise InputError(*wrong)
    tokens = np.zeros((1 + len(vectors), vocabulary.width), dtype=np.int64)
    tokens[0] = vocabulary.token("BOS", shares.index(certify))
    tokens[1:, 0] = kind.row
    tokens[1:, 1] = kind["number"].first + 1 + np.arange(len(vectors))
    tokens[1:, 2] = kind["label"].first + np.where(labels > 0, 2, 1)
    tokens[1:, 3:] = rows_of_vectors(kind, vectors)
    if question is None:
        return tokens
    return np.concatenate([tokens, margin_question(vocabulary, question[None])])


def margin_question(vocabulary: Vocabulary, vectors: Integers) -> Tokens:
    """The tokens [n w] that ask for the labels of vectors [n d]: examples whose number and label are "?".

    >>> vocabulary = margin_vocabulary(MarginMachineConfig(dimensions=2, examples=4, levels=3))
    >>> vocabulary.parse(margin_question(vocabulary, np.array([[1, 2]]))[0])
    ('EXAMPLE', (0, 0, 4, 5))
    """
    kind = vocabulary["EXAMPLE"]
    tokens = np.empty((len(vectors), vocabulary.width), dtype=np.int64)
    tokens[:, :3] = kind.row, kind["number"].first, kind["label"].first
    tokens[:, 3:] = rows_of_vectors(kind, vectors)
    return tokens

"""Which token follows: the likeliest, or one drawn by the linear read-out, and the same one in every decoder.

Decoders add up in different orders, so their probabilities differ in the last bits, and a draw that falls between two
of them would tell. Such a draw is decided by counts: within rounding of a probability there is one simplest fraction,
and as long as the examples of a situation are few enough for the number format, it is the examples' own w / v.

Proof. Let |p - w/v| <= e and 2 e v^2 < 1. Two fractions with denominators of at most v are 1/v^2 apart or more, so the
interval [p - e, p + e] holds no other fraction with a denominator of at most v. Merged keys (entries.py) have w and v
as whole numbers and divide them once, in float64, so e is what rounding to the number format loses, and what skipping
may: in float32 v <= 4,095 will do, which is all that its certificate allows; in float64 v <= 353,000.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from compiled_models.decoding.memory import SKIP
from compiled_models.decoding.weights import NetworkWeights
from construction.vocabulary import Vocabulary

__all__ = ["Sampler", "edge", "merged_edge", "simplest", "skip"]

Floats = NDArray[np.floating]
MERGED_ROUNDINGS = 10  # of a probability from merged keys: 8 in the certificate, and what is of second order
ROUNDINGS_OF_A_UNIT = 2  # a tuned network's: its share is rounded once, and once more as it is added


def edge(unit: float, units: int = 0, tokens: int | None = None) -> float:
    """How close to a boundary between two tokens a draw has to be for rounding to decide it.

    The probabilities of all tokens together are off by at most e (docs/proof.md, `decided`: they are parts of one
    softmax); a boundary, and the total that the draw is a share of, by e each.

    Args:
        unit: the unit roundoff of the number format.
        units: of the last feed-forward layer.
        tokens: how many were added up one by one; None: equal keys are merged.

    >>> edge(2**-53) < 1e-11, edge(2**-24) < 2e-6, edge(2**-24, tokens=1_000) < 3e-4
    (True, True, True)
    """
    roundings = MERGED_ROUNDINGS + ROUNDINGS_OF_A_UNIT * units
    if tokens is None:
        return 2 * (roundings * unit + 4 * SKIP)
    return 4 * (roundings + tokens) * unit


def merged_edge(weights: NetworkWeights) -> float:
    """The edge for logits from a network's merged keys."""
    units = sum(block.gate.matrix.shape[1] for block in weights.blocks[-1:])
    return edge(float(np.finfo(weights.dtype).eps) / 2, units)


def simplest(low: Fraction, high: Fraction) -> Fraction:
    """The fraction with the smallest denominator in [low, high], 0 <= low <= high.

    >>> simplest(Fraction(31, 100), Fraction(35, 100)), simplest(Fraction(0), Fraction(1, 9))
    (Fraction(1, 3), Fraction(0, 1))
    """
    whole = math.ceil(low)
    if whole <= high:
        return Fraction(whole)
    return whole - 1 + 1 / simplest(1 / (high - whole + 1), 1 / (low - whole + 1))


def skip(random: np.random.Generator | None, draws: int) -> None:
    """Leave out as many numbers as `random.random()` would have drawn (a double takes one step of PCG64).

    >>> one, other = np.random.default_rng(3), np.random.default_rng(3)
    >>> _ = one.random(1000)
    >>> skip(other, 1000)
    >>> one.random() == other.random()
    True
    """
    if random is not None:
        random.bit_generator.advance(draws)  # type: ignore[attr-defined]


class Sampler:
    """Chooses a token from the logits of the rows: the likeliest, or, given a seed, one drawn by the linear read-out.

    P(token) = relu(logit). Every draw takes exactly one number u of `numpy.random.default_rng(seed)`: the first token,
    in the order of their rows, whose cumulative share exceeds u. Within the certificate every decoder makes the same
    draws: those too close to a boundary for that are decided by counts, or where there are too many examples for
    those, by the probabilities of merged keys.

    >>> vocabulary = Vocabulary({"A": {"x": "ab"}, "B": {}})
    >>> logits = np.array([0, 0, 0.5, 0.5, 0])
    >>> Sampler(vocabulary, None)(logits, 0.0), {Sampler(vocabulary, seed)(logits, 0.0) for seed in range(9)}
    ((1, 2), {(1, 2), (1, 3)})
    """

    def __init__(self, vocabulary: Vocabulary, seed: int | None) -> None:
        self.vocabulary = vocabulary
        self.random = None if seed is None else np.random.default_rng(seed)

    def __call__(self, logits: Floats, within: float, merged: Callable[[], Floats] | None = None) -> tuple[int, ...]:
        """The next token.

        Args:
            logits: of every row [r].
            within: the `edge` of the decoder that they are from.
            merged: works out the logits from merged keys; None: these are such.
        """
        if self.random is None:
            return self.vocabulary.best(logits)
        u, tokens = self.random.random(), self.vocabulary.positive(logits)
        if not tokens:
            return self.vocabulary.best(logits)
        shares = np.cumsum([probability for _, probability in tokens])
        target = u * shares[-1]
        if np.abs(shares - target).min() <= within:
            again = logits if merged is None else merged()
            if np.abs(again - logits).max() <= within:  # else something other than rounding has changed the logits
                return self._counted(u, again)
        return tokens[int(np.searchsorted(shares, target, side="right"))][0]

    def _counted(self, u: float, logits: Floats) -> tuple[int, ...]:
        """The token that a draw takes by counts, or where the probabilities are no shares of counts, by those."""
        tokens, unit = self.vocabulary.positive(logits), float(np.finfo(logits.dtype).eps) / 2
        each = [Fraction(probability) for _, probability in tokens]
        error = Fraction(unit / 2 + 4 * SKIP)  # the e of the proof above, for shares below 1
        counts = [simplest(share - error, share + error) if share > edge(unit) else 0 for share in each]
        shares = list(accumulate(counts if sum(counts) == 1 else each))
        target = Fraction(u) * shares[-1]
        return next(token for (token, _), share in zip(tokens, shares, strict=True) if share > target)

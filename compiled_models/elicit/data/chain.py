"""Text with a memory of one token, as a machine: the state is the last token, a step writes the next and moves on."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tm.policy import Policy

__all__ = ["chain_policy", "prefix_log_ratios", "random_sequences"]

SYMBOLS = 7  # symbols to write beside the blank; the state alone tells the token


def chain_policy(probabilities: ArrayLike) -> Policy:
    """The policy that writes token w after token v with probability [v w]; the first token follows token 0.

    Its rules stand in order: those of token 0, by the token that they write, then those of token 1, and so on.

    >>> policy = chain_policy([[0.5, 0.5], [0.1, 0.9]])
    >>> print(policy.all_rules[3])
    q1 _ -> q1 s2 R x 900000
    """
    shares = np.asarray(probabilities, dtype=float)
    names = [f"q{v}" for v in range(len(shares))]
    situations = [(name, ("_",)) for name in names]
    return Policy.of(shares, situations, [(name, (f"s{1 + v % SYMBOLS}",), ("R",)) for v, name in enumerate(names)])


def random_sequences(
    probabilities: NDArray[np.float64], length: int, runs: int, random: np.random.Generator
) -> NDArray[np.int64]:
    """Sequences [runs length + 1] of tokens from transition probabilities [v w], each after a token 0.

    >>> random_sequences(np.array([[0.0, 1.0], [1.0, 0.0]]), 3, 1, np.random.default_rng(0))
    array([[0, 1, 0, 1]])
    """
    sequences = np.zeros((runs, length + 1), dtype=np.int64)
    cumulative = np.cumsum(probabilities, axis=1)
    for t in range(length):
        level = random.random(runs) * cumulative[sequences[:, t], -1]
        sequences[:, t + 1] = (level[:, None] >= cumulative[sequences[:, t]]).sum(1)
    return sequences


def prefix_log_ratios(sequences: NDArray[np.int64], log_ratios: NDArray[np.float64]) -> NDArray[np.float64]:
    """ln(q / p) of every prefix [length runs] of sequences, from those of the steps [v w].

    >>> prefix_log_ratios(np.array([[0, 1, 0]]), np.array([[0.0, 1.0], [2.0, 0.0]])).tolist()
    [[1.0], [3.0]]
    """
    steps: NDArray[np.float64] = log_ratios[sequences[:, :-1], sequences[:, 1:]]
    return steps.cumsum(1).T

"""Sequences of length l and runs of T steps: how the errors of single steps add up (they add in squares)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from compiled_models.elicit.bounds.arguments import ceiling, require_counts, require_shares
from tm.integers import smallest

__all__ = [
    "coin_sequence_tv",
    "coverage",
    "demonstration_tv",
    "demonstrations_for_sequence",
    "examples_for_coin_sequence",
    "examples_for_coverage",
    "examples_for_sequence",
    "hybrid_step_epsilon",
    "hybrid_tv",
    "run_tv",
    "sequence_tv",
]


def hybrid_tv(length: float, step_tv: float) -> float:
    """TV of whole sequences <= l times the largest TV of a step, l the expected length. Loose: it costs l^2 examples.

    Proof. Swap one step at a time from one policy to the other; each swap changes TV by that step's TV at most.

    >>> hybrid_tv(10, 0.05)
    0.5
    """
    return min(1.0, length * step_tv)


def hybrid_step_epsilon(length: float, epsilon: float) -> float:
    """The inverse of `hybrid_tv`: the error that each step may have.

    >>> hybrid_step_epsilon(10, 0.5)
    0.05
    """
    require_counts(length=length)
    return epsilon / length


def run_tv(visits: Sequence[float], outcomes: Sequence[int], examples: Sequence[int]) -> float:
    """E TV of whole runs <= sqrt(1/2 sum_c nu_c ln((n_c + V_c) / (n_c + 1))), contexts c visited nu_c times on average.

    Assumes: n_c independent examples of each context, n_c fixed beforehand; add-one smoothing over V_c outcomes among
    which are all that the policy can take. The runs may end at a random time; only expected visits enter.
    Proof. Add-one smoothing: E KL(p || p^) <= ln((n + V) / (n + 1)), as E[1 / (N + 1)] <= 1 / ((n + 1) p); at most
    (V - 1) / (n + 1). KL of runs = sum_c nu_c KL_c (chain rule, nu under the true policy); TV <= sqrt(KL / 2)
    (Pinsker); E sqrt <= sqrt E (Jensen).

    >>> round(run_tv([2.0, 1.0], [2, 3], [100, 100]), 4)
    0.1402
    """
    nu, v, n = (np.asarray(x, dtype=float) for x in (visits, outcomes, examples))
    require_counts(outcomes=float(v.min()))
    return min(1.0, math.sqrt(float((nu * np.log1p((v - 1) / (n + 1))).sum()) / 2))


def sequence_tv(length: float, outcomes: int, n: int) -> float:
    """E TV of sequences <= sqrt(l (V - 1) / (2 (n + 1))): `run_tv` with V outcomes and n examples in every context.

    >>> round(sequence_tv(16, 2, 799), 4)
    0.1
    """
    require_counts(length=length, outcomes=outcomes, n=n)
    return min(1.0, math.sqrt(length * (outcomes - 1) / (2 * (n + 1))))


def examples_for_sequence(length: float, outcomes: int, epsilon: float) -> int:
    """Examples of each context that suffice, n_c = l (V - 1) / (2 eps^2) - 1: the inverse of `sequence_tv`.

    >>> examples_for_sequence(16, 2, 0.1)
    799
    """
    require_counts(length=length, outcomes=outcomes)
    require_shares(epsilon=epsilon)
    return ceiling(length * (outcomes - 1) / (2 * epsilon**2) - 1)


def coin_sequence_tv(length: int, n: int) -> float:
    """(1 / pi) sqrt(l / n): E TV of l tosses of a fair coin known from n tosses, as 1 << l << n. The factor l is real.

    An asymptote, no bound: the heads in l tosses shift by l |p^ - 1/2| in a normal law of deviation sqrt(l) / 2.

    >>> round(coin_sequence_tv(16, 800), 4), round(sequence_tv(16, 2, 799), 4)
    (0.045, 0.1)
    """
    require_counts(length=length, n=n)
    return min(1.0, math.sqrt(length / n) / math.pi)


def examples_for_coin_sequence(length: int, epsilon: float) -> int:
    """The inverse of `coin_sequence_tv`: fewer cannot do, asymptotically.

    >>> examples_for_coin_sequence(16, 0.045)
    801
    """
    require_counts(length=length)
    require_shares(epsilon=epsilon)
    return ceiling(length / (math.pi * epsilon) ** 2)


def demonstration_tv(contexts: int, outcomes: int, demonstrations: int) -> float:
    """sqrt(m (V - 1) / (2 N)) from N demonstrations of the whole task: the length cancels.

    A demonstration visits context c nu_c times, so n_c is about N nu_c and sum nu_c (V - 1) / n_c = m (V - 1) / N.
    A bound where the number of visits does not depend on the outcomes: contexts drawn independently (then E[1 / (n_c +
    1)] <= 1 / (N nu_c)), or visited in a fixed order. Where outcomes decide what is visited next it is asymptotic.

    >>> round(demonstration_tv(4, 2, 200), 4)
    0.1
    """
    require_counts(contexts=contexts, outcomes=outcomes, demonstrations=demonstrations)
    return min(1.0, math.sqrt(contexts * (outcomes - 1) / (2 * demonstrations)))


def demonstrations_for_sequence(contexts: int, outcomes: int, epsilon: float) -> int:
    """The inverse of `demonstration_tv`.

    >>> demonstrations_for_sequence(4, 2, 0.1)
    200
    """
    require_counts(contexts=contexts, outcomes=outcomes)
    require_shares(epsilon=epsilon)
    return ceiling(contexts * (outcomes - 1) / (2 * epsilon**2))


def coverage(needed: int, n: int, total: int | None = None) -> float:
    """P(n uniform draws from R rules show all K needed) = sum_j (-1)^j C(K, j) (1 - j / R)^n, exactly.

    A deterministic machine that visits K of its R rules runs exactly from the prompt iff those K are there. R = K, all
    rules are visited, unless `total` says otherwise: the coupon collector.

    >>> round(coverage(12, 40), 4), round(coverage(12, 40, total=18), 4)
    (0.6732, 0.2438)
    """
    total = needed if total is None else total
    require_counts(needed=needed, **{"total - needed + 1": total - needed + 1})
    chance = sum((-1) ** j * math.comb(needed, j) * (total - j) ** n for j in range(needed + 1))
    return chance / total**n  # of whole numbers: rounded once


def examples_for_coverage(needed: int, delta: float, total: int | None = None) -> int:
    """The smallest n whose `coverage` is 1 - delta or more.

    >>> examples_for_coverage(12, 0.05), round(coverage(12, 63), 4)
    (63, 0.9507)
    """
    require_counts(needed=needed)
    require_shares(delta=delta)
    return smallest(lambda n: coverage(needed, n, total) >= 1 - delta)

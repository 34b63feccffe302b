"""Bounded context: what a bounded number of examples can and cannot give, and retrieval into a window of tokens."""

from __future__ import annotations

import math

import numpy as np

from compiled_models.elicit.bounds.arguments import ceiling, require_counts, require_shares
from compiled_models.elicit.bounds.tabular import expected_tv, tv_deviation
from tm.integers import smallest

__all__ = [
    "any_learner_tv",
    "examples_for_any_learner",
    "examples_for_retrieval",
    "examples_for_sup_norm",
    "examples_for_window_subset",
    "paper_bounded_epsilon",
    "paper_bounded_examples",
    "retrieval_tv",
    "sup_norm",
    "window_subset_tv",
]


def paper_bounded_examples(length: int, outcomes: int, epsilon: float, delta: float) -> int:
    """The paper's rate for bounded context, O((l log V / eps^2) log(1 / delta)), constant 1 and natural logs.

    Source: the abstract of arXiv 2506.08060; it states no constant. In sup-norm it is enough with constant 1 wherever
    delta <= 1/2 and l ln V >= 2, for every distribution on the V^l sequences; in TV it is not (`any_learner_tv`).

    Proof. Let a = n eps^2 >= l ln V ln(1 / delta) >= 2 ln(1 / delta). The share of a sequence of probability p is off
    by eps with probability 2 exp(-a g(p)) at most, g(p) = ln((1 - p) / p) / (1 - 2 p) >= 2, g(1/2) = 2 (Kearns & Saul
    1998; Berend & Kontorovich 2013, On the concentration of the missing mass). Over all sequences this sums to at most
    the largest 2 exp(-a g(p)) / p, so it is delta at most if 2 y g(p) + ln p >= y + ln 2 for y = ln(1 / delta) and
    0 < p <= 1/2 (beyond, g(p) = g(1 - p) and 1 / p is smaller). That grows with y; at y = ln 2 the left side is larger
    by 0.117 at least (at p = 0.09; by 0.38 ln(1 / p) - 1.4 for small p).

    >>> paper_bounded_examples(6, 4, 0.1, 0.05)
    2492
    """
    require_counts(length=length, outcomes=outcomes)
    require_shares(epsilon=epsilon, delta=delta)
    return ceiling(length * math.log(outcomes) / epsilon**2 * math.log(1 / delta))


def paper_bounded_epsilon(length: int, outcomes: int, n: int, delta: float) -> float:
    """The inverse of `paper_bounded_examples`.

    >>> round(paper_bounded_epsilon(6, 4, 2492, 0.05), 4)
    0.1
    """
    require_counts(length=length, outcomes=outcomes, n=n)
    require_shares(delta=delta)
    return min(1.0, math.sqrt(length * math.log(outcomes) * math.log(1 / delta) / n))


def sup_norm(length: int, outcomes: int, n: int, delta: float) -> float:
    """With probability 1 - delta no sequence's probability is off by more than this, of V^l sequences.

    The smaller of two bounds: Hoeffding over V^l outcomes, eps^2 = [l ln V + ln(2 / delta)] / (2 n), and one blind to
    V and l, eps^2 = 2 ln(2 / delta) / n: a probability is a difference of two values of the distribution function,
    each off by eps / 2 at most (Dvoretzky, Kiefer & Wolfowitz 1956, constant of Massart 1990). By the same road
    Canonne (arXiv 2002.11457) has Theta(log(1 / delta) / eps^2) for sup-norm, however many outcomes there are.

    >>> round(sup_norm(6, 4, 2492, 0.05), 4)
    0.0491
    """
    require_counts(length=length, outcomes=outcomes, n=n)
    require_shares(delta=delta)
    return min(1.0, math.sqrt(_sup_norm_needed(length, outcomes, delta) / n))


def examples_for_sup_norm(length: int, outcomes: int, epsilon: float, delta: float) -> int:
    """The inverse of `sup_norm`.

    >>> examples_for_sup_norm(6, 4, 0.1, 0.05)
    601
    """
    require_counts(length=length, outcomes=outcomes)
    require_shares(epsilon=epsilon, delta=delta)
    return ceiling(_sup_norm_needed(length, outcomes, delta) / epsilon**2)


def _sup_norm_needed(length: int, outcomes: int, delta: float) -> float:
    log = math.log(2 / delta)
    return min((length * math.log(outcomes) + log) / 2, 2 * log)


def any_learner_tv(outcomes: int, n: int) -> float:
    """No learner at all has a smaller expected TV on every distribution over K outcomes (K even), from n draws.

    Proof. Let p be uniform on a random half S of the outcomes. Having seen D of S, an unseen outcome is in S with
    chance f = (K/2 - D) / (K - D) <= 1/2, all alike. The best guess puts 2/K on each seen outcome and spreads the
    rest, 1 - 2 D / K, evenly: it errs by f. What is returned is E f, over the exact law of D.
    For eps < 1/2 this asks for a number of examples in proportion to K; Omega(K / eps^2) is Assouad's (Canonne,
    arXiv 2002.11457), and no rate that is logarithmic in K can hold.

    >>> round(any_learner_tv(4096, 2492), 3)
    0.228
    """
    require_counts(outcomes=outcomes / 2)
    k, half = outcomes, outcomes // 2
    count = np.arange(half + 1)
    chance = np.zeros(half + 1)  # of having seen so many of S
    chance[0] = 1.0
    for _ in range(n):
        again = chance * (count / half)
        again[1:] += chance[:-1] * (1 - count[:-1] / half)
        chance = again
    return float(chance @ ((half - count) / (k - count)))


def examples_for_any_learner(outcomes: int, epsilon: float) -> int:
    """The fewest examples with which `any_learner_tv` is at most epsilon: no learner can do with fewer.

    >>> examples_for_any_learner(64, 0.1)
    69
    """
    require_shares(epsilon=epsilon)
    return smallest(lambda n: any_learner_tv(outcomes, n) <= epsilon)


def retrieval_tv(outcomes: int, k: int, delta: float, *, lipschitz: float = 0.0, radius: float = 0.0) -> float:
    """TV <= L r_k + 1/2 sqrt((V - 1) / k) + sqrt(ln(1 / delta) / (2 k)), from k retrieved examples.

    Assumes: retrieval is blind to the labels; the policy changes by at most L (in TV) per unit of distance; r_k is the
    distance of the k-th neighbour (0 for exact matches). Proof. The mean of the neighbours' distributions is within
    L r_k; the k labels are independent given the contexts, and `expected_tv` and `tv_deviation` need no more.

    >>> round(retrieval_tv(6, 100, 0.05), 4)
    0.2342
    """
    require_counts(outcomes=outcomes, k=k)
    return min(1.0, lipschitz * radius + expected_tv(outcomes, k) + tv_deviation(k, delta))


def examples_for_retrieval(
    outcomes: int, epsilon: float, delta: float, *, lipschitz: float = 0.0, radius: float = 0.0
) -> int:
    """The k that `retrieval_tv` asks for. A window of fewer tokens puts a floor under epsilon.

    Raises:
        InputError: if L r_k alone is epsilon or more.

    >>> examples_for_retrieval(6, 0.1, 0.05)
    549
    """
    require_counts(outcomes=outcomes)
    require_shares(delta=delta, **{"epsilon minus what the distance costs": epsilon - lipschitz * radius})
    needed = math.sqrt(outcomes - 1) / 2 + math.sqrt(math.log(1 / delta) / 2)
    return ceiling((needed / (epsilon - lipschitz * radius)) ** 2)


def window_subset_tv(outcomes: int, k: int, n: int) -> float:
    """E TV <= 1/2 sqrt(((V - 1) / k) (n - k) / (n - 1)) between k of a context's n examples, chosen blindly, and all n.

    Proof. As `expected_tv`, with the variance of draws without replacement. It is 0 at k = n: retrieval that keeps all
    matches is lossless.

    >>> round(window_subset_tv(6, 50, 100), 4), window_subset_tv(6, 100, 100)
    (0.1124, 0.0)
    """
    require_counts(outcomes=outcomes, k=k, **{"n - k + 1": n - k + 1})
    return 0.0 if n == k else math.sqrt((outcomes - 1) / k * (n - k) / (n - 1)) / 2


def examples_for_window_subset(outcomes: int, epsilon: float, n: int) -> int:
    """The k of n examples that `window_subset_tv` asks for.

    >>> examples_for_window_subset(6, 0.1, 100)
    56
    """
    require_counts(outcomes=outcomes, n=n)
    require_shares(epsilon=epsilon)
    return smallest(lambda k: k >= n or window_subset_tv(outcomes, k, n) <= epsilon)

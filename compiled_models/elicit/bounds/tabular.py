"""One step: m contexts, V outcomes, n examples, and the total variation between the policy and what was seen of it.

The estimate is the empirical distribution, which the DECIDE head computes from the examples in the prompt. Every
inequality is from first principles (its proof is its docstring) unless a source is named.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from compiled_models.elicit.bounds.arguments import ceiling, require_counts, require_shares
from tm.integers import smallest

__all__ = [
    "asymptotic_tv",
    "exact_expected_tv",
    "examples_asymptotically",
    "examples_for_all_contexts",
    "examples_for_expected_tv",
    "examples_for_mixed_contexts",
    "examples_per_context",
    "expected_tv",
    "mixed_contexts_tv",
    "paper_text_epsilon",
    "paper_text_examples",
    "tight_text_rate",
    "tv_deviation",
    "tv_tail",
    "tv_with_confidence",
]


def expected_tv(outcomes: int, n: int) -> float:
    """E TV <= 1/2 sqrt((V - 1) / n), for every distribution on V outcomes and n independent draws.

    Proof. E|p^ - p| <= sd(p^) = sqrt(p (1 - p) / n) for each outcome; sqrt(p (1 - p)) is concave, so the sum over
    outcomes is largest at p = 1/V, where it is sqrt((V - 1) / n). TV is half of it.
    Uniform p maximises this bound and the asymptote, but at small n another p can err more: see `exact_expected_tv`.

    >>> round(expected_tv(8, 700), 4)
    0.05
    """
    require_counts(outcomes=outcomes, n=n)
    return min(1.0, math.sqrt((outcomes - 1) / n) / 2)


def examples_for_expected_tv(outcomes: int, epsilon: float) -> int:
    """n = (V - 1) / (4 eps^2), the inverse of `expected_tv`.

    >>> examples_for_expected_tv(8, 0.05)
    700
    """
    require_counts(outcomes=outcomes)
    require_shares(epsilon=epsilon)
    return ceiling((outcomes - 1) / (4 * epsilon**2))


def exact_expected_tv(probabilities: ArrayLike, n: int) -> float:
    """E TV itself, for one distribution: no bound, but the sum over outcomes of half a mean absolute deviation.

    De Moivre: E|N - n p| = 2 v C(n, v) p^v (1 - p)^(n - v + 1), v = floor(n p) + 1, for N binomial (Diaconis & Zabell,
    Closed form summation for classical distributions, 1991).

    >>> round(exact_expected_tv([1/2, 1/2], 2), 4), round(exact_expected_tv([1/3, 2/3], 2), 4)  # uniform is not worst
    (0.25, 0.2963)
    """
    require_counts(n=n)
    p = np.asarray(probabilities, dtype=float)
    p = p[(p > 0) & (p < 1)]
    v = np.floor(n * p * (1 + 1e-15)) + 1
    log_choose = math.lgamma(n + 1) - _lgamma(v + 1) - _lgamma(n - v + 1)
    deviation = 2 * v * np.exp(log_choose + v * np.log(p) + (n - v + 1) * np.log1p(-p))
    return float(deviation.sum() / (2 * n))


def _lgamma(x: NDArray[np.float64]) -> NDArray[np.float64]:
    values, where = np.unique(x, return_inverse=True)
    return np.array([math.lgamma(value) for value in values])[where]


def asymptotic_tv(outcomes: int, n: int) -> float:
    """sqrt((V - 1) / (2 pi n)): what E TV tends to for uniform p, n -> infinity (central limit; not a bound).

    >>> round(asymptotic_tv(32, 400), 4), round(exact_expected_tv([1 / 32] * 32, 400), 4)
    (0.1111, 0.1115)
    """
    require_counts(outcomes=outcomes, n=n)
    return math.sqrt((outcomes - 1) / (2 * math.pi * n))


def examples_asymptotically(outcomes: int, epsilon: float) -> int:
    """The inverse of `asymptotic_tv`.

    >>> examples_asymptotically(32, 0.1)
    494
    """
    require_counts(outcomes=outcomes)
    require_shares(epsilon=epsilon)
    return ceiling((outcomes - 1) / (2 * math.pi * epsilon**2))


def tv_tail(n: int, t: float) -> float:
    """P(TV >= E TV + t) <= exp(-2 n t^2): one draw moves TV by at most 1/n (McDiarmid 1989).

    >>> round(tv_tail(100, 0.1), 3)
    0.135
    """
    require_counts(n=n)
    return math.exp(-2 * n * t**2)


def tv_deviation(n: int, delta: float) -> float:
    """t = sqrt(ln(1 / delta) / (2 n)), the inverse of `tv_tail`.

    >>> round(tv_tail(100, tv_deviation(100, 0.05)), 3)
    0.05
    """
    require_counts(n=n)
    require_shares(delta=delta)
    return math.sqrt(math.log(1 / delta) / (2 * n))


def tv_with_confidence(outcomes: int, n: int, delta: float) -> float:
    """With probability 1 - delta, TV is below this: the smaller of two bounds.

    (a) `expected_tv` + `tv_deviation`; (b) a union over the 2^V - 2 events A of Hoeffding's P(p^(A) - p(A) >= eps) <=
    exp(-2 n eps^2), as TV is the largest p^(A) - p(A).

    >>> round(tv_with_confidence(2, 100, 0.05), 4), round(tv_with_confidence(8, 100, 0.05), 4)
    (0.1358, 0.2066)
    """
    require_counts(outcomes=outcomes, n=n)
    require_shares(delta=delta)
    if outcomes == 1:
        return 0.0
    return min(1.0, math.sqrt(_needed(outcomes, delta) / n))


def examples_per_context(outcomes: int, epsilon: float, delta: float) -> int:
    """n_c such that TV < epsilon in one context with probability 1 - delta: the inverse of `tv_with_confidence`.

    min{ [1/2 sqrt(V - 1) + sqrt(ln(1/delta) / 2)]^2, [ln(2^V - 2) + ln(1/delta)] / 2 } / eps^2.

    >>> examples_per_context(8, 0.1, 0.05)
    427
    """
    require_counts(outcomes=outcomes)
    require_shares(epsilon=epsilon, delta=delta)
    return 1 if outcomes == 1 else ceiling(_needed(outcomes, delta) / epsilon**2)


def _needed(outcomes: int, delta: float) -> float:
    """n eps^2, by the better of the two bounds."""
    log = math.log(1 / delta)
    events = outcomes * math.log(2) + math.log1p(-(2.0 ** (1 - outcomes)))  # ln(2^V - 2)
    return min((math.sqrt(outcomes - 1) / 2 + math.sqrt(log / 2)) ** 2, (events + log) / 2)


def examples_for_all_contexts(contexts: int, outcomes: int, epsilon: float, delta: float) -> int:
    """m n_c with n_c at delta / m: TV < epsilon in all m contexts at once with probability 1 - delta (union bound).

    For data with the same number of examples of each context.

    >>> examples_for_all_contexts(12, 8, 0.1, 0.05)
    6612
    """
    require_counts(contexts=contexts)
    return contexts * examples_per_context(outcomes, epsilon, delta / contexts)


def mixed_contexts_tv(contexts: int, outcomes: int, n: int) -> float:
    """E TV <= sqrt(m (V - 1) / (2 n)) + m / (e n), contexts drawn from any mu, TV averaged over mu, unseen counted 1.

    Proof. With N of n examples in context c, E[sqrt(1/N); N > 0] <= sqrt(E[2 / (N + 1)]) <= sqrt(2 / (n mu_c)), so the
    seen contexts err by sqrt((V - 1) / (2 n)) sum sqrt(mu_c) <= sqrt(m (V - 1) / (2 n)). The unseen ones weigh
    sum mu_c (1 - mu_c)^n, and x (1 - x)^n <= 1 / (e n).

    >>> round(mixed_contexts_tv(12, 8, 5000), 4)
    0.0925
    """
    require_counts(contexts=contexts, outcomes=outcomes, n=n)
    return min(1.0, math.sqrt(contexts * (outcomes - 1) / (2 * n)) + contexts / (math.e * n))


def examples_for_mixed_contexts(contexts: int, outcomes: int, epsilon: float) -> int:
    """The inverse of `mixed_contexts_tv`.

    >>> examples_for_mixed_contexts(12, 8, 0.0925)
    5004
    """
    require_counts(contexts=contexts, outcomes=outcomes)
    require_shares(epsilon=epsilon)
    return smallest(lambda n: mixed_contexts_tv(contexts, outcomes, n) <= epsilon)


def paper_text_examples(contexts: int, outcomes: int, epsilon: float, delta: float) -> int:
    """The paper's rate, O((m V / eps^2) log(m / delta)), with constant 1 and the natural log; it states neither.

    Source: the abstract of arXiv 2506.08060. With constant 1 it is at least the proven m n_c wherever m / delta >=
    sqrt(e): with L = ln(m / delta), [1/2 sqrt(V - 1) + sqrt(L / 2)]^2 <= (V - 1) / 2 + L <= V L if L >= 1/2.

    >>> paper_text_examples(12, 8, 0.1, 0.05)
    52615
    """
    require_counts(contexts=contexts, outcomes=outcomes)
    require_shares(epsilon=epsilon, delta=delta)
    return ceiling(contexts * outcomes / epsilon**2 * math.log(contexts / delta))


def paper_text_epsilon(contexts: int, outcomes: int, n: int, delta: float) -> float:
    """The inverse of `paper_text_examples`: the error it promises for n examples, constant 1.

    >>> round(paper_text_epsilon(12, 8, 52615, 0.05), 4)
    0.1
    """
    require_counts(contexts=contexts, outcomes=outcomes, n=n)
    require_shares(delta=delta)
    return min(1.0, math.sqrt(contexts * outcomes * math.log(contexts / delta) / n))


def tight_text_rate(contexts: int, outcomes: int, epsilon: float, delta: float) -> int:
    """The right rate, Theta(m (V + log(m / delta)) / eps^2), with constant 1: the log is added, it multiplies no V.

    Source: Canonne, A short note on learning discrete distributions, arXiv 2002.11457, for one context.

    >>> tight_text_rate(12, 8, 0.1, 0.05)
    16177
    """
    require_counts(contexts=contexts, outcomes=outcomes)
    require_shares(epsilon=epsilon, delta=delta)
    return ceiling(contexts * (outcomes + math.log(contexts / delta)) / epsilon**2)

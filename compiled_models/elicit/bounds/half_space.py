"""Half-spaces in d dimensions: how many labelled examples a linear classifier needs."""

from __future__ import annotations

import math

from compiled_models.elicit.bounds.arguments import ceiling, require_counts, require_shares
from tm.integers import smallest

__all__ = [
    "consistent_learner_examples",
    "core_set_draws",
    "core_set_epsilon",
    "examples_for_largest_margin",
    "examples_for_largest_margin_in_expectation",
    "examples_for_no_free_lunch",
    "examples_for_verification",
    "largest_margin_error",
    "largest_margin_expected_error",
    "no_free_lunch_error",
    "novikoff_tokens",
    "paper_bounded_linear_epsilon",
    "paper_bounded_linear_examples",
    "paper_linear_epsilon",
    "paper_linear_examples",
    "verification_epsilon",
]


def paper_linear_examples(dimension: int, epsilon: float) -> int:
    """The paper's rate for linear classification, O(d / eps), with constant 1; it states none.

    Source: the abstract of arXiv 2506.08060. True in expectation, with constant 1: `largest_margin_expected_error`.

    >>> paper_linear_examples(8, 0.1)
    80
    """
    require_counts(dimension=dimension)
    require_shares(epsilon=epsilon)
    return ceiling(dimension / epsilon)


def paper_linear_epsilon(dimension: int, n: int) -> float:
    """The inverse of `paper_linear_examples`.

    >>> paper_linear_epsilon(8, 80)
    0.1
    """
    require_counts(dimension=dimension, n=n)
    return min(1.0, dimension / n)


def paper_bounded_linear_examples(epsilon: float, delta: float) -> int:
    """The paper's rate for fixed context, O((1 / eps^2) log(1 / delta)), constant 1 and natural log.

    Source: the abstract of arXiv 2506.08060. No d in it, so it cannot be distribution-free learning
    (`no_free_lunch_error`); it is true of verifying a classifier and of a core-set.

    >>> paper_bounded_linear_examples(0.1, 0.05)
    300
    """
    require_shares(epsilon=epsilon, delta=delta)
    return ceiling(math.log(1 / delta) / epsilon**2)


def paper_bounded_linear_epsilon(n: int, delta: float) -> float:
    """The inverse of `paper_bounded_linear_examples`.

    >>> round(paper_bounded_linear_epsilon(300, 0.05), 2)
    0.1
    """
    require_counts(n=n)
    require_shares(delta=delta)
    return min(1.0, math.sqrt(math.log(1 / delta) / n))


def largest_margin_expected_error(dimension: int, n: int, *, bias: bool = False) -> float:
    """E err <= d / (n + 1), d + 1 with a bias: the exact separator of largest margin of n separable examples.

    Assumes independent draws that some half-space through the origin (with a bias: any) separates. Proof (Vapnik &
    Chervonenkis): leave one of n + 1 examples out; it is misclassified only if the separator of all hangs on it, and
    it hangs on d at most.

    >>> largest_margin_expected_error(8, 159)
    0.05
    """
    require_counts(dimension=dimension, n=n)
    return min(1.0, (dimension + bias) / (n + 1))


def examples_for_largest_margin_in_expectation(dimension: int, epsilon: float, *, bias: bool = False) -> int:
    """n = d / eps - 1, the inverse of `largest_margin_expected_error`.

    >>> examples_for_largest_margin_in_expectation(8, 0.05)
    159
    """
    require_counts(dimension=dimension)
    require_shares(epsilon=epsilon)
    return ceiling((dimension + bias) / epsilon - 1)


def largest_margin_error(dimension: int, n: int, delta: float, *, bias: bool = False) -> float:
    """With probability 1 - delta, err <= 2 (k ln 4 + ln(1 / delta)) / (n - 2 k), k = d (d + 1 with a bias).

    Of the exact largest-margin separator, as `largest_margin_expected_error`: one that is stopped early may hang on
    more examples. The rate is that of Bousquet, Hanneke, Moran & Zhivotovskiy, Proper Learning, Helly Number, and an
    Optimal SVM Bound (COLT 2020). Proof. The separator hangs on k examples at most, and leaving out others does not
    change it. Cut the examples into 2 k blocks of floor(n / 2 k); k blocks have none of those it hangs on. It is the
    separator of the rest, and errs on none of the more than (n - 2 k) / 2 examples in these k blocks, of which the rest
    knows nothing: for one choice of k blocks that happens to a separator of error eps with probability at most
    exp(-eps (n - 2 k) / 2), and there are at most 4^k choices.

    >>> round(largest_margin_error(8, 300, 0.05), 4)
    0.0992
    """
    require_counts(dimension=dimension, n=n)
    require_shares(delta=delta)
    k = dimension + bias
    return 1.0 if n <= 2 * k else min(1.0, 2 * (k * math.log(4) + math.log(1 / delta)) / (n - 2 * k))


def examples_for_largest_margin(dimension: int, epsilon: float, delta: float, *, bias: bool = False) -> int:
    """n = 2 (k ln 4 + ln(1 / delta)) / eps + 2 k, the inverse of `largest_margin_error`.

    >>> examples_for_largest_margin(8, 0.1, 0.05)
    298
    """
    require_counts(dimension=dimension)
    require_shares(epsilon=epsilon, delta=delta)
    k = dimension + bias
    return ceiling(2 * (k * math.log(4) + math.log(1 / delta)) / epsilon + 2 * k)


def consistent_learner_examples(vc_dimension: int, epsilon: float, delta: float) -> int:
    """n = max((4 / eps) log2(2 / delta), (8 k / eps) log2(13 / eps)): enough for every learner consistent with them.

    Source: Blumer, Ehrenfeucht, Haussler & Warmuth, Learnability and the Vapnik-Chervonenkis dimension (1989). k is d
    for half-spaces through the origin, d + 1 with a bias. It has no closed inverse: search epsilon.

    >>> consistent_learner_examples(8, 0.1, 0.05)
    4495
    """
    require_counts(vc_dimension=vc_dimension)
    require_shares(epsilon=epsilon, delta=delta)
    return ceiling(max(4 * math.log2(2 / delta), 8 * vc_dimension * math.log2(13 / epsilon)) / epsilon)


def no_free_lunch_error(dimension: int, n: int) -> float:
    """(1 - 1/d)^n / 2: what every learner errs on average, x uniform on e_1..e_d, labels by fair coins.

    Every labelling of e_1..e_d is separable. A learner knows the labels of the points it saw and tosses for the rest.

    >>> round(no_free_lunch_error(2000, 300), 3)
    0.43
    """
    require_counts(dimension=dimension)
    return (1 - 1 / dimension) ** n / 2


def examples_for_no_free_lunch(dimension: int, epsilon: float) -> int:
    """The fewest n with which `no_free_lunch_error` is at most epsilon.

    >>> examples_for_no_free_lunch(2000, 0.1)
    3219
    """
    require_counts(dimension=dimension - 1)
    require_shares(epsilon=epsilon)
    return smallest(lambda n: no_free_lunch_error(dimension, n) <= epsilon)


def verification_epsilon(n: int, delta: float) -> float:
    """With probability 1 - delta a fixed classifier's error on n examples is within this of its true error (Hoeffding).

    >>> round(verification_epsilon(185, 0.05), 3)
    0.1
    """
    require_counts(n=n)
    require_shares(delta=delta)
    return math.sqrt(math.log(2 / delta) / (2 * n))


def examples_for_verification(epsilon: float, delta: float) -> int:
    """n = ln(2 / delta) / (2 eps^2), the inverse of `verification_epsilon`: no d enters.

    >>> examples_for_verification(0.1, 0.05)
    185
    """
    require_shares(epsilon=epsilon, delta=delta)
    return ceiling(math.log(2 / delta) / (2 * epsilon**2))


def core_set_draws(largest_product: float, epsilon: float, delta: float) -> int:
    """k = 2 R^2 ln(2 / delta) / eps^2 draws from a classifier's convex weights keep a fixed margin within epsilon.

    w = sum a_i z_i with a_i >= 0 summing to 1; the mean of k examples drawn by a is w on average, and R >= |<z_i, x>|
    for the point x of the margin (Hoeffding over a range of 2 R; Maurey's sampling). For m points at once: delta / m.

    >>> core_set_draws(1.0, 0.1, 0.05)
    738
    """
    require_shares(delta=delta)
    return ceiling(2 * largest_product**2 * math.log(2 / delta) / epsilon**2)


def core_set_epsilon(largest_product: float, draws: int, delta: float) -> float:
    """The inverse of `core_set_draws`.

    >>> round(core_set_epsilon(1.0, 738, 0.05), 3)
    0.1
    """
    require_counts(draws=draws)
    require_shares(delta=delta)
    return largest_product * math.sqrt(2 * math.log(2 / delta) / draws)


def novikoff_tokens(radius: float, margin: float) -> int:
    """(R / rho)^2: the perceptron generates no more tokens, for examples of norm R at most and margin rho (Novikoff).

    >>> novikoff_tokens(5.0, 0.5)
    100
    """
    return math.floor((radius / margin) ** 2 * (1 + 1e-12))

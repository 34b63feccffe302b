"""Every bound against simulation: it holds at its claimed confidence, at three points each; inverses invert."""

import math

import numpy as np
import pytest

from compiled_models.elicit import bounds as bounds
from tm import InputError

SEEDS = 400


def tv(counts, p):
    """TV of the empirical distributions (counts along the last axis) to p."""
    return np.abs(counts / counts.sum(-1, keepdims=True) - p).sum(-1) / 2


def too_many(share, delta, trials=SEEDS):
    """Whether a share of failures speaks against delta, at 3 sigma."""
    return share > delta + 3 * math.sqrt(delta * (1 - delta) / trials)


@pytest.mark.parametrize(("v", "n"), [(2, 50), (8, 200), (32, 400)])
@pytest.mark.parametrize("concentration", [None, 1.0, 0.1])
def test_tabular_bounds(v, n, concentration):
    random = np.random.default_rng([v, n])
    p = np.full(v, 1 / v) if concentration is None else random.dirichlet([concentration] * v)
    empirical = tv(random.multinomial(n, p, size=SEEDS), p)
    exact = bounds.exact_expected_tv(p, n)
    assert abs(empirical.mean() - exact) < 4 * empirical.std() / math.sqrt(SEEDS)
    assert exact <= bounds.expected_tv(v, n)
    for delta in (0.3, 0.05):
        assert not too_many((empirical >= bounds.tv_with_confidence(v, n, delta)).mean(), delta)
        assert not too_many((empirical >= exact + bounds.tv_deviation(n, delta)).mean(), delta)


def test_asymptote_is_where_the_exact_mean_goes():
    for v in (2, 8, 32):
        n = 200_000
        assert bounds.exact_expected_tv([1 / v] * v, n) == pytest.approx(bounds.asymptotic_tv(v, n), rel=1e-3)


def test_uniform_is_not_the_worst_at_small_n_but_is_for_the_bound():
    assert bounds.exact_expected_tv([1 / 3, 2 / 3], 2) > bounds.exact_expected_tv([1 / 2, 1 / 2], 2)
    assert bounds.exact_expected_tv([1 / 3, 2 / 3], 2) <= bounds.expected_tv(2, 2)


@pytest.mark.parametrize(("m", "v", "epsilon", "delta"), [(3, 2, 0.1, 0.1), (12, 8, 0.1, 0.05), (5, 32, 0.2, 0.3)])
def test_all_contexts_at_once(m, v, epsilon, delta):
    random = np.random.default_rng(m)
    each = bounds.examples_for_all_contexts(m, v, epsilon, delta) // m
    p = np.full(v, 1 / v)
    misses = (tv(random.multinomial(each, p, size=(SEEDS, m)), p) >= epsilon).any(1)
    assert not too_many(misses.mean(), delta)
    assert bounds.paper_text_examples(m, v, epsilon, delta) >= m * each  # with constant 1 it is enough, and loose


@pytest.mark.parametrize(("m", "v", "n"), [(4, 2, 40), (12, 8, 300), (50, 4, 100)])
def test_mixed_contexts(m, v, n):
    random = np.random.default_rng(n)
    mu, p = random.dirichlet([0.5] * m), np.full(v, 1 / v)
    sizes = random.multinomial(n, mu, size=SEEDS)
    counts = random.multinomial(sizes.ravel(), p).reshape(SEEDS, m, v)
    shares = counts / np.maximum(1, counts.sum(-1, keepdims=True))
    errors = np.where(sizes > 0, np.abs(shares - p).sum(-1) / 2, 1.0)
    assert (errors @ mu).mean() <= bounds.mixed_contexts_tv(m, v, n)


@pytest.mark.parametrize(("m", "delta"), [(1, 0.5), (1, 0.01), (7, 0.3), (1000, 1e-6)])
def test_paper_rate_with_constant_one_suffices(m, delta):
    for v in (2, 5, 40, 1000):
        proven = m * ((math.sqrt(v - 1) / 2 + math.sqrt(math.log(m / delta) / 2)) / 0.1) ** 2
        assert bounds.paper_text_examples(m, v, 0.1, delta) >= proven


@pytest.mark.parametrize(("length", "v", "n"), [(4, 2, 60), (16, 2, 200), (3, 5, 40)])
def test_sequences(length, v, n):
    random = np.random.default_rng(length)
    p = random.dirichlet([1.0] * v)
    q = (random.multinomial(n, p, size=SEEDS) + 1) / (n + v)
    sequences = random.multinomial(length, p, size=4000)  # counts are all that the ratio depends on
    empirical = np.maximum(0, 1 - np.exp(np.log(q / p) @ sequences.T)).mean(1)
    assert empirical.mean() <= bounds.sequence_tv(length, v, n)


def test_add_one_smoothing_in_divergence():
    """E KL(p || add-one) <= ln((n + V) / (n + 1)): the step in the proof of `run_tv`, exactly, for coins."""
    for n in (1, 5, 50):
        for p in (0.01, 0.3, 0.5):
            k = np.arange(n + 1)
            law = np.array([math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in k])
            q = (k + 1) / (n + 2)
            divergence = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
            assert law @ divergence <= math.log((n + 2) / (n + 1))


def test_a_coin_needs_the_factor_l():
    from compiled_models.elicit.sequence import binomial

    random, n = np.random.default_rng(0), 4000
    for length in (16, 64):
        shares = random.binomial(n, 0.5, size=SEEDS) / n
        empirical = np.mean([np.abs(binomial(length, 0.5) - binomial(length, q)).sum() / 2 for q in shares])
        assert empirical == pytest.approx(bounds.coin_sequence_tv(length, n), rel=0.15)


@pytest.mark.parametrize(("needed", "n", "total"), [(3, 5, 3), (12, 40, 12), (12, 40, 18)])
def test_coverage(needed, n, total):
    random = np.random.default_rng(needed)
    sample = random.integers(total, size=(4000, n))
    empirical = np.mean([len(set(row[row < needed])) == needed for row in sample])
    chance = bounds.coverage(needed, n, total)
    assert abs(empirical - chance) < 3 * math.sqrt(chance * (1 - chance) / 4000)


@pytest.mark.parametrize(("length", "v", "n"), [(2, 2, 100), (6, 4, 2492), (1, 3, 30)])
def test_sup_norm(length, v, n):
    random, k = np.random.default_rng(n), v**length
    p = np.full(k, 1 / k)
    empirical = np.abs(random.multinomial(n, p, size=SEEDS) / n - p).max(1)
    assert not too_many((empirical > bounds.sup_norm(length, v, n, 0.1)).mean(), 0.1)


def test_paper_bounded_rate_with_constant_one_suffices_in_sup_norm():
    """The last step of its proof, on a grid down to 1e-300; and that neither condition can be much weaker in it."""
    p = np.concatenate([np.geomspace(1e-300, 1e-3, 4_000), np.linspace(1e-3, 0.5, 400_000)[:-1]])
    g = np.log((1 - p) / p) / (1 - 2 * p)

    def slack(length_log_v, delta):
        return (length_log_v * math.log(1 / delta) * g + np.log(p) - math.log(2 / delta)).min()

    assert slack(2, 0.5) == pytest.approx(0.117, abs=1e-3)
    assert min(slack(x, delta) for x in (2, 3, 30) for delta in (0.5, 0.3, 0.01, 1e-9)) > 0.1
    assert slack(1.9, 0.5) < 0
    assert slack(2, 0.52) < 0


@pytest.mark.parametrize(("v", "epsilon", "delta"), [(8, 0.05, 0.5), (8, 0.3, 0.5), (9, 0.1, 0.3), (20, 0.04, 0.2)])
@pytest.mark.parametrize("concentration", [None, 1.0, 0.05])
def test_paper_bounded_rate_in_sup_norm_by_simulation(v, epsilon, delta, concentration):
    random, n = np.random.default_rng(v), bounds.paper_bounded_examples(1, v, epsilon, delta)
    p = np.full(v, 1 / v) if concentration is None else random.dirichlet([concentration] * v)
    empirical = np.abs(random.multinomial(n, p, size=SEEDS) / n - p).max(1)
    assert not too_many((empirical > epsilon).mean(), delta)


def test_bounded_context_counterexample():
    n = bounds.paper_bounded_examples(6, 4, 0.1, 0.05)
    assert n == 2492
    assert bounds.exact_expected_tv(np.full(4096, 1 / 4096), n) == pytest.approx(0.544, abs=1e-3)
    assert bounds.any_learner_tv(4096, n) > 0.2  # not only the empirical distribution: any learner
    assert bounds.sup_norm(6, 4, n, 0.05) < 0.1  # in sup-norm it holds


def test_any_learner_bound_against_the_best_guess():
    random, k, n = np.random.default_rng(0), 40, 15
    errors = []
    for _ in range(2000):
        half = random.permutation(k)[: k // 2]
        distinct = set(random.choice(half, size=n).tolist())
        guess = np.full(k, (1 - 2 * len(distinct) / k) / (k - len(distinct)))
        guess[list(distinct)] = 2 / k
        truth = np.zeros(k)
        truth[half] = 2 / k
        errors.append(np.abs(guess - truth).sum() / 2)
    assert np.mean(errors) == pytest.approx(bounds.any_learner_tv(k, n), abs=0.003)


@pytest.mark.parametrize(("v", "k", "n"), [(6, 10, 100), (6, 90, 100), (3, 20, 25)])
def test_blind_subsets(v, k, n):
    random = np.random.default_rng(k)
    full = random.multinomial(n, np.full(v, 1 / v))
    subsets = random.multivariate_hypergeometric(full, k, size=SEEDS)
    assert tv(subsets, full / n).mean() <= bounds.window_subset_tv(v, k, n)
    assert bounds.window_subset_tv(v, n, n) == 0


@pytest.mark.parametrize(("v", "k", "slope"), [(2, 30, 0.5), (6, 100, 1.0), (4, 50, 0.0)])
def test_retrieval(v, k, slope):
    """Neighbours at distances up to 0.1, whose distributions are up to slope * 0.1 off in TV."""
    random = np.random.default_rng(v)
    p, away, distance = np.full(v, 1 / v), np.eye(v)[0], np.linspace(0, 0.1, k)
    near = p + (slope * distance / (1 - 1 / v))[:, None] * (away - p)  # TV(near, p) = slope * distance
    sample = (random.random((SEEDS, k, 1)) > near.cumsum(1)).sum(-1)
    empirical = tv((sample[..., None] == np.arange(v)).sum(1), p)
    bound = bounds.retrieval_tv(v, k, 0.1, lipschitz=slope, radius=0.1)
    assert not too_many((empirical > bound).mean(), 0.1)


@pytest.mark.parametrize(
    ("forward", "inverse"),
    [
        (lambda n: bounds.expected_tv(8, n), lambda e: bounds.examples_for_expected_tv(8, e)),
        (lambda n: bounds.asymptotic_tv(8, n), lambda e: bounds.examples_asymptotically(8, e)),
        (lambda n: bounds.tv_with_confidence(8, n, 0.05), lambda e: bounds.examples_per_context(8, e, 0.05)),
        (lambda n: bounds.mixed_contexts_tv(12, 8, n), lambda e: bounds.examples_for_mixed_contexts(12, 8, e)),
        (lambda n: bounds.paper_text_epsilon(12, 8, n, 0.05), lambda e: bounds.paper_text_examples(12, 8, e, 0.05)),
        (lambda n: bounds.sequence_tv(16, 4, n), lambda e: bounds.examples_for_sequence(16, 4, e)),
        (lambda n: bounds.coin_sequence_tv(16, n), lambda e: bounds.examples_for_coin_sequence(16, e)),
        (lambda n: bounds.demonstration_tv(4, 2, n), lambda e: bounds.demonstrations_for_sequence(4, 2, e)),
        (lambda n: 1 - bounds.coverage(12, n), lambda e: bounds.examples_for_coverage(12, e)),
        (lambda n: bounds.sup_norm(6, 4, n, 0.05), lambda e: bounds.examples_for_sup_norm(6, 4, e, 0.05)),
        (lambda n: bounds.paper_bounded_epsilon(6, 4, n, 0.05), lambda e: bounds.paper_bounded_examples(6, 4, e, 0.05)),
        (lambda n: bounds.retrieval_tv(6, n, 0.05), lambda e: bounds.examples_for_retrieval(6, e, 0.05)),
        (lambda n: bounds.any_learner_tv(64, n), lambda e: bounds.examples_for_any_learner(64, e)),
        (lambda n: bounds.paper_linear_epsilon(8, n), lambda e: bounds.paper_linear_examples(8, e)),
        (
            lambda n: bounds.paper_bounded_linear_epsilon(n, 0.05),
            lambda e: bounds.paper_bounded_linear_examples(e, 0.05),
        ),
        (
            lambda n: bounds.largest_margin_expected_error(8, n),
            lambda e: bounds.examples_for_largest_margin_in_expectation(8, e),
        ),
        (lambda n: bounds.largest_margin_error(8, n, 0.05), lambda e: bounds.examples_for_largest_margin(8, e, 0.05)),
        (lambda n: bounds.no_free_lunch_error(50, n), lambda e: bounds.examples_for_no_free_lunch(50, e)),
        (lambda n: bounds.verification_epsilon(n, 0.05), lambda e: bounds.examples_for_verification(e, 0.05)),
        (lambda n: bounds.core_set_epsilon(1.0, n, 0.05), lambda e: bounds.core_set_draws(1.0, e, 0.05)),
    ],
)
def test_inverses(forward, inverse):
    """The inverse gives the fewest examples with which the bound is at most epsilon."""
    for epsilon in (0.3, 0.1, 0.07):
        n = inverse(epsilon)
        assert forward(n) <= epsilon * (1 + 1e-9)
        assert n == 1 or forward(n - 1) > epsilon * (1 - 1e-9)


def test_arguments_are_refused_with_every_reason():
    with pytest.raises(InputError) as refused:
        bounds.examples_per_context(8, 0.0, 1.5)
    assert [problem.message.split()[0] for problem in refused.value.problems] == ["epsilon", "delta"]
    with pytest.raises(InputError):
        bounds.expected_tv(0, 10)
    with pytest.raises(InputError, match="what the distance costs"):
        bounds.examples_for_retrieval(6, 0.1, 0.05, lipschitz=1.0, radius=0.2)
    with pytest.raises(InputError):
        bounds.window_subset_tv(6, 11, 10)

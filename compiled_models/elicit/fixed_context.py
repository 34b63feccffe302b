"""The rate (1 / eps^2) log(1 / delta) for a fixed context: what it is not true of, and the two things it is true of.

It has no dimension in it, so it cannot be the number of examples from which any half-space is learnt: on x uniform on
e_1..e_d every labelling is a half-space, and who has not seen e_j can only guess. It is true of checking a classifier
that is there already, and of keeping a tuned one in a context of k tokens: a core-set.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiled_models.elicit.bounds import (
    core_set_draws,
    examples_for_no_free_lunch,
    examples_for_verification,
    no_free_lunch_error,
    paper_bounded_linear_examples,
)
from compiled_models.elicit.data.half_space import SIGMA, HalfSpace
from compiled_models.elicit.data.streams import stream
from compiled_models.elicit.learning.fixed_networks import network_b
from compiled_models.elicit.learning.separator import ask, draft_separator, learn_separator, put_choices
from compiled_models.elicit.report.chart import Chart, Roles
from compiled_models.elicit.report.cost import one_thread
from compiled_models.elicit.report.estimate import Estimate, mean_of, share_of
from compiled_models.elicit.report.experiment import Experiment, Progress, silent
from compiled_models.elicit.report.spread import spread
from compiled_models.elicit.report.table import Table
from compiled_models.workers import Workers
from construction.classifiers.labelled_vectors import Integers
from construction.fingerprint import fingerprint

__all__ = ["fixed_context_experiment"]

LARGE, SMALL = (2_000, 300), (64, 10)  # (dimension, examples): the counterexample, and its like on network B
REPEATS = 2_000
EPSILONS = (0.05, 0.1, 0.15, 0.2, 0.3)
COLUMNS = (
    "epsilon",
    "paper's n, constant 1",
    "learning e_1..e_2000: error with that n",
    "  the least error of any learner",
    "examples to verify",
    "  missed epsilon",
    "core-set, tokens",
    "  missed epsilon ",
)


@dataclass(frozen=True, slots=True)
class _Labelling:
    """e_1..e_d, labelled by a coin each, and the examples of them to learn from; which of several, and who learns."""

    dimension: int
    examples: int
    number: int
    seed: int
    by_network: bool = False


def fixed_context_experiment(
    epsilon: float = 0.1,
    delta: float = 0.05,
    *,
    seed: int = 0,
    seeds: int = 30,
    workers: Workers | None = None,
    progress: Progress = silent,
) -> Experiment:
    """Run the counterexample and both true readings, for several epsilon.

    >>> done = fixed_context_experiment(seeds=4)
    >>> done.holds, round(done.facts["  what any learner errs at least, on average"], 2)
    (True, 0.43)
    """
    d, n = LARGE
    epsilons = sorted({*EPSILONS, epsilon})
    rates, few = [paper_bounded_linear_examples(each, delta) for each in epsilons], max(2, seeds // 3)
    tasks = [_Labelling(d, rate, i, seed) for rate in rates for i in range(few)]
    tasks += [_Labelling(*LARGE, few + i, seed) for i in range(seeds)]  # others than those of a rate of so many
    tasks += [_Labelling(*SMALL, i, seed, by_network=True) for i in range(seeds)]
    errors = iter(spread(_error, tasks, workers=workers, progress=progress, description="labellings of e_1..e_d"))
    classifier, table = _tuned_classifier(stream(seed, "classifier")), Table(COLUMNS)
    for each, rate in zip(epsilons, rates, strict=True):
        table.add(*_row(each, delta, rate, mean_of(list(islice(errors, few))), classifier, seed))
    large, by_network = (mean_of(list(islice(errors, seeds))) for _ in range(2))
    agreement = _core_set_in_context(epsilon, delta, classifier, stream(seed, "context"))
    misses = any(each.surely_above(delta) for each in (*table["  missed epsilon"], *table["  missed epsilon "]))
    beaten = large.surely_below(no_free_lunch_error(d, n)) or by_network.surely_below(no_free_lunch_error(*SMALL))
    return Experiment(
        name="linear",
        title="a fixed context: its rate is not one of learning",
        facts={
            "paper rate (constant 1, natural log; the constant is not stated)": paper_bounded_linear_examples(
                epsilon, delta
            ),
            f"margin machine (half of the largest margin) on e_1..e_{d}, {n} examples: error": large,
            "  what any learner errs at least, on average": no_free_lunch_error(d, n),
            "  examples after which that is epsilon": examples_for_no_free_lunch(d, epsilon),
            f"network B on e_1..e_{SMALL[0]}, {SMALL[1]} examples: error": by_network,
            "  what any learner errs at least, on average ": no_free_lunch_error(*SMALL),
            "tuned classifier as a core-set in network B's context, tokens": core_set_draws(1.0, epsilon, delta),
            "  answers kept where its margin is over epsilon": agreement,
        },
        table=table,
        charts=(_chart(table),),
        networks={"B": fingerprint(network_b()).sha256},
        falsified_if="the counterexample is learnt better than any learner can, or more than delta miss epsilon when "
        "verifying, or by a core-set (all of it beyond twice the intervals)",
        holds=not beaten and not misses and not agreement.surely_below(1 - delta),
        options={"data": "fixed-context", "epsilon": epsilon, "delta": delta, "seed": seed, "seeds": seeds},
    )


@one_thread()
def _error(of: _Labelling) -> float:
    """The exact error of the margin machine: it knows the signs of the e_j it saw, and calls the rest positive.

    It stops at half of the largest margin, and answers as the separator of largest margin would: its S has the sign
    of the label at every e_j seen, and 0 elsewhere. `draft_separator` on 2000 dimensions says so; network B is asked.
    """
    random, basis = stream(of.seed, "labelling", of.dimension, of.examples, of.number), np.eye(of.dimension, dtype=int)
    signs, axes = random.choice([-1, 1], size=of.dimension), random.integers(of.dimension, size=of.examples)
    if of.by_network:
        _, cache = learn_separator(network_b(), basis[axes], signs[axes])
        return float(np.mean(ask(network_b(), cache, basis) != signs))
    seen = np.unique(axes)
    separator = draft_separator(basis[seen], signs[seen], certify="1/2")
    return float(np.mean(separator.predict(basis) != signs))


def _tuned_classifier(random: np.random.Generator) -> tuple[HalfSpace, Integers, Integers, NDArray[np.float64]]:
    """A half-space, examples of it a sigma off its border, and the tuned classifier: its convex weights over them."""
    truth = HalfSpace.random(8, random)
    vectors, labels = truth.draw(1_000, random)
    clear = np.abs(vectors @ truth.normal) > SIGMA * np.linalg.norm(truth.normal)
    vectors, labels = vectors[clear][:200], labels[clear][:200]
    weights = np.bincount(draft_separator(vectors, labels, certify="1/2").choices, minlength=len(vectors))
    return truth, vectors, labels, weights / weights.sum()


def _row(
    epsilon: float, delta: float, n: int, error_of_learning: Estimate, classifier: Any, seed: int
) -> tuple[Any, ...]:
    random = stream(seed, "epsilon", round(1_000_000 * epsilon))
    verify, draws = examples_for_verification(epsilon, delta), core_set_draws(1.0, epsilon, delta)
    error = 0.4  # of the classifier to be verified: near the worst, 1/2
    off = np.abs(random.binomial(verify, error, size=REPEATS) / verify - error)
    misses = _core_set_misses(epsilon, draws, classifier, random)
    return (
        epsilon,
        n,
        error_of_learning,
        no_free_lunch_error(LARGE[0], n),
        verify,
        share_of(int((off >= epsilon).sum()), REPEATS),
        draws,
        misses,
    )


def _core_set_misses(epsilon: float, draws: int, classifier: Any, random: np.random.Generator) -> Estimate:
    """How often the margin at a random point, over the largest |<z_i, x>|, moves by epsilon or more."""
    truth, vectors, labels, weights = classifier
    points, _ = truth.draw(REPEATS, random)
    products = (labels[:, None] * vectors) @ points.T  # [n points]
    products = products / np.abs(products).max(axis=0)
    counts = random.multinomial(draws, weights, size=REPEATS) / draws  # [points n]
    margins = np.einsum("pn,np->p", counts, products)
    return share_of(int((np.abs(margins - weights @ products) >= epsilon).sum()), REPEATS)


@one_thread()
def _core_set_in_context(epsilon: float, delta: float, classifier: Any, random: np.random.Generator) -> Estimate:
    """A core-set as network B's context: distinct examples as often as drawn. Are the clear answers kept?

    The draws are put into the prompt as examples and as choices; the share of answers equal to the tuned classifier's
    among the points whose margin is over epsilon.
    """
    truth, vectors, labels, weights = classifier
    choices = random.choice(len(vectors), size=core_set_draws(1.0, epsilon, delta), p=weights)
    points, _ = truth.draw(200, random)
    products = (labels[:, None] * vectors) @ points.T
    margins = weights @ (products / np.abs(products).max(axis=0))
    clear = np.abs(margins) > epsilon
    cache = put_choices(network_b(), vectors, labels, choices)
    answers = ask(network_b(), cache, points[clear])
    return share_of(int((answers == np.sign(margins[clear])).sum()), len(answers))


def _chart(table: Table) -> Chart:
    roles: Roles = {
        "learning e_1..e_2000: error with that n": ("measured", "learning e_1..e_2000: error"),
        "  the least error of any learner": ("bound", "what any learner errs at least"),
        "epsilon": ("paper", "epsilon, what the rate promises"),
        "  missed epsilon": ("third", "verifying: share that missed epsilon"),
        "  missed epsilon ": ("second", "core-set: share that missed epsilon"),
    }
    title = "error reached with (1/eps^2) ln(1/delta) examples"
    return Chart.of(table, "epsilon", roles, title=title, y="error, or share of misses")

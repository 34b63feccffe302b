"""Linear classification, nearest neighbours and the fixed context, smaller; none of the falsifiers fires."""

import json
import re

import numpy as np
import pytest

from compiled_models.cli import main
from compiled_models.elicit.bounds import largest_margin_error, largest_margin_expected_error, no_free_lunch_error
from compiled_models.elicit.data.half_space import HalfSpace
from compiled_models.elicit.data.real_data import Quantiser, real_data
from compiled_models.elicit.fixed_context import fixed_context_experiment
from compiled_models.elicit.learning.fixed_networks import network_b, network_b_with_slack, network_d
from compiled_models.elicit.learning.separator import (
    draft_separator,
    gradient_step,
    largest_margin,
    largest_margin_separator,
    learn_separator,
    least_squares,
)
from compiled_models.elicit.linear import HALF_MARGIN, LinearQuestion, linear_experiment
from compiled_models.elicit.neighbours import NeighbourQuestion, answer_by_network, neighbour_experiment
from compiled_models.elicit.real_vectors import real_experiment
from construction.fingerprint import fingerprint
from tests.compiled_models.elicit.intervals import estimated


def test_half_spaces_through_the_network():
    done = linear_experiment(LinearQuestion(sizes=(16, 64)), seeds=4)
    assert done.holds
    assert done.facts["answers of the network that are not the sign of <S, x>"] == 0
    assert abs(done.facts["error after training on shuffled labels"] - 0.5) < 0.12
    assert done.networks["B"] == fingerprint(network_b()).sha256
    means = {"one gradient step", "least squares", "perceptron", HALF_MARGIN, "perceptron's tokens"}
    means |= {"tokens to half of the largest margin", "error after training on shuffled labels"}
    assert means <= estimated(done)
    assert estimated(done) > {f"slope of log error over log n, {name}" for name in ("least squares", HALF_MARGIN)}
    names = {*done.table.columns, *done.facts, done.falsified_if, *(s.name for c in done.charts for s in c.series)}
    of_margins = {name for name in names if "margin" in name.replace("margin machine", "")}
    assert len(of_margins) >= 8
    assert [name for name in of_margins if not re.search("half|exact", name)] == []  # network B stops at the half
    small = LinearQuestion(dimension=3, sizes=(16,))
    assert linear_experiment(small, seeds=2).table.rows == linear_experiment(small, seeds=2).table.rows


def test_the_figures_falsifiers_at_its_parameters():
    """d = 8, n = 32..512: the drafts alone, which the network confirms token by token elsewhere."""
    random, sizes, errors = np.random.default_rng(1), [32, 64, 128, 256, 512], []
    for n in sizes:
        each = []
        for _ in range(60):
            truth = HalfSpace.random(8, random)
            each.append(truth.error(draft_separator(*truth.draw(n, random), certify="1/2").sum, 4_000, random))
        errors.append(np.mean(each))
    assert all(error <= largest_margin_expected_error(8, n) for error, n in zip(errors, sizes, strict=True))
    assert np.polyfit(np.log(sizes), np.log(errors), 1)[0] < -0.85


def network_b_s_separator(vectors, labels):
    """What network B learns: it stops at half of the largest margin."""
    return draft_separator(vectors, labels, certify="1/2").sum


@pytest.mark.parametrize(("d", "n", "delta"), [(2, 20, 0.2), (4, 60, 0.1), (8, 100, 0.05)])
@pytest.mark.parametrize("learn", [largest_margin_separator, network_b_s_separator])
def test_both_bounds_over_200_seeds(learn, d, n, delta):
    """Proved for the exact separator; measured for network B's."""
    random, errors = np.random.default_rng(d), []
    for _ in range(200):
        truth = HalfSpace.random(d, random)
        vectors, labels = truth.draw(n, random)
        w = learn(vectors, labels)
        assert (labels * (vectors @ w) > 0).all()
        errors.append(truth.error(w, 2_000, random))
    assert np.mean(errors) <= largest_margin_expected_error(d, n)
    assert np.mean(np.array(errors) > largest_margin_error(d, n, delta)) <= delta


def test_the_simpler_learners_are_slower():
    random, sizes = np.random.default_rng(2), [32, 128, 512]
    slopes = []
    for learn in (gradient_step, least_squares):
        means = []
        for n in sizes:
            truths = [HalfSpace.random(8, random) for _ in range(60)]
            means.append(np.mean([t.error(learn(*t.draw(n, random)), 2_000, random) for t in truths]))
        slopes.append(np.polyfit(np.log(sizes), np.log(means), 1)[0])
    assert -0.55 < slopes[0] < -0.35
    assert -0.7 < slopes[1] < -0.4


def test_the_largest_margin_is_that_of_a_hard_margin_machine():
    from sklearn.svm import SVC

    x, y = HalfSpace(np.array([1.0, -2.0, 0.5])).draw(40, np.random.default_rng(4))
    z = np.concatenate([y[:, None] * x, -y[:, None] * x])
    stock = SVC(kernel="linear", C=1e6, tol=1e-9).fit(z, np.repeat([1, -1], len(x)))
    assert largest_margin(x, y) == pytest.approx(1 / np.linalg.norm(stock.coef_), rel=1e-4)
    assert largest_margin(np.array([[1], [1]]), np.array([1, -1])) == 0


def test_one_hash_over_all_data_sets_and_answers_like_a_support_vector_machine():
    before = {fingerprint(network).sha256 for network in (network_b(), network_b_with_slack(), network_d())}
    done = real_experiment(("iris 1/2",))
    neighbour_experiment(NeighbourQuestion(questions=1))
    x, y = HalfSpace.random(5, np.random.default_rng(0)).draw(30, np.random.default_rng(1))
    learn_separator(network_b_with_slack(), x, y)
    learn_separator(network_b(), x, y)
    after = {fingerprint(network).sha256 for network in (network_b(), network_b_with_slack(), network_d())}
    assert before == after
    assert set(done.networks.values()) < before
    assert len(before) == 3
    assert done.holds
    assert {"margin machine with slack", "its tokens", "perceptron", "LinearSVC"} <= estimated(done)
    for row in done.table.records():
        assert abs(row["margin machine with slack"] - row["LinearSVC, same integers, same C"]) <= 0.03
        assert row["margin machine with slack"] > 0.9


def test_the_quantiser_looks_at_no_question():
    vectors, _ = real_data("breast cancer")
    quantiser = Quantiser.fit(vectors[:400], levels=16)
    assert np.abs(quantiser(vectors)).max() == 16
    assert quantiser(vectors[400:])[0].tolist() == quantiser(vectors[400:401])[0].tolist()


def test_the_fixed_context_rate_learns_nothing_and_verifies():
    done = fixed_context_experiment(seeds=10)
    assert done.holds
    assert {name for name in (*done.table.columns, *done.facts) if "error" in name and "any learner" not in name} | {
        "  missed epsilon",
        "  missed epsilon ",
        "  answers kept where its margin is over epsilon",
    } == estimated(done)
    error = done.facts["margin machine (half of the largest margin) on e_1..e_2000, 300 examples: error"]
    assert abs(error - no_free_lunch_error(2_000, 300)) < 0.03


def test_with_all_of_the_nearest_nothing_is_lost():
    done = neighbour_experiment(NeighbourQuestion(questions=8))
    assert done.holds
    assert len({name for name in estimated(done) if name.startswith("accuracy")}) == 3
    rows = done.table.records()
    assert rows[-1]["accuracy, nearest in the window"] >= rows[0]["accuracy, random in the window"] + 0.3


def test_equally_near_examples_and_a_wrong_draft_cannot_hide():
    vectors, outcomes = np.array([[1, 0], [0, 1], [-1, 0], [3, 3]]), np.array([3, 1, 1, 0])
    assert answer_by_network(network_d(), vectors, outcomes, np.array([0, 0]), 3)[1].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "arguments",
    [
        ["linear", "--dimension", "3", "--examples", "64", "--seeds", "2"],
        ["linear", "--data", "fixed-context", "--seeds", "2"],
        ["neighbours", "--questions", "2"],
    ],
)
def test_the_commands(arguments, capsys, tmp_path):
    plot = tmp_path / "plot.png"
    main(["elicit", *arguments, "--json", "-o", str(plot)])
    report = json.loads(capsys.readouterr().out)
    assert report["experiment"] == arguments[0]
    assert report["measurements"]
    assert plot.stat().st_size > 10_000
    assert plot.with_suffix(".csv").read_text().startswith("# tapehead elicit")

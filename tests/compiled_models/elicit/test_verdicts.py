"""What an experiment says of itself: falsified only by what would falsify; every measured mean with its interval."""

import json

import numpy as np

from compiled_models.cli.experiments import show
from compiled_models.elicit import tuning
from compiled_models.elicit.report.estimate import mean_of, share_of
from compiled_models.elicit.report.table import Table

STOPPED = tuning.TuningQuestion(contexts=2, vocabulary=2, sizes=(10,), updates=5)


def test_a_training_that_was_stopped_early_falsifies_nothing(capsys):
    done = tuning.tuning_experiment(STOPPED)
    assert show(done, None, as_json=False) == 0
    out = capsys.readouterr().out
    assert "no verdict: gradient descent did not come within 0.0001 of the prompt in 5 updates" in out
    assert "FALSIFIED" not in out
    assert show(done, None, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["holds"] is None


def test_a_smaller_loss_than_the_prompted_base_has_falsifies(capsys, monkeypatch):
    monkeypatch.setattr(tuning, "squared_error", lambda counts: 1e9)
    done = tuning.tuning_experiment(STOPPED)
    assert show(done, None, as_json=False) == 1
    assert "THE CLAIM IS FALSIFIED HERE (falsified if training finds a smaller loss" in capsys.readouterr().out
    # what need not be a distribution is not called TV
    names = [*done.table.columns, *done.facts, *(done.curves.columns if done.curves else ())]
    assert not [name for name in names if "TV" in name]
    assert {chart.y for chart in done.charts} == {"half the L1 distance to the prompted base"}


def test_a_mean_above_its_bound_by_chance_falsifies_nothing():
    """Measured means of a distribution that sits on its bound: of 400 none is taken for a refutation."""
    random = np.random.default_rng(0)
    means = [mean_of(each) for each in random.exponential(1.0, size=(400, 60))]
    assert sum(each.low > 1 for each in means) > 0  # a single interval would have refuted some
    assert not any(each.surely_above(1.0) for each in means)
    assert all(each.surely_above(0.1) and each.surely_below(3.0) for each in means)


def test_intervals_contain_the_truth_about_as_often_as_they_say():
    random = np.random.default_rng(1)
    means = [mean_of(each).interval for each in random.normal(5, 2, size=(1_000, 8))]
    shares = [share_of(int(hits), 40).interval for hits in random.binomial(40, 0.1, size=1_000)]
    assert 0.93 < np.mean([low <= 5 <= high for low, high in means]) < 0.97
    assert 0.92 < np.mean([low <= 0.1 <= high for low, high in shares]) < 0.98


def test_a_single_measurement_has_no_interval():
    table = Table(("TV",), [(mean_of([0.25]),)])
    assert table.records() == [{"TV": 0.25, "TV, 95 % from": None, "TV, 95 % to": None}]
    assert not mean_of([0.25]).surely_above(0.0)

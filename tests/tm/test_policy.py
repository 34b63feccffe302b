"""Policies and the datasets drawn from them."""

import numpy as np
import pytest

from tm import InputError, Machine, Rule, library
from tm.dataset import Dataset
from tm.policy import Policy

COIN = Policy(Machine.read("toss _ -> toss 1 R x 3\ntoss _ -> end 0 S x 1"))


def test_draws_follow_the_weights():
    counts = COIN.draw_counts(1000, 200, np.random.default_rng(0))
    assert (counts.sum(1) == 1000).all()
    assert counts.mean(0) / 1000 == pytest.approx([0.75, 0.25], abs=0.005)


def test_the_same_seed_draws_the_same():
    one, other = (COIN.draw(500, np.random.default_rng(3)) for _ in range(2))
    assert one == other
    assert one != COIN.draw(500, np.random.default_rng(4))


def test_situations_are_drawn_by_their_shares():
    policy = Policy(library.load("coin_flips"))
    shares = [1.0] + [0.0] * (len(policy.situations) - 1)
    assert COIN.draw(10, np.random.default_rng(0), [1]).situations == COIN.situations
    assert policy.draw(50, np.random.default_rng(0), shares).situations == policy.situations[:1]


def test_demonstrations_are_runs():
    policy = Policy(library.load("gambler"))
    data = policy.demonstrations(["<.....>"] * 200, np.random.default_rng(0), head=3)
    ends = sum(n for rule, n in data.counts.items() if rule.next_state in ("broke", "goal"))
    assert ends == 200
    visits = policy.visits(["<.....>"] * 200, np.random.default_rng(0), head=3)
    assert visits.sum() == pytest.approx(len(data) / 200)
    assert visits.sum() == pytest.approx(10, abs=1)  # 3 * 3 tosses until one side, and the step there


def test_demonstrations_of_a_deterministic_machine_need_no_seed():
    data = Policy(library.load("increment")).demonstrations(["1011"], np.random.default_rng(0))
    assert len(data) == 8


def test_a_step_limit_cuts_runs_short():
    endless = Policy(Machine.read("a _ -> a _ R"))
    assert len(endless.demonstrations(["", ""], np.random.default_rng(0), max_steps=7)) == 14


def test_datasets_count_and_add():
    one, other = COIN.all_rules
    data = Dataset({one: 3, other: 0}) + Dataset([one, other])
    assert (len(data), data.share(one), data.seen(one.situation)) == (5, 0.8, 5)
    assert {rule.weight for rule in data.rules()} == {1, 4}
    assert data.share(Rule("elsewhere", ("_",), "end", ("_",), ("S",))) == 0
    assert Dataset(list(data)) == data


def test_the_most_likely_machine_keeps_names():
    machine = Dataset({COIN.all_rules[0]: 2}).machine(COIN.machine)
    assert set(machine.states) == set(COIN.machine.states)
    assert Policy(machine).probabilities(COIN.situations[0]).tolist() == [1.0]


def test_subsets_are_blind_and_never_larger():
    data = COIN.draw_each(100, np.random.default_rng(0))
    kept = [data.subset(40, np.random.default_rng(i)) for i in range(300)]
    assert {len(part) for part in kept} == {40}
    share = data.share(COIN.all_rules[0])
    assert np.mean([part.share(COIN.all_rules[0]) for part in kept]) == pytest.approx(share, abs=0.02)
    assert data.subset(1000, np.random.default_rng(0)) == data
    assert len(data.subset(5, np.random.default_rng(0), ("elsewhere", ("_",)))) == 0


def test_what_is_no_policy_or_dataset_is_refused():
    action = [("a", ("_",), ("R",))]
    with pytest.raises(InputError, match="probability for each action"):
        Policy.of([[0.5, 0.5]], [("a", ("_",))], action)
    with pytest.raises(InputError, match="0 or more"):
        Policy.of([[-1.0]], [("a", ("_",))], action)
    with pytest.raises(InputError, match="whole number"):
        Dataset({COIN.all_rules[0]: -1})

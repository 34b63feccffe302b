"""A stochastic prompt: the linear read-out is the examples' empirical distribution."""

from __future__ import annotations

from collections import Counter

import pytest
import torch

from compiled_models import run
from construction import Codec, Example, base_network
from tests.emulation import base_for, tuned_for
from tests.machines import random_case
from tm import Machine, Rule, outcome

CASES = [random_case(2_000 + seed, stochastic=True, max_tapes=1) for seed in range(12)]


def read_out(network, codec: Codec, prompt) -> dict[tuple[int, ...], float]:
    with torch.inference_mode():
        logits = network(torch.from_numpy(prompt.tokens)[None], logits_from=-1)[0, -1].double().numpy()
    return dict(codec.vocabulary.positive(logits))


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("kind", ["base", "tuned"])
def test_read_out_is_the_empirical_distribution_in_every_situation(case, kind):
    machine, base = case.machine, base_for(case)
    network = base if kind == "base" else tuned_for(case, base)
    for state in machine.states:
        for symbol in machine.symbols:
            situated = Machine(start=state, rules=machine.rules, states=machine.states, symbols=machine.symbols)
            if kind == "tuned":  # the tuned network's slots are the machine's own: start elsewhere by hand
                codec = Codec(network.config, machine)
                prompt = codec.prompt([symbol])
                prompt.tokens[-1] = codec.vocabulary.token("RUN", machine.states.index(state))
            else:
                codec = Codec(network.config, situated)
                prompt = codec.prompt([symbol])
            rules = machine.rules_for(state, (symbol,))
            total = sum(rule.weight or 1 for rule in rules)
            expected = {codec.step(rule): (rule.weight or 1) / total for rule in rules} or {codec.stop: 1.0}
            probabilities = read_out(network, codec, prompt)
            for token in expected.keys() | probabilities.keys():
                assert probabilities.get(token, 0.0) == pytest.approx(expected.get(token, 0.0), abs=1e-12)


def test_wildcards_count_as_matches():
    """Add-one smoothing: one wildcard example per action, beside three real ones."""
    machine = Machine.read("a _ -> a 0 S x 3\na 0 -> b 1 S x 1")
    network = base_network(states=2, symbols=3)
    codec = Codec(network.config, machine)
    actions = [("a", "0"), ("b", "1")]
    smoothing = [Example(None, (None,), state, (symbol,), ("S",)) for state, symbol in actions]
    written, done = (codec.step(Rule("a", ("_",), state, (symbol,), ("S",))) for state, symbol in actions)
    probabilities = read_out(network, codec, codec.prompt(examples=[*machine.rules, *smoothing]))
    assert (probabilities[written], probabilities[done]) == pytest.approx((4 / 5, 1 / 5), abs=1e-12)
    written, done = (codec.step(Rule("a", ("1",), state, (symbol,), ("S",))) for state, symbol in actions)
    unseen = read_out(network, codec, codec.prompt(["1"], examples=[*machine.rules, *smoothing]))
    assert (unseen[written], unseen[done]) == pytest.approx((1 / 2, 1 / 2), abs=1e-12)


def test_runs_are_drawn_from_the_distribution_and_as_the_simulator_draws():
    coin = Machine.read("toss _ -> heads _ S x 3\ntoss _ -> tails _ S x 1")
    network = base_network(states=4, symbols=2)
    ends = Counter(run(network, coin, seed=seed).state for seed in range(200))
    assert ends == Counter(outcome(coin, seed=seed).state for seed in range(200))
    assert 120 < ends["heads"] < 180

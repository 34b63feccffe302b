"""Tuning by gradient descent goes where the prompt is; the compiled network is differentiable and at its optimum."""

import numpy as np
import pytest
import torch

from compiled_models import fingerprint
from compiled_models.elicit.learning.fixed_networks import fixed_network, random_policy
from compiled_models.elicit.learning.reader import PolicyReader
from compiled_models.elicit.learning.tuned import Read, decide_layer, train, trainable_network
from compiled_models.elicit.tuning import StayingPut

RANDOM = np.random.default_rng(0)
POLICY = random_policy(5, 4, RANDOM)
COUNTS = POLICY.draw_counts(30, 1, RANDOM)[0].reshape(5, 4)
SHARES = COUNTS / COUNTS.sum(1, keepdims=True)


def test_training_goes_to_the_prompted_base():
    network = trainable_network(fixed_network().config, seed=1)
    before = fingerprint(network)
    states = list(train(network, POLICY, COUNTS, updates=500))
    gaps = [np.abs(state.probabilities[:, :-1] - SHARES).sum(1).max() / 2 for state in states]
    assert gaps[0] > 0.4
    assert gaps[-1] < 1e-7
    reader = PolicyReader(network, POLICY.machine, POLICY.all_rules)
    of_rules, stop = reader.probabilities(np.zeros((1, 0), dtype=int))
    assert of_rules[0] == pytest.approx(SHARES.ravel(), abs=1e-7)  # the whole network, not only the layer that trained
    assert stop.max() < 1e-7
    assert fingerprint(network) != before


def test_nothing_but_the_rows_that_may_train_is_trained():
    network = trainable_network(fixed_network().config, seed=1)
    frozen = {name: w.detach().clone() for name, w in network.named_parameters() if "blocks.3.mlp" not in name}
    for _ in train(network, POLICY, COUNTS, updates=3):
        pass
    weights = dict(network.named_parameters())
    assert all(torch.equal(weights[name], w) for name, w in frozen.items())
    layer = decide_layer(network)
    assert int(layer.W_gate.any(1).sum()) == int(layer.W_in.any(1).sum()) == 16 + 8 + 1


def test_all_zero_has_no_gradient():
    network = trainable_network(fixed_network().config, seed=1)
    layer = decide_layer(network)
    for weight in layer.parameters():
        weight.data.zero_()
    Read.of(network, POLICY).logits(layer).square().sum().backward()
    assert all(weight.grad is not None and not weight.grad.any() for weight in layer.parameters())


def test_cross_entropy_gets_near():
    network = trainable_network(fixed_network().config, seed=1)
    *_, last = train(network, POLICY, COUNTS, updates=400, read_out="cross-entropy")
    assert np.abs(last.probabilities[:, :-1] - SHARES).sum(1).max() / 2 < 0.02


def test_compiled_weights_stay_put():
    put = StayingPut.measure(fixed_network().config, POLICY, np.maximum(COUNTS, 1))
    assert put.gradient < 1e-14
    assert put.moved < 1e-12
    assert put.distance < 1e-12


def test_gradients_are_those_of_finite_differences():
    network = trainable_network(fixed_network().config, seed=1)
    layer, read = decide_layer(network), Read.of(network, POLICY)
    layer.W_out.data += torch.from_numpy(np.random.default_rng(0).standard_normal(layer.W_out.shape)) * 0.1

    def loss():
        return read.logits(layer)[:, :4].square().sum()

    loss().backward()
    at = int(layer.W_in.any(1).nonzero()[0]), 0
    gradient, step, there = layer.W_in.grad, 1e-6, float(loss().detach())
    assert gradient is not None
    layer.W_in.data[at] += step
    assert float(gradient[at]) == pytest.approx((float(loss().detach()) - there) / step, rel=1e-3, abs=1e-4)


def test_a_training_that_is_given_up_leaves_the_network_as_free_as_it_was():
    network = trainable_network(fixed_network().config, seed=1)
    training = train(network, POLICY, COUNTS, updates=500)
    next(training)
    training.close()
    weight = decide_layer(network).W_in
    weight.grad = None
    weight.sum().backward()
    assert weight.grad is not None
    assert bool((weight.grad == 1).all())  # no hook sets any of it to 0

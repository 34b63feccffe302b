"""A blueprint made a network: every weight as it is drawn, the others zero, in memory that nobody shares."""

from __future__ import annotations

import copy
import os
import pickle
from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
import torch

from construction import Blueprint, NetworkConfig, Transformer, construct
from construction.number_format import FORMATS, Constants, Weight
from construction.tuned_network import draw_network, tuned_to
from tests.machines import random_machine


def filled_one_by_one(blueprint: Blueprint, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """The tensors as the entries say, one after another, in PyTorch's own memory."""
    sizes = {name: weight.shape for name, weight in Transformer(blueprint.shape, dtype=dtype).named_parameters()}
    tensors = {name: torch.zeros(size, dtype=dtype) for name, size in sizes.items()}
    for entry in blueprint.entries:
        value, tensor = entry.weight.value(Constants.of(dtype)), tensors[entry.tensor]
        assert tensor[entry.index] == 0
        tensor[entry.index] = float(value)
        assert Fraction(float(tensor[entry.index])) == value
    return tensors


@pytest.mark.parametrize("dtype", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize("code", ["joint", "factored"])
@pytest.mark.parametrize("seed", [None, *range(3)])
def test_every_weight_is_where_it_is_drawn(seed, code, dtype):
    config = NetworkConfig.of(states=4, symbols=3, code=code, dtype=dtype)
    if seed is not None:
        config = tuned_to(config, random_machine(Random(seed), stochastic=code == "joint"))
    expected = filled_one_by_one(draw_network(config), dtype)
    for name, weight in construct(config).named_parameters():
        assert weight.dtype == dtype
        assert torch.equal(weight.detach(), expected.pop(name)), name
    assert not expected


def test_a_weight_drawn_twice_and_one_that_no_number_is():
    blueprint = draw_network(NetworkConfig.of(states=2, symbols=2))
    blueprint.entries.append(blueprint.entries[7])
    with pytest.raises(ValueError, match="is drawn twice"):
        blueprint.network()
    blueprint.entries[-1] = replace(blueprint.entries[7], index=(0, 0), weight=Weight(Fraction(1, 3)))
    with pytest.raises(ValueError, match=r"1/3 is no torch\.float64 number"):
        blueprint.network()


@pytest.fixture(scope="module")
def large() -> Transformer:
    network = construct(NetworkConfig.of(states=64, symbols=16, tapes=2))
    assert any(weight.numel() * 8 >= 1 << 20 for weight in network.parameters())
    return network


def test_large_weights_are_copied_pickled_and_trained_as_any(large: Transformer):
    sums = [float(weight.detach().sum()) for weight in large.parameters()]
    for other in (copy.deepcopy(large), pickle.loads(pickle.dumps(large))):  # noqa: S301
        assert [float(weight.detach().sum()) for weight in other.parameters()] == sums
        with torch.no_grad():
            for weight in other.parameters():
                weight += 1
    assert [float(weight.detach().sum()) for weight in large.parameters()] == sums
    large.embed.W_E.sum().backward()
    assert large.embed.W_E.grad is not None
    large.zero_grad()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_a_child_changes_no_weight_of_its_parent(large: Transformer):
    before = large.embed.W_E.detach().clone()
    if (child := os.fork()) == 0:
        large.embed.W_E.data.numpy()[:] = 7
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert torch.equal(large.embed.W_E.detach(), before)

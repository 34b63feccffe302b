"""Weights that are no numbers, and logits that become none: one clear error, never a traceback."""

from __future__ import annotations

import re

import numpy as np
import pytest

from compiled_models import GenerationError, assert_emulates, run, teacher_forced
from compiled_models.decoding import DECODERS, KernelDecoder
from construction import Codec, base_network
from tests.compiled_models.decoding import interpreted
from tm import InputError, Machine, library

COIN = library.load("coin_flips")
BB3 = library.load("bb3")
EVERY_DECODER = pytest.mark.parametrize("decoder", DECODERS)


def network_with(value, place="unembed.W_U"):
    network = base_network(states=4, symbols=4)
    network.get_parameter(place).data.view(-1)[5] = value
    return network


@EVERY_DECODER
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize(("machine", "seed"), [(BB3, None), (COIN, 1)], ids=["greedy", "drawn"])
def test_weights_that_are_not_finite(decoder, value, machine, seed):
    network = network_with(value)
    place = re.escape(f"unembed.W_U[0, 5] = {value}")
    with pytest.raises(InputError, match=rf"(?s)weights that are not finite.*{place}"):
        run(network, machine, decoder=decoder, seed=seed, uncertified=True)
    certified = run(network, machine, decoder=decoder, seed=seed)
    assert (certified.reason, certified.steps) == ("not certified", 0)


@EVERY_DECODER
@pytest.mark.parametrize(("machine", "seed"), [(BB3, None), (COIN, 1)], ids=["greedy", "drawn"])
def test_every_weight_is_nan(decoder, machine, seed):
    network = base_network(states=4, symbols=4)
    for weight in network.parameters():
        weight.data.fill_(float("nan"))
    with pytest.raises(InputError, match="not finite"):
        run(network, machine, decoder=decoder, seed=seed, uncertified=True)


def test_dense_passes_of_networks_that_are_not_numbers():
    network = network_with(float("nan"))
    codec = Codec(network.config, BB3)
    with pytest.raises(GenerationError, match="not a number"):
        teacher_forced(network, codec.vocabulary, codec.prompt(), np.array([codec.step(BB3.rules[0])]))
    with pytest.raises(GenerationError, match="not a number"):
        assert_emulates(network, BB3)


def overflowing():
    """A network of finite weights all of whose logits are infinity less infinity."""
    network = base_network(states=4, symbols=4)
    unembed = network.unembed.W_U.data
    unembed.zero_()
    network.embed.W_E.data[1:, :2] = 1e300
    for block in network.blocks:
        block.get_parameter("mlp.W_out").data.zero_()
        block.get_parameter("attn.W_O").data.zero_()
    unembed[0], unembed[1] = 1e300, -1e300
    return network


@EVERY_DECODER
@pytest.mark.parametrize(("machine", "seed"), [(BB3, None), (COIN, 1)], ids=["greedy", "drawn"])
def test_logits_that_overflow(monkeypatch, decoder, machine, seed):
    interpreted.use(monkeypatch)
    network = overflowing()
    with pytest.raises(GenerationError, match="not a number"), np.errstate(all="ignore"):
        run(network, machine, decoder=decoder, seed=seed, uncertified=True)


def test_a_kernel_whose_logits_are_none_hands_over(monkeypatch):
    interpreted.use(monkeypatch)
    network = overflowing()
    machine = Machine.read("1RB1LB_1LA1RZ")
    codec = Codec(network.config, machine)
    with np.errstate(all="ignore"):
        decoder = KernelDecoder(network, codec.vocabulary, codec.prompt())
        assert decoder.streaming is None
        with pytest.raises(GenerationError):
            list(decoder.generate(3))
    assert decoder.name == "streaming"

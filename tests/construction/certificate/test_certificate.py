"""What is certified, with which numbers, and which lemma stops what is not."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch

from construction import base_network, compile_machine
from construction.certificate import certified_budget, certify, read_frame
from tests.constants import with_constants
from tm import InputError, library


@pytest.mark.parametrize(
    ("dtype", "decoder", "tokens", "radius"),
    [
        (torch.float64, "dense", 10**7, 10**5),
        (torch.float32, "dense", 2_000, 1_000),
        (torch.float32, "dense", 2_000, 2_000),
        (torch.float64, "streaming", 10**8, 10**5),
        (torch.float64, "kernels", 10**8, 67_000_000),
        (torch.float32, "streaming", 4_000, 2_000),
    ],
)
def test_certified(dtype, decoder, tokens, radius):
    certificate = certify(base_network(8, 4, dtype=dtype), decoder=decoder, tokens=tokens, radius=radius)
    assert certificate.holds, certificate.failing
    assert all(lemma.slack is None or 0 <= lemma.slack <= 1 for lemma in certificate.lemmas)
    assert certificate.most_tokens >= tokens
    assert certificate.most_radius >= radius


@pytest.mark.parametrize(
    ("dtype", "decoder", "tokens", "radius", "lemma"),
    [
        (torch.float64, "dense", 10**8, 10**5, "position"),
        (torch.float64, "dense", 7 * 10**7, 10**5, "saturation, absent"),
        (torch.float64, "dense", 10**7, 2**26 + 1, "integers"),
        (torch.float64, "streaming", 2**27, 10**5, "saturation, present"),
        (torch.float32, "dense", 3_100, 1_000, "saturation, present"),
        (torch.float32, "dense", 2_000, 2_897, "integers"),
        (torch.float32, "streaming", 4_100, 1_000, "saturation, present"),
        (torch.bfloat16, "dense", 7, 7, "saturation, absent"),
    ],
)
def test_not_certified(dtype, decoder, tokens, radius, lemma):
    certificate = certify(base_network(8, 4, dtype=dtype), decoder=decoder, tokens=tokens, radius=radius)
    assert not certificate.holds
    assert lemma in [failing.name for failing in certificate.failing]


def test_every_size_and_tuned_network_is_certified():
    networks = [base_network(2, 2), base_network(30, 6, 3), base_network(5, 3, 2, dtype=torch.float32)]
    networks += [compile_machine(library.load(name)) for name in library.names()]
    networks += [compile_machine(library.load("bb4"), dtype=torch.float32)]
    for network in networks:
        budget = certified_budget(network)
        assert budget.tokens > (6 * 10**7 if network.dtype == torch.float64 else 2_800)
        assert budget.radius >= budget.tokens  # the radius can never bind before the tokens do


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("decoder", ["dense", "streaming"])
def test_largest_budget_is_the_edge(dtype, decoder):
    if (dtype, decoder) == (torch.bfloat16, "streaming"):
        return
    network = base_network(3, 2, dtype=dtype)
    budget = certified_budget(network, decoder)
    assert certify(network, decoder=decoder, tokens=budget.tokens, radius=budget.radius).holds
    more = certify(network, decoder=decoder, tokens=budget.tokens + 1, radius=min(budget.tokens + 1, budget.radius))
    assert [more.failing[0].name] == [budget.beyond_tokens]
    wider = certify(network, decoder=decoder, tokens=budget.tokens, radius=budget.radius + 1)
    assert wider.failing[0].name == budget.beyond_radius


def test_without_a_budget_the_largest_is_taken():
    certificate = certify(base_network(3, 2))
    assert certificate.holds
    assert certificate.budget.tokens == certificate.largest.tokens
    assert certify(base_network(3, 2, dtype=torch.float32), radius=1_000).budget.tokens > 2_894


@pytest.mark.parametrize(
    ("changed", "lemma"),
    [
        ({"beta": 32}, "look-up margin"),
        ({"K": 2**18}, "saturation, present"),
        ({"K": 2**40}, "saturation, absent"),
        ({"L": 2**16}, "counting"),
        ({"M": 2**52 + 5_000}, "rounding shift"),
        ({"beta": 96}, "scaling"),
        ({"g": Fraction(1, 2)}, "scaling"),
    ],
)
def test_lemmas_read_the_parameters_from_the_weights(changed, lemma):
    network = with_constants(**changed)
    assert read_frame(network).holds == (lemma != "scaling" or "g" in changed)
    certificate = certify(network, tokens=10**6, radius=10**5)
    assert lemma in [failing.name for failing in certificate.failing] or certificate.lemmas[0] in certificate.failing


def test_smaller_parameters_make_smaller_budgets():
    tokens = [certified_budget(with_constants(K=2**k)).tokens for k in (8, 16, 24, 28)]
    assert tokens == sorted(tokens)
    assert 120 < tokens[0] < 131  # K / 2, and BOS and RUN on top
    assert certified_budget(with_constants(beta=16)).tokens == 0


def test_wrong_network_is_certified_for_nothing():
    network = base_network(3, 2)
    network.get_parameter("blocks.2.attn.W_V").data *= 2
    certificate = certify(network, tokens=100, radius=10)
    assert [lemma.name for lemma in certificate.failing] == ["frame"]
    assert (certificate.largest.tokens, certificate.most_tokens) == (0, 0)
    assert certified_budget(network).beyond_tokens.startswith("frame: blocks.2.attn.W_V posting 1[1] -> READ 1 value")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"decoder": "fast"}, "no such decoder"),
        ({"tokens": 0}, "tokens is a positive integer"),
        ({"radius": -1}, "radius is a positive integer"),
        ({"tokens": True}, "tokens is a positive integer"),
    ],
)
def test_no_budget(options, message):
    with pytest.raises(InputError, match=message):
        certify(base_network(2, 2), **options)


def test_merging_decoders_have_no_bfloat16():
    with pytest.raises(InputError, match="no bfloat16"):
        certify(base_network(2, 2, dtype=torch.bfloat16), decoder="streaming")

"""Every wrong weight is caught, and named by what it joins and the sentence that it breaks."""

from __future__ import annotations

import random
import time

import pytest
import torch

from construction import Transformer, base_network, compile_machine
from construction.certificate import read_frame
from construction.certificate.frame import ALL_ELSE_IS_ZERO, template_of
from tests.effort import THOROUGH, some
from tm import Machine

MACHINE = Machine.read("right 0 -> right 0 R\nright 1 -> carry 1 L\ncarry 0 -> done 1 S x 2\ncarry 0 -> done 0 S x 1")
NETWORKS = {
    "base": lambda: base_network(4, 3),
    "two-tape": lambda: base_network(3, 3, 2, code="factored"),
    "smallest": lambda: base_network(1, 2),
    "float32": lambda: base_network(2, 2, dtype=torch.float32),
    "tuned": lambda: compile_machine(MACHINE),
}


@pytest.fixture(params=NETWORKS)
def network(request) -> Transformer:
    return NETWORKS[request.param]()


def test_holds_as_built(network):
    frame = read_frame(network)
    assert frame.holds
    assert frame.violations == ()
    assert frame.checked == sum(weight.numel() for weight in network.parameters())
    assert frame.nonzero == sum(int(weight.count_nonzero()) for weight in network.parameters())


@pytest.mark.parametrize(("first", "factor"), [(0, -1), (1, 0), (2, 1.5)])
def test_every_weight_changed(network, first, factor):
    """By each of these factors; where not all can be tried, by one of them in turn."""
    tensors = {name: weight.data for name, weight in network.named_parameters()}
    entries = template_of(network.config).blueprint.entries
    for entry in some([*entries[first:], *entries[:first]], every=3):
        tensor, index = tensors[entry.tensor], entry.index
        right = float(tensor[index])
        tensor[index] = right * factor
        frame = read_frame(network)
        assert frame.count == 1
        (violation,) = frame.violations
        assert (violation.tensor, violation.index) == (entry.tensor, entry.index)
        assert (violation.source, violation.target) == (entry.source, entry.target)
        assert violation.because == entry.because
        assert entry.because in str(violation)
        tensor[index] = right
    assert read_frame(network).holds


def test_zeros_set_to_one(network):
    rng, tensors = random.Random(1), {name: weight.data for name, weight in network.named_parameters()}
    sizes = [(name, tensor.numel()) for name, tensor in tensors.items() if tensor.numel()]
    changed = 0
    while changed < (500 if THOROUGH else 100):
        name = rng.choices([name for name, _ in sizes], [size for _, size in sizes])[0]
        flat = tensors[name].view(-1)
        place = rng.randrange(len(flat))
        if flat[place] != 0:
            continue
        flat[place] = 1
        frame = read_frame(network)
        assert frame.count == 1
        (violation,) = frame.violations
        assert violation.tensor == name
        assert violation.because == ALL_ELSE_IS_ZERO
        assert violation.source
        assert violation.target
        flat[place] = 0
        changed += 1


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e-30])
def test_not_a_number_and_tiny_weights(value):
    network = base_network(2, 2)
    network.unembed.W_U.data[3, 0] = value
    assert read_frame(network).count == 1
    network = base_network(2, 2)
    weights = network.get_parameter("blocks.0.attn.W_O").data
    weights[weights != 0] = value
    assert read_frame(network).count == 2


def test_other_architectures_and_tensors():
    class Other(Transformer):
        pass

    network = base_network(2, 2)
    other = Other(network.shape, dtype=network.dtype, config=network.config)
    other.load_state_dict(network.state_dict())
    assert "the network is Other, expected Transformer" in str(read_frame(other).violations[0])
    larger = base_network(3, 2)
    larger.config = network.config
    assert "expected (" in str(read_frame(larger).violations[0])
    network.extra = torch.nn.Parameter(torch.zeros(1))
    assert "extra is (1,) torch.float32, expected no tensor" in str(read_frame(network).violations[0])


def test_without_a_configuration():
    network = base_network(2, 2)
    network.config = None
    with pytest.raises(TypeError, match="no configuration"):
        read_frame(network)


def test_fast_for_the_usual_and_for_large_networks():
    for network, limit in ((base_network(8, 4), 0.1), (base_network(1_000, 4), 2.0)):
        read_frame(network)  # the first draws the template
        best = min(_seconds(network) for _ in range(3))
        assert best < limit


def _seconds(network: Transformer) -> float:
    started = time.perf_counter()
    assert read_frame(network).holds
    return time.perf_counter() - started

"""`assert_emulates` passes what is right, and shows the first wrong token of what is not."""

from __future__ import annotations

import pytest

from compiled_models import assert_emulates
from construction import base_network, compile_machine
from tests.compiled_models.decoding import interpreted
from tm import InputError, library


@pytest.fixture(autouse=True)
def by_python(monkeypatch) -> None:
    """Kernels are interpreted: their machine code is tested for itself."""
    interpreted.use(monkeypatch)


@pytest.mark.parametrize("decoder", ["dense", "streaming", "kernels"])
def test_passes(decoder):
    machine = library.load("increment")
    for network in (base_network(8, 4), compile_machine(machine)):
        assert_emulates(network, machine, ["", "1011", list("111")], decoder=decoder)
    assert_emulates(base_network(8, 4, 2), library.load("two_tape_copy"), [["101", ""]], decoder=decoder)
    assert_emulates(base_network(8, 4), machine, ["0101"], head=3, decoder=decoder)


def test_stochastic():
    machine = library.load("coin_flips")
    assert_emulates(base_network(8, 4, code="joint"), machine, seed=3, max_steps=50)


@pytest.mark.parametrize("decoder", ["dense", "streaming", "kernels"])
def test_fails_with_what_there_is_to_see(decoder):
    machine, network = library.load("increment"), base_network(8, 4)
    network.get_parameter("blocks.2.attn.W_K").data[0, :, 0] = 0  # no cell has an address any more
    with pytest.raises(AssertionError) as caught:
        assert_emulates(network, machine, ["", "1011"], decoder=decoder)
    lines = str(caught.value).splitlines()
    assert lines[0] == "the base network does not do what the machine increment does on input '1011'"
    assert lines[1] == "token 2 is right/_>_/L/carry, expected right/0>0/R/right"
    assert lines[2:4] == ["state right", "tape 1: 1[0]1 1"]
    assert lines[4].startswith("READ 1 attended to <bos> (token 1, weight 1); next [1] (token ")
    assert "behind in score" in lines[4]
    assert lines[5].startswith("DECIDE attended to right/_:_/L/carry")
    assert lines[6] == "the likeliest token leads the next by a logit of 1"


def test_refuses_one_input_for_several():
    machine = library.load("increment")
    with pytest.raises(InputError, match="a list of inputs"):
        assert_emulates(base_network(8, 4), machine, "1011")
    with pytest.raises(InputError, match="no such decoder"):
        assert_emulates(base_network(8, 4), machine, [""], decoder="fast")

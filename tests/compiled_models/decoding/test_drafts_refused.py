"""Networks whose tokens could be verified wrongly many at a time have no drafts; and what is trusted is exact."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from compiled_models.decoding import KernelDecoder, StreamingDecoder
from compiled_models.decoding.kernels.drafting import drafter as drafting
from compiled_models.decoding.kernels.drafting.alike import Divided, divided
from compiled_models.decoding.kernels.drafting.drafted_network import DraftedNetwork
from compiled_models.decoding.kernels.drafting.table import DraftTable
from compiled_models.decoding.kernels.recognise import Unsupported, recognise
from compiled_models.decoding.kernels.source import KernelSource
from compiled_models.decoding.weights import read_weights
from construction import Codec, base_network
from construction.transformer import Transformer
from construction.vocabulary import Vocabulary, machine_vocabulary
from tests.compiled_models.decoding import interpreted
from tm import Machine

WALK = Machine.read("1RB1LA1RA_1LA1RC1LB_1RA0LC2RC")
READING = 2  # the block of the heads with parabolas


@pytest.fixture(autouse=True)
def _interpreted(monkeypatch):
    interpreted.use(monkeypatch)
    monkeypatch.setattr(drafting, "AGAIN", 1)


def source_of(network: Transformer) -> tuple[KernelSource, Vocabulary]:
    config = network.config
    vocabulary = machine_vocabulary(config.states, config.symbols, config.tapes, config.code)
    return KernelSource(recognise(read_weights(network), vocabulary), vocabulary.token("STOP")), vocabulary


def division(network: Transformer) -> Divided:
    """The network divided for STEP tokens."""
    source, vocabulary = source_of(network)
    return divided(source.network, source.heads, vocabulary.kinds["STEP"])


def network_of(tapes: int) -> Transformer:
    return base_network(states=3, symbols=3, tapes=tapes)


READ = [d for reading in division(network_of(1)).readings for own in (*reading.own, reading.shared) for d in own]


@pytest.mark.parametrize("d", READ)
def test_what_is_read_may_not_depend_on_the_position(d):
    """A weight that drives what is read over a threshold in mid-run, in whichever channel."""
    network = base_network(states=3, symbols=3)
    network.embed.W_pos.data[0, d] = 0.01
    codec = Codec(network.config, WALK)
    arguments = network, codec.vocabulary, codec.prompt()
    decoder = KernelDecoder(*arguments, drafts="at once")
    chunks = [chunk for _ in range(15) for chunk in decoder.generate(10)]
    right = np.concatenate(list(StreamingDecoder(*arguments).generate(150)))
    assert np.array_equal(np.concatenate(chunks), right)
    assert "something else writes to" in decoder._drafter.refusal


def the_position(network: Transformer, d: int) -> None:
    network.embed.W_pos.data[0, d] = 1e-3


def a_token(network: Transformer, d: int) -> None:
    network.embed.W_E.data[-1, d] = 1.0


def an_earlier_head(network: Transformer, d: int) -> None:
    out = network.get_parameter("blocks.0.attn.W_O").data
    out[(*tuple(out.nonzero()[0])[:2], d)] = 1.0


def an_earlier_layer(network: Transformer, d: int) -> None:
    network.get_parameter("blocks.1.mlp.W_out").data[0, d] = 1.0


def its_own_block(network: Transformer, d: int) -> None:
    out = network.get_parameter(f"blocks.{READING}.attn.W_O").data
    out[(*tuple(out.nonzero()[0])[:2], d)] = 1.0


@pytest.mark.parametrize("write", [the_position, a_token, an_earlier_head, an_earlier_layer, its_own_block])
@pytest.mark.parametrize("d", READ)
def test_nothing_else_may_write_to_what_is_read(write: Callable[[Transformer, int], None], d: int):
    network = network_of(1)
    write(network, d)
    with pytest.raises(Unsupported):
        division(network)


def test_two_heads_may_not_write_to_the_same_directions():
    network = network_of(2)
    first, second = (reading.means for reading in division(network).readings)
    out = network.get_parameter(f"blocks.{READING}.attn.W_O").data
    for one, other in zip(first, second, strict=True):
        out[1, :, one] = out[1, :, other]
        out[1, :, other] = 0
    with pytest.raises(Unsupported, match="something else writes to"):
        division(network)


def test_a_channel_that_holds_nothing_may_not_add_to_what_is_shared():
    """All channels alike, but each says that it holds a little."""
    network = network_of(1)
    (reading,) = division(network).readings
    gate, into, out = (
        network.get_parameter(f"blocks.{READING}.mlp.{name}").data for name in ("W_gate", "W_in", "W_out")
    )
    constant = int(np.flatnonzero((gate != 0).any(1) & (network.embed.W_E.data != 0).any(0))[0])
    units = ((gate[reading.means] != 0) | (into[reading.means] != 0)).any(0)
    assert out[units][:, reading.shared].any()
    gate[constant, units], into[constant, units] = 0.25, 1.0
    with pytest.raises(Unsupported, match="where nothing is"):
        division(network)


def test_an_offset_that_gets_a_second_key_ends_the_drafts():
    """As many offsets as before; but the function was written for one key in all of them but the usual one."""
    network = network_of(1)
    codec = Codec(network.config, WALK)
    decoder = KernelDecoder(network, codec.vocabulary, codec.prompt(), drafts="at once")
    for _ in range(8):
        list(decoder.generate(10))
    drafter = decoder._drafter
    before = drafter.drafted
    assert before > 0
    (head,) = drafter._heads
    usual = int(drafter._learnt.drafted[0].usual[0])
    list(decoder.generate(10))
    assert drafter.drafted > before
    unused = next(j for j in range(int(head.known[0])) if j not in (usual, int(drafter._learnt.drafted[0].usual[1])))
    head.single[unused], before = -1, drafter.drafted
    list(decoder.generate(10))
    assert drafter.drafted == before


def test_what_a_token_brings_is_added_up_as_the_kernel_does():
    """Row by row, to the bit: more than eight weights, which numpy would add by pairs."""
    network, random = base_network(states=2, symbols=3, tapes=3), np.random.default_rng(0)
    kind = source_of(network)[1].kinds["STEP"]
    d = DraftedNetwork(source_of(network)[0], kind, [1, 1, 1]).varying[0]
    rows = [kind.row, *(row for field in kind.fields for row in range(field.rows.start, field.rows.stop))]
    for row in rows:
        network.embed.W_E.data[row, d] = random.normal()
    drafted = DraftedNetwork(source_of(network)[0], kind, [1, 1, 1])
    table, weights = DraftTable(drafted), read_weights(network).embed
    for _ in range(50):
        token = np.array([kind.row, *(random.integers(field.rows.start, field.rows.stop) for field in kind.fields)])
        number, total = table.token(token), 0.0
        assert number is not None
        assert len(token) > 8
        for row in token:
            total += weights[row, d]
        span = len(table.table.brought) // len(drafted.varying)
        assert table.table.brought[drafted.varying.index(d) * span + number] == total

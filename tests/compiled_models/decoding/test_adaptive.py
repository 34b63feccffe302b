"""Streaming first, then a kernel, is still the same run."""

from __future__ import annotations

import numpy as np
import pytest

from compiled_models import run
from compiled_models.decoding import AdaptiveDecoder, KernelDecoder, StreamingDecoder
from compiled_models.decoding import adaptive as adaptive_module
from compiled_models.decoding.adaptive import LONG, SHORT
from construction import Codec, base_network
from tm import Machine, library, outcome

NETWORK = base_network(states=8, symbols=4)


@pytest.mark.parametrize(
    "calls", [[SHORT + 500], [10, SHORT - 100, 590], [1] * 40 + [SHORT + 460]], ids=["one", "three", "many"]
)
def test_the_tokens_are_those_of_streaming(calls, monkeypatch):
    monkeypatch.setattr(adaptive_module, "LONG", SHORT)
    codec = Codec(NETWORK.config, library.load("bb5"))
    adaptive = AdaptiveDecoder(NETWORK, codec.vocabulary, codec.prompt())
    generated = np.concatenate([tokens for limit in calls for tokens in adaptive.generate(limit)])
    streaming = StreamingDecoder(NETWORK, codec.vocabulary, codec.prompt())
    assert generated.tolist() == np.concatenate(list(streaming.generate(SHORT + 500))).tolist()
    assert adaptive.name == "kernels"


@pytest.mark.parametrize("sizes", [[140_000], [1_000, 69_000, 70_000]], ids=["one", "three"])
def test_draws_are_the_same_however_tokens_are_asked_for(sizes):
    """Across the change of decoder, and across the kernel's chunks."""
    machine = Machine.read(
        "blank: 0\na 0 -> a 1 R x 1\na 0 -> b 1 L x 2\na 1 -> b 0 R x 1\na 1 -> a 1 L x 1\nb 0 -> a 1 L\nb 1 -> a 0 R"
    )
    codec = Codec(NETWORK.config, machine)
    arguments = NETWORK, codec.vocabulary, codec.prompt()
    adaptive, kernel = AdaptiveDecoder(*arguments, seed=5), KernelDecoder(*arguments, seed=5)
    generated = np.concatenate([tokens for size in sizes for tokens in adaptive.generate(size)])
    assert np.array_equal(generated, np.concatenate(list(kernel.generate(140_000))))
    streaming = StreamingDecoder(*arguments, seed=5)
    assert np.array_equal(generated[:3_500], np.concatenate(list(streaming.generate(3_500))))
    assert kernel.streaming is None


@pytest.mark.parametrize(("steps", "decoder"), [(100, "streaming"), (SHORT, "streaming"), (LONG, "kernels")])
def test_run_says_which_decoder_did_it(steps, decoder):
    result = run(NETWORK, library.load("bb5"), max_steps=steps)
    expected = outcome(library.load("bb5"), max_steps=steps)
    assert (result.decoder, result.tape, result.head) == (decoder, expected.tape, expected.head)


def test_a_run_that_is_asked_for_little_at_a_time_goes_on_with_a_kernel_once_it_is_long(monkeypatch):
    monkeypatch.setattr(adaptive_module, "LONG", SHORT + 100)
    codec = Codec(NETWORK.config, library.load("bb5"))
    adaptive = AdaptiveDecoder(NETWORK, codec.vocabulary, codec.prompt())
    names = []
    for limit in (SHORT, 100, 1, 100):
        assert sum(map(len, adaptive.generate(limit))) == limit
        names.append(adaptive.name)
    assert names == ["streaming", "streaming", "kernels", "kernels"]


def test_a_run_that_stops_early_is_not_asked_for_more():
    codec = Codec(NETWORK.config, library.load("bb2"))
    adaptive = AdaptiveDecoder(NETWORK, codec.vocabulary, codec.prompt())
    assert len(list(adaptive.generate(SHORT + 5))) == 7
    assert list(adaptive.generate(SHORT + 5)) == []

"""Compiled kernels of a few base networks, over the whole library and hundreds of random machines."""

from __future__ import annotations

import numpy as np
import pytest

from compiled_models.decoding import KernelDecoder
from construction import Codec
from tests.effort import some
from tests.emulation import base_for, run_of
from tests.machines import TABLE, Case, random_case

RANDOM = [random_case(seed) for seed in some(range(320), every=3)]


def assert_kernel_is_the_simulator(case: Case) -> None:
    """The compiled kernel of the case's base network generates the simulator's tokens, and did not hand them over."""
    network = base_for(case, one_size=True)
    codec = Codec(network.config, case.machine)
    run = run_of(codec, case)
    decoder = KernelDecoder(network, codec.vocabulary, codec.prompt(case.input, head=case.head), seed=case.seed)
    chunks = list(decoder.generate(len(run)))
    assert np.array_equal(np.concatenate(chunks) if chunks else run[:0], run), case
    assert decoder.streaming is None


@pytest.mark.parametrize("tapes", [1, 2, 3])
def test_the_library(tapes):
    for case in TABLE:
        if case.machine.tapes == tapes and case.seed is None:
            assert_kernel_is_the_simulator(case)


@pytest.mark.parametrize("tapes", [1, 2, 3])
def test_random_machines(tapes):
    cases = [case for case in RANDOM if case.machine.tapes == tapes]
    assert len(cases) > len(RANDOM) / 4
    for case in cases:
        assert_kernel_is_the_simulator(case)

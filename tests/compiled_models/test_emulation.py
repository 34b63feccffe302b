"""Base = tuned = simulator, token by token."""

from __future__ import annotations

import numpy as np
import pytest

from compiled_models.decoding import DenseDecoder, teacher_forced
from construction import Codec
from tests.effort import THOROUGH, some
from tests.emulation import base_for, run_of, tuned_for
from tests.machines import TABLE, Case, random_case
from tm import Machine

RANDOM = [random_case(seed) for seed in range(320)]


def generated(network, codec: Codec, case: Case, limit: int):
    """What dense generation with the cache gives."""
    prompt = codec.prompt(case.input, head=case.head)
    decoder = DenseDecoder(network, codec.vocabulary, prompt, seed=case.seed)
    return np.concatenate(list(decoder.generate(limit)))


def networks(case: Case, spare_tapes: int = 0):
    """The base and the tuned network, each with its codec and the run that it should generate."""
    base = base_for(case, spare_tapes)
    for network in (base, tuned_for(case, base)):
        codec = Codec(network.config, case.machine)
        yield network, codec, run_of(codec, case)


@pytest.mark.parametrize("case", [case for case in TABLE if case.seed is None], ids=str)
def test_library_teacher_forced(case: Case):
    for network, codec, run in networks(case):
        if len(run):
            forced = teacher_forced(network, codec.vocabulary, codec.prompt(case.input, head=case.head), run)
            assert not forced.wrong
            assert forced.margins.min() > 0.99


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_library_generated(case: Case):
    """Its first steps, one after another: what follows them is teacher-forced, in a tenth of the time."""
    short = Case(case.name, case.machine, case.input, case.head, case.seed, max_steps=120 if THOROUGH else 50)
    for network, codec, run in networks(short):
        assert generated(network, codec, short, len(run)).tolist() == run.tolist()


@pytest.mark.parametrize("case", some(RANDOM[::2], every=4), ids=str)
def test_random_machine_generated(case: Case):
    for network, codec, run in networks(case):
        if len(run):
            assert generated(network, codec, case, len(run)).tolist() == run.tolist()


@pytest.mark.parametrize("case", some(RANDOM[1::2], every=2), ids=str)
def test_random_machine_teacher_forced(case: Case):
    for network, codec, run in networks(case, spare_tapes=case.machine.tapes == 1):
        if len(run):
            forced = teacher_forced(network, codec.vocabulary, codec.prompt(case.input, head=case.head), run)
            assert not forced.wrong
            assert forced.margins.min() > 0.99


def test_random_machines_are_of_every_kind():
    """The property test above is no stronger than its machines are varied."""
    tapes = {case.machine.tapes for case in RANDOM}
    states = {len(case.machine.states) for case in RANDOM}
    symbols = {len(case.machine.symbols) for case in RANDOM}
    lengths = [len(run_of(Codec(base_for(case).config, case.machine), case)) for case in RANDOM]
    assert (tapes, states, symbols) == ({1, 2, 3}, set(range(2, 8)), {2, 3, 4})
    assert sum(length > 20 for length in lengths) > 60


@pytest.mark.parametrize("seed", range(12))
def test_stochastic_machines_draw_as_the_simulator_does(seed: int):
    case = random_case(1_000 + seed, stochastic=True, max_tapes=1)
    for network, codec, run in networks(case):
        if len(run):
            assert generated(network, codec, case, len(run)).tolist() == run.tolist()


def test_teacher_forcing_finds_a_wrong_token():
    case = Case("bb2", Machine.read("1RB1LB_1LA1RZ"))
    network = base_for(case)
    codec = Codec(network.config, case.machine)
    run = run_of(codec, case)
    run[3] = codec.step(case.machine.rules[0])
    forced = teacher_forced(network, codec.vocabulary, codec.prompt(), run)
    assert forced.wrong[0] == 3


def test_teacher_forcing_an_empty_run_is_refused():
    case = Case("bb2", Machine.read("1RB1LB_1LA1RZ"))
    codec = Codec(base_for(case).config, case.machine)
    with pytest.raises(ValueError, match="empty run"):
        teacher_forced(base_for(case), codec.vocabulary, codec.prompt(), run_of(codec, case)[:0])

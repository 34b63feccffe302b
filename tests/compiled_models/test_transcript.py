"""The replay of a run's tokens: as the simulator has it, however the tokens come, compiled or not."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from compiled_models import transcript
from compiled_models.machine_run import MachineRun
from compiled_models.transcript import Transcript
from construction import Codec, NetworkConfig
from tests.machines import TABLE, Case, random_machine
from tm import Start, outcome

RANDOM = [
    Case(f"random {tapes} tapes {number}", random_machine(Random(f"{tapes} {number}"), tapes), head=3, seed=1)
    for tapes in (1, 2, 3)
    for number in range(4)
]


def codec_of(start: Start, *, spare: int = 1) -> Codec:
    """A codec with room for a little more than the machine."""
    machine = start.machine
    states, symbols = len(machine.states) + spare, len(machine.symbols) + spare
    return Codec(NetworkConfig.of(states=states, symbols=symbols, tapes=machine.tapes + spare), machine)


@pytest.mark.parametrize("short", [0, 7, 10**9], ids=["compiled", "compiled later", "plain"])
@pytest.mark.parametrize("pieces", [1, 5, 10**9], ids=["by token", "by fives", "at once"])
def test_the_replay_is_the_simulators_run(monkeypatch, short: int, pieces: int):
    monkeypatch.setattr(transcript, "SHORT", short)
    for case in [*TABLE[::5], *RANDOM]:
        start = Start.of(case.machine, case.input, case.head)
        codec = codec_of(start, spare=int(not case.machine.stochastic))
        run = MachineRun.of(codec, start, max_steps=60, seed=case.seed or 1)
        replayed = Transcript(codec, start.input, start.head)
        for first in range(0, len(run.tokens), pieces):
            replayed.absorb(run.tokens[first : first + pieces])
        end = outcome(start.machine, start.input, head=start.head, max_steps=60, seed=case.seed or 1)
        assert (replayed.steps, replayed.stopped, replayed.state) == (end.steps, run.halted, end.state), case
        assert replayed.heads == list(run.last.heads), case
        assert replayed.symbols() == run.last.symbols, case
        expected = [end.tape] if case.machine.tapes == 1 else end.tape
        assert replayed.tapes() == [list(tape) for tape in expected], case
        np.testing.assert_array_equal(replayed.recent, run.tokens[max(0, end.steps - 8) : end.steps])

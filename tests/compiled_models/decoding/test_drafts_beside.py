"""When drafts get ready: their machine code is made beside a long run, and used where it is there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from compiled_models.decoding import KernelDecoder, StreamingDecoder
from compiled_models.decoding.kernels.drafting import drafter as drafting
from compiled_models.machine_code.kernels import interpreted as interpreted_function
from tests.compiled_models.decoding import interpreted
from tests.compiled_models.decoding.drafts import WALK, tokens_of, what
from tests.emulation import base_for


@pytest.fixture(autouse=True)
def _interpreted(monkeypatch):
    interpreted.use(monkeypatch)
    monkeypatch.setattr(drafting, "AGAIN", 1)


class Compiled:
    """A compiled function that is not there before somebody compiles it."""

    def __init__(self, function, there: bool) -> None:
        self.function, self.there, self.loaded = function, there, 0

    def kept(self, types) -> bool:
        return self.there

    def compile(self, types) -> None:
        self.loaded += 1

    def __call__(self, *arguments):
        return self.function(*arguments)


class Compiler:
    """A process that compiles: it has ended (with a status) once it was asked often enough."""

    def __init__(self, asked: int, ends: Any) -> None:
        self.asked, self.ends = asked, ends

    def poll(self) -> int | None:
        self.asked -= 1
        if self.asked >= 0:
            return None
        return self.ends()


@pytest.mark.parametrize("succeeds", [True, False])
def test_machine_code_is_made_beside_a_long_run_and_used_when_it_is_there(monkeypatch, succeeds):
    monkeypatch.setattr(drafting, "WORTH_LOADING", 40)
    monkeypatch.setattr(drafting, "WORTH_COMPILING", 200)
    machine_code: list[Compiled] = []
    begun: list[int] = []

    def kernel(text, name):
        machine_code[:] = machine_code or [Compiled(interpreted_function(text, name), False)]
        return machine_code[0]

    def ends() -> int:
        machine_code[0].there = succeeds
        return int(not succeeds)

    def compile_beside(*arguments):
        begun.append(len(arguments))
        return Compiler(3, ends)

    monkeypatch.setattr(drafting, "kernel", kernel)
    monkeypatch.setattr(drafting, "compile_beside", compile_beside)
    network = base_for(WALK)
    vocabulary, prompt = what(network, WALK)
    decoder = KernelDecoder(network, vocabulary, prompt)
    right = tokens_of(StreamingDecoder(network, vocabulary, prompt), 900)
    first = tokens_of(decoder, 180, at_a_time=20)
    assert not begun
    rest = tokens_of(decoder, 720, at_a_time=20)
    assert len(begun) == 1
    assert np.array_equal(np.concatenate([first, rest]), right)
    assert machine_code[0].loaded == int(succeeds)
    assert (decoder._drafter.drafted > 100) == succeeds
    assert bool(decoder._drafter.refusal) != succeeds


def test_machine_code_that_is_there_is_loaded_before_it_would_be_made(monkeypatch):
    monkeypatch.setattr(drafting, "WORTH_LOADING", 40)
    monkeypatch.setattr(drafting, "kernel", lambda text, name: Compiled(interpreted_function(text, name), True))
    network = base_for(WALK)
    decoder = KernelDecoder(network, *what(network, WALK))
    tokens_of(decoder, 40, at_a_time=20)
    assert decoder._drafter.drafted == 0
    tokens_of(decoder, 200, at_a_time=20)
    assert decoder._drafter.drafted > 50

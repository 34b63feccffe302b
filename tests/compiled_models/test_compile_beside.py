"""Machine code that is made beside a run: by one process a function, and only where it is kept."""

from __future__ import annotations

import subprocess
from typing import Any

import numba
import numpy as np
import pytest

from compiled_models.machine_code import kernels

SOURCE = """
from numba import njit

@njit(error_model='numpy')
def twice(x):
    return {factor} * x
"""
TYPES = (numba.typeof(np.int64(1)),)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    tmp_path.chmod(0o700)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    kernels.kernel.cache_clear()
    yield
    kernels.kernel.cache_clear()


def test_one_process_makes_it_and_keeps_it():
    source = SOURCE.format(factor=2)
    function: Any = kernels.kernel(source, "twice")
    assert not function.kept(TYPES)
    process = kernels.compile_beside(source, "twice", TYPES)
    assert kernels.compile_beside(source, "twice", TYPES) is process
    assert process.wait(timeout=60) == 0
    assert function.kept(TYPES)
    assert function(np.int64(21)) == 42


class Process:
    """One that is at work until it ends."""

    ended: int | None = None

    def __init__(self, arguments: list[str], **_: Any) -> None:
        self.arguments, self.stdin = arguments, None

    def poll(self) -> int | None:
        return self.ended


def test_other_functions_have_processes_of_their_own_and_those_that_ended_are_forgotten(monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", Process)
    monkeypatch.setattr(kernels, "_beside", {})
    first, second = (kernels.compile_beside(SOURCE.format(factor=n), "twice", TYPES) for n in (3, 4))
    assert first is not second
    first.ended = 1  # type: ignore[attr-defined]
    again = kernels.compile_beside(SOURCE.format(factor=3), "twice", TYPES)
    assert again is not first
    assert set(kernels._beside.values()) == {second, again}


def test_nothing_is_made_that_could_not_be_kept(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    monkeypatch.setattr(subprocess, "Popen", Process)
    with pytest.raises(OSError, match="cannot be kept"):
        kernels.compile_beside(SOURCE.format(factor=5), "twice", TYPES)

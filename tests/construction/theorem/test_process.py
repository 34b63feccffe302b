"""A process of the prover ends with whatever it was begun for, at whatever instant that is stopped."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from construction.theorem.process import Process


def sleeping(folder: Path) -> Process:
    return Process([sys.executable, "-c", "import time; time.sleep(600)"], folder, "nothing")


def leave(process: Process) -> None:
    leaving = threading.Thread(target=process.__exit__, args=(None, None, None), daemon=True)
    leaving.start()
    leaving.join(20)
    assert not leaving.is_alive()
    with pytest.raises(ProcessLookupError):
        os.kill(process._process.pid, 0)


def test_leaving_ends_it(tmp_path: Path):
    leave(sleeping(tmp_path))


def test_leaving_ends_it_where_it_was_interrupted_while_it_was_polled(tmp_path: Path):
    process = sleeping(tmp_path)
    # What a Ctrl-C leaves between the closing of the lock and the `try` behind it.
    process._process._waitpid_lock.acquire()  # type: ignore[attr-defined]
    leave(process)


def test_leaving_ends_it_where_it_has_ended(tmp_path: Path):
    process = Process([sys.executable, "-c", ""], tmp_path, "nothing")
    os.waitid(os.P_PID, process._process.pid, os.WEXITED | os.WNOWAIT)  # ended, and nobody has asked yet
    leave(process)

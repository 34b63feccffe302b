"""Tasks for workers elsewhere: functions that a process, or a Dask worker, imports by name."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

__all__ = ["dies_on_three", "dies_once", "fails_on_three", "late_and_where", "where"]


def where(task: int) -> tuple[int, int]:
    """The task's square, and the process that it was done in."""
    return task * task, os.getpid()


def late_and_where(task: int) -> tuple[int, int]:
    """The same, after a tenth of a second."""
    time.sleep(0.1)
    return where(task)


def dies_once(task: tuple[int, str]) -> int:
    """The number's square; of 3, at first, the worker's death."""
    number, folder = task
    if number == 3 and not Path(folder, "died").exists():
        Path(folder, "died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def dies_on_three(task: int) -> int:
    """The task's square; of 3 every worker dies."""
    if task == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return task * task


def fails_on_three(task: int) -> int:
    """The task's square, but of 3 an error."""
    if task == 3:
        raise ArithmeticError("three")
    return task * task

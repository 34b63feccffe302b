"""Ctrl-C and SIGTERM: both ask a process to end. While modules are imported it does so without further ado."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = [
    "INTERRUPTED",
    "SIGNALS",
    "TERMINATED",
    "Terminated",
    "handling",
    "interrupt_of",
    "stopping_at_once",
    "terminating",
]

INTERRUPTED = 130  # the exit status after Ctrl-C: 128 and the signal's number
TERMINATED = 143  # after SIGTERM

SIGNALS = signal.SIGINT, signal.SIGTERM

Handler = Callable[[int, FrameType | None], Any]


class Terminated(KeyboardInterrupt):
    """SIGTERM: everything that stands ready for a Ctrl-C takes it up as one."""


def interrupt_of(number: int) -> type[KeyboardInterrupt]:
    """The exception that a signal stands for."""
    return Terminated if number == signal.SIGTERM else KeyboardInterrupt


@contextmanager
def handling(handler: Handler, *signals: signal.Signals) -> Iterator[None]:
    """Have a handler called for signals, but for those that somebody asked to be ignored; only in the main thread."""
    mine = threading.current_thread() is threading.main_thread()
    targets = [each for each in signals if mine and signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, handler) for each in targets}
    try:
        yield
    finally:
        for each, old in before.items():
            signal.signal(each, old)


@contextmanager
def stopping_at_once() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the process, with exit status 130 or 143 and one line on stderr."""

    def stop(number: int, frame: FrameType | None) -> None:
        os.write(2, b"tapehead: stopped\n")
        os._exit(128 + number)

    with handling(stop, *SIGNALS):
        yield


@contextmanager
def terminating() -> Iterator[None]:
    """SIGTERM raises `Terminated`, as Ctrl-C raises KeyboardInterrupt: what is half written is taken away."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Terminated

    with handling(stop, signal.SIGTERM):
        yield

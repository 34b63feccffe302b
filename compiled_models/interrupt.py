"""Ctrl-C while modules are imported: it ends the process, instead of leaving half a library behind."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["INTERRUPTED", "can_be_handled", "stopping_at_once"]

INTERRUPTED = 130  # the exit status


def can_be_handled() -> bool:
    """Whether Ctrl-C is ours to handle: in the main thread, and where nobody asked for it to be ignored."""
    mine = threading.current_thread() is threading.main_thread()
    return mine and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN


@contextmanager
def stopping_at_once() -> Iterator[None]:
    """Ctrl-C ends the process, with exit status 130 and one line on stderr."""

    def stop(number: int, frame: FrameType | None) -> None:
        os.write(2, b"tapehead: stopped\n")
        os._exit(INTERRUPTED)

    if not can_be_handled():
        yield
        return
    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)

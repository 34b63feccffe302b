"""A line that shows how a long run is getting on, and a Ctrl-C that waits for the end of a token."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from compiled_models.transcript import Transcript

__all__ = ["live_progress"]


@contextmanager
def live_progress() -> Iterator[Callable[[Transcript], None]]:
    """A function for `run(..., progress=)`: it shows steps, steps/s and the extent of the tape on a terminal's stderr.

    While it is in use the first Ctrl-C is taken up between two tokens, where a snapshot can be written; the second one
    interrupts at once.
    """
    console, asked = Console(stderr=True), [False]

    def interrupt(number: int, frame: FrameType | None) -> None:
        if asked[0]:
            raise KeyboardInterrupt
        asked[0] = True

    before = signal.signal(signal.SIGINT, interrupt)
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    try:
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            task, began = bar.add_task("reading the prompt"), time.monotonic()
            first: list[int] = []

            def progress(transcript: Transcript) -> None:
                if asked[0]:
                    raise KeyboardInterrupt
                first.append(transcript.steps) if not first else None
                bar.update(task, description=_line(transcript, first[0], time.monotonic() - began))

            yield progress
    finally:
        signal.signal(signal.SIGINT, before)


def _line(transcript: Transcript, first: int, seconds: float) -> str:
    rate = (transcript.steps - first) / seconds if seconds else 0.0
    extent = transcript.highest - transcript.lowest + 1
    return f"{transcript.steps:,} steps, {rate:,.0f} steps/s, {extent:,} cells"

"""A line that shows how a long run is getting on, and a Ctrl-C that waits for the end of a token."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from rich.progress import Progress, SpinnerColumn, TextColumn

from compiled_models.cli.printing import console
from compiled_models.interrupt import SIGNALS, handling, interrupt_of
from compiled_models.transcript import Transcript
from compiled_models.view.step import Step
from tm.text import counted

__all__ = ["counted_steps", "live_progress", "waiting"]

RECENT = 10  # reports, about a second, that the rate is taken from


@contextmanager
def live_progress(position: Callable[[Transcript], str] | None = None) -> Iterator[Callable[[Transcript], None]]:
    """A function for `run(..., progress=)`: it shows steps, steps/s and the extent of the tape on a terminal's stderr.

    `position` says in other words how far a run is; they stand in front.

    While it is in use the first Ctrl-C or SIGTERM is taken up between two tokens, where a snapshot can be written; the
    second one interrupts at once.
    """
    screen = console(error=True)
    interrupts: list[type[KeyboardInterrupt]] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        interrupts.append(interrupt_of(number))
        if len(interrupts) > 1:
            raise interrupts[-1]

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False))
    with (
        handling(interrupt, *SIGNALS),
        Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar,
    ):
        task = bar.add_task("reading the prompt")
        reports: deque[tuple[float, int]] = deque(maxlen=RECENT)

        def progress(transcript: Transcript) -> None:
            if interrupts:
                raise interrupts[0]
            reports.append((time.monotonic(), transcript.steps))
            where = "" if position is None or not screen.is_terminal else f"{position(transcript)}; "
            bar.update(task, description=where + _line(transcript, reports))

        with _showing_log(lambda text: bar.update(task, description=text)):
            yield progress


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """While something takes its time, say on a terminal's stderr what."""
    screen = console(error=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        bar.add_task(text)
        yield


def counted_steps(steps: Iterable[Step], total: int) -> Iterator[Step]:
    """The steps of a trace; a line on a terminal's stderr says how many of them there are yet.

    A table is as wide as its widest row, so that it is printed when all rows are there.
    """
    screen = console(error=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task("")
        for step in steps:
            bar.update(task, description=f"tracing step {step.number:,} of {total:,}")
            yield step


@contextmanager
def _showing_log(show: Callable[[str], None]) -> Iterator[None]:
    """Show what decoders log: that a kernel is being compiled."""
    handler = logging.Handler()
    handler.emit = lambda record: show(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("compiled_models.decoding")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def _line(transcript: Transcript, reports: Sequence[tuple[float, int]]) -> str:
    """How far the run is, and how fast it was of late."""
    (began, first), (now, last) = reports[0], reports[-1]
    rate = f", {(last - first) / (now - began):,.0f} steps/s" if now > began else ""
    extent = transcript.highest - transcript.lowest + 1
    return f"{counted(last, 'step')}{rate}, {counted(extent, 'cell')}"

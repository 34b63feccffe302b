"""A process of the prover, and how it can end: with a verdict, or without one."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tm import Problem, TapeheadError

__all__ = ["Process", "ProverError", "ProverMissing", "ProverUnfinished", "Said", "run"]

POLL = 0.02  # seconds
_GAVE_UP = re.compile(
    r"Error:\s*(Out of memory|Stack overflow|Timeout|Anomaly|System error|User interrupt|I/O error)|"
    "No space left on device"
)
"""What the prover says where it has not come to a verdict."""
_NO_LIBRARY = re.compile(r"Error:\s*(Cannot find a physical path|Cannot load|Unable to locate library)")


class ProverMissing(TapeheadError, RuntimeError):
    """There is no prover on this machine, or a part of it is missing, or it is too old."""


class ProverError(TapeheadError, RuntimeError):
    """The prover rejects what it was given: that is not proved."""


class ProverUnfinished(TapeheadError, RuntimeError):
    """The prover ended without a verdict, killed or out of memory: nothing is proved, and nothing refuted."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a process printed, and what it said besides, on stderr."""

    printed: str
    besides: str


class Process:
    """A process of the prover at work in a folder; leaving it, for whatever reason, ends it.

    Args:
        command: the program and its arguments.
        folder: where it works.
        about: what it was asked to accept, for errors.
    """

    def __init__(self, command: Sequence[str], folder: Path, about: str) -> None:
        self.about, self._program = about, Path(command[0]).name
        with ExitStack() as opened:
            files = [opened.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")) for _ in range(2)]
            self._process = subprocess.Popen(command, cwd=folder, stdout=files[0], stderr=files[1])
            self._files, self._opened = files, opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        if self._process.returncode is None:  # not `wait`: a Ctrl-C within `poll` can leave it a lock that nobody opens
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._process.pid, 0)
            self._process.returncode = -9  # as SIGKILL leaves it, so that nobody waits for it again
        self._opened.close()

    @property
    def ended(self) -> bool:
        """Whether it has come to an end."""
        return self._process.poll() is not None

    def verdict(self, hint: str = "") -> Said:
        """What it said, if it accepts what it was given; `hint` is what to do if it does not.

        Raises:
            ProverError: if it rejects it.
            ProverMissing: if it lacks its standard library.
            ProverUnfinished: if it came to no verdict.
        """
        for file in self._files:
            file.seek(0)
        said, status = Said(*(file.read() for file in self._files)), self._process.returncode
        if status and _NO_LIBRARY.search(said.besides):
            mend = "on Debian and Ubuntu: apt-get install libcoq-stdlib"
            raise ProverMissing(Problem("the prover's standard library is missing", found=end(said.besides), hint=mend))
        gave_up = status and _GAVE_UP.search(said.besides)
        if gave_up or status not in (0, 1):
            raise ProverUnfinished(
                Problem(
                    f"{self._program} could not finish checking {self.about}: nothing is proved, and nothing refuted",
                    found=(not gave_up and _signal(status)) or end(said.besides) or f"exit status {status}",
                    hint="see that it has memory and room on the disk, and try again; what it has checked is kept",
                )
            )
        if status:
            raise ProverError(
                Problem(f"{self._program} rejects {self.about}", found=end(said.printed + said.besides), hint=hint)
            )
        return said


def run(command: Sequence[str], folder: Path, about: str) -> Said:
    """What a process of the prover said, once it has accepted what it was given. Errors: those of `Process.verdict`."""
    with Process(command, folder, about) as process:
        while not process.ended:
            time.sleep(POLL)
        return process.verdict()


def end(text: str) -> str:
    """The end of what a process said, where its error stands."""
    return text.strip()[-600:]


def _signal(status: int) -> str:
    """The signal that ended a process, if one did; a shell says 128 and its number."""
    number = -status if status < 0 else status - 128
    name = next((each.name for each in signal.Signals if each == number), None)
    return f"{name}, that is, something ended it" if name else ""

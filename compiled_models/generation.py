"""The loop of a run: tokens come from the decoder and go into the transcript, within the limits, under a watch."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from compiled_models.decoding import Decoder
from compiled_models.decoding.decoder import Resumable
from compiled_models.decoding.state import DecoderState
from compiled_models.limits import Limits
from compiled_models.snapshot import SnapshotError, Snapshots
from compiled_models.transcript import Transcript
from tm import FileError, FileWarning, Problem

__all__ = ["Watch", "generate"]

PROGRESS = 0.1  # seconds between two calls of `progress`


class Watch:
    """What is done between two tokens: progress is reported, snapshots are written.

    An exception out of `progress` (a user's interrupt, say) ends the run; a snapshot is written first. One that cannot
    be written, on a full disk, say, is a FileWarning: the run goes on, and tries again.
    """

    def __init__(
        self, decoder: Decoder, transcript: Transcript, *, progress: Callable[[Transcript], None] | None = None
    ) -> None:
        self.decoder, self.transcript, self.progress = decoder, transcript, progress
        self.snapshots: Snapshots | None = None
        self.file: str | Path | None = None
        self._reported, self._warned = time.monotonic(), False

    @contextmanager
    def keeping(
        self,
        snapshots: Snapshots,
        file: str | Path | None,
        resume: str | Path | None,
        limit: int,
        *,
        force: bool = False,
    ) -> Iterator[None]:
        """Go on from the snapshot `resume`, if there is one, and write snapshots to `file`, if there is one.

        Raises:
            SnapshotError: for a snapshot of another run or beyond the limit of steps, for a decoder without a state,
                and where `file` cannot be written, is another run's or something else (the latter not with `force`).
        """
        if file is None and resume is None:
            yield
            return
        if not isinstance(self.decoder, Resumable):
            hint = "the kernels and the streaming decoder have them: on the CPU, in float64 or float32"
            raise SnapshotError(Problem("this decoder keeps every token and has no snapshots", hint=hint))
        with nullcontext() if file is None else snapshots.place(file, force=force):
            if resume is not None:
                self._go_on(self.decoder, snapshots.read(resume, self.transcript), limit)
            self.snapshots, self.file = snapshots, file
            yield

    def _go_on(self, decoder: Resumable, state: DecoderState | None, limit: int) -> None:
        if (steps := self.transcript.steps) > limit:
            hint = "the limit counts from the start of the run"
            raise SnapshotError(Problem("the snapshot is beyond the limit", f"{steps} steps or more", str(limit), hint))
        if state is not None:
            decoder.restore(state)

    def look(self) -> None:
        """Do what is due; between two tokens only."""
        if self.progress is not None and time.monotonic() - self._reported >= PROGRESS:
            self._reported = time.monotonic()
            try:
                self.progress(self.transcript)
            except BaseException:
                self.save(last=True)
                raise
        if self.snapshots is not None and self.snapshots.due():
            self.save()

    def save(self, *, last: bool = False) -> None:
        """Write a snapshot, if any are wanted; the first of several that cannot be written, and the last, is said."""
        if self.snapshots is None or self.file is None or not isinstance(self.decoder, Resumable):
            return
        try:
            self.snapshots.write(self.file, self.decoder, self.transcript)
            self._warned = False
        except FileError as error:
            if last or not self._warned:
                what = "the last snapshot could not be written" if last else "no snapshot could be written"
                goes_on = "the result is not in it" if last else "the run goes on, and tries again"
                found = "; ".join(problem.found for problem in error.problems)
                problem = Problem(f"{what}: {goes_on}", found=found, source=str(self.file))
                warnings.warn(FileWarning(problem), stacklevel=2)
            self._warned = True


def generate(
    decoder: Decoder, transcript: Transcript, max_steps: int, limits: Limits | None, watch: Watch
) -> str | None:
    """Generate until the run stops or a limit is reached; the lemma that ends it, if one does."""
    while transcript.steps < max_steps and not transcript.stopped:
        wanted = max_steps - transcript.steps
        allowed = wanted if limits is None else min(wanted, limits.left(transcript))
        if limits is not None and not allowed:
            watch.save(last=True)
            return limits.broken_by(transcript)
        for tokens in decoder.generate(allowed):
            transcript.absorb(tokens)
            watch.look()
    watch.save(last=True)
    if not transcript.stopped and (limits is None or limits.left(transcript)):
        for token in decoder.generate(1):  # a run may halt with its last permitted step
            if tuple(token[0]) == transcript.codec.stop:
                transcript.absorb(token)
    return None

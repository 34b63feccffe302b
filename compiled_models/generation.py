"""The loop of a run: tokens come from the decoder and go into the transcript, within the limits, under a watch."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from compiled_models.decoding import Decoder
from compiled_models.decoding.decoder import Resumable
from compiled_models.limits import Limits
from compiled_models.snapshot import SnapshotError, Snapshots
from compiled_models.transcript import Transcript
from tm import Problem

__all__ = ["Watch", "generate"]

PROGRESS = 0.1  # seconds between two calls of `progress`


class Watch:
    """What is done between two tokens: progress is reported, snapshots are written.

    An exception out of `progress` (a user's interrupt, say) ends the run; a snapshot is written first.
    """

    def __init__(
        self, decoder: Decoder, transcript: Transcript, *, progress: Callable[[Transcript], None] | None = None
    ) -> None:
        self.decoder, self.transcript, self.progress = decoder, transcript, progress
        self.snapshots: Snapshots | None = None
        self.file: str | Path | None = None
        self._reported = time.monotonic()

    def keep(self, snapshots: Snapshots, file: str | Path | None, resume: str | Path | None, limit: int) -> None:
        """Go on from the snapshot `resume`, if there is one, and write snapshots to `file`, if there is one.

        Raises:
            SnapshotError: for a snapshot of another run or beyond the limit of steps, for a decoder without a state,
                and where `file` cannot be written or is something else.
        """
        if not isinstance(self.decoder, Resumable):
            hint = "the kernels and the streaming decoder have them: on the CPU, in float64 or float32"
            raise SnapshotError(Problem("this decoder keeps every token and has no snapshots", hint=hint))
        if file is not None:
            snapshots.require_place(file)
        if resume is not None:
            self.decoder.restore(snapshots.read(resume, self.transcript))
            if (steps := self.transcript.steps) > limit:
                hint = "the limit counts from the start of the run"
                problem = Problem("the snapshot is beyond the limit", f"{steps} steps or more", str(limit), hint)
                raise SnapshotError(problem)
        self.snapshots, self.file = snapshots, file

    def look(self) -> None:
        """Do what is due; between two tokens only."""
        if self.progress is not None and time.monotonic() - self._reported >= PROGRESS:
            self._reported = time.monotonic()
            try:
                self.progress(self.transcript)
            except BaseException:
                self.save()
                raise
        if self.snapshots is not None and self.file is not None and self.snapshots.due():
            self.save()

    def save(self) -> None:
        """Write a snapshot, if any are wanted."""
        if self.snapshots is not None and self.file is not None and isinstance(self.decoder, Resumable):
            self.snapshots.write(self.file, self.decoder, self.transcript)


def generate(
    decoder: Decoder, transcript: Transcript, max_steps: int, limits: Limits | None, watch: Watch
) -> str | None:
    """Generate until the run stops or a limit is reached; the lemma that ends it, if one does."""
    while transcript.steps < max_steps and not transcript.stopped:
        wanted = max_steps - transcript.steps
        allowed = wanted if limits is None else min(wanted, limits.left(transcript))
        if limits is not None and not allowed:
            watch.save()
            return limits.broken_by(transcript)
        for tokens in decoder.generate(allowed):
            transcript.absorb(tokens)
            watch.look()
    watch.save()
    if not transcript.stopped and (limits is None or limits.left(transcript)):
        for token in decoder.generate(1):  # a run may halt with its last permitted step
            if tuple(token[0]) == transcript.codec.stop:
                transcript.absorb(token)
    return None

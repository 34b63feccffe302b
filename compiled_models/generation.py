"""The loop of a run: tokens come from the decoder and go into the transcript, within what is certified."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from compiled_models.decoding import Decoder
from compiled_models.decoding.decoder import generated
from compiled_models.snapshot import SnapshotFile
from compiled_models.transcript import Transcript
from construction.certificate import Budget
from construction.codec import Prompt
from tm import Start

__all__ = ["Limits", "Reports", "generate"]

PROGRESS = 0.1
"""Seconds between two calls of `progress`."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A certified budget, as far as a prompt has left any.

    Attributes:
        budget: what is certified.
        prompt: how many of its tokens the prompt takes.
        furthest: the furthest cell that the prompt speaks of.

    >>> from construction import Codec, NetworkConfig
    >>> from tm import Machine
    >>> codec = Codec(NetworkConfig.of(states=2, symbols=2), Machine.read("blank: 0\\nA 0 -> B 1 R"))
    >>> limits = Limits.of(Budget(8, 5, "position", "integers"), codec.prompt(head=3), codec.start(head=3))
    >>> limits.left(Transcript(codec, head=3)), limits.broken_by(Transcript(codec, head=3))
    (2, None)
    """

    budget: Budget
    prompt: int
    furthest: int

    @classmethod
    def of(cls, budget: Budget, prompt: Prompt, start: Start) -> Limits:
        """The limits of a run from its prompt and its start; the head's cells come with the transcript."""
        return cls(budget, len(prompt), max(0, *(len(cells) - 1 for cells in start.input)))

    def left(self, transcript: Transcript) -> int:
        """How many tokens may be generated before it has to be asked again; 0: none.

        A head moves by one cell a token at most, so it cannot leave the radius in fewer tokens than it is away from it.
        """
        return max(0, min(self._tokens(transcript), self._cells(transcript)))

    def broken_by(self, transcript: Transcript) -> str | None:
        """The lemma that fails first if a run goes on from here; None if it may go on."""
        if self._tokens(transcript) <= 0:
            return self.budget.beyond_tokens
        return self.budget.beyond_radius if self._cells(transcript) <= 0 else None

    def _tokens(self, transcript: Transcript) -> int:
        return self.budget.tokens - self.prompt - transcript.steps

    def _cells(self, transcript: Transcript) -> int:
        if max(self.furthest, transcript.highest, -transcript.lowest) > self.budget.radius:
            return 0
        return self.budget.radius - max(abs(cell) for cell in transcript.heads)


class Reports:
    """What is done between two tokens, when it is due: progress is reported, a snapshot written.

    An exception out of `progress` (a user's interrupt, say) ends the run; a last snapshot is written first.
    """

    def __init__(self, progress: Callable[[Transcript], None] | None, snapshots: SnapshotFile | None) -> None:
        self.progress, self.snapshots = progress, snapshots
        self._reported = time.monotonic()

    def between(self, transcript: Transcript) -> None:
        """Do what is due."""
        if self.progress is not None and time.monotonic() - self._reported >= PROGRESS:
            self._reported = time.monotonic()
            try:
                self.progress(transcript)
            except BaseException:
                self.last()
                raise
        if self.snapshots is not None:
            self.snapshots.save_if_due()

    def last(self) -> None:
        """Write a last snapshot, if any are wanted."""
        if self.snapshots is not None:
            self.snapshots.save(last=True)


def generate(
    decoder: Decoder, transcript: Transcript, max_steps: int, limits: Limits | None, reports: Reports
) -> str | None:
    """Generate until the run stops or a limit is reached; the lemma that ends it, if one does."""
    while transcript.steps < max_steps and not transcript.stopped:
        remaining = max_steps - transcript.steps
        limit = remaining if limits is None else min(remaining, limits.left(transcript))
        if limits is not None and not limit:
            reports.last()
            return limits.broken_by(transcript)
        for tokens in generated(decoder, limit):
            transcript.absorb(tokens)
            reports.between(transcript)
    reports.last()
    if not transcript.stopped and (limits is None or limits.left(transcript)):
        for token in decoder.generate(1):  # a run may halt with its last permitted step
            if tuple(token[0]) == transcript.codec.stop:
                transcript.absorb(token)
    return None

"""A step of a run, as it is shown: the tape before and after, the token, what READ attended to, what DECIDE matched."""

from __future__ import annotations

from dataclasses import dataclass

from compiled_models.transcript import Transcript

__all__ = ["Attended", "Moment", "Step"]


@dataclass(frozen=True, slots=True)
class Attended:
    """A token that a head attended to: where it stands in the context, its text, and the attention weight.

    `step` is the number of the step that it is, None for a token of the prompt.
    """

    position: int
    text: str
    weight: float
    step: int | None = None

    def __str__(self) -> str:
        return self.text if self.step is None else f"step {self.step}"


@dataclass(frozen=True, slots=True)
class Moment:
    """The state, and the tapes: for each, the number of its first non-blank cell, its symbols, and the head's cell."""

    state: str
    tapes: tuple[tuple[int, tuple[str, ...]], ...]
    heads: tuple[int, ...]

    @classmethod
    def of(cls, transcript: Transcript) -> Moment:
        """What a transcript says now."""
        tapes = tuple((first, tuple(symbols)) for first, symbols in transcript.placed_tapes())
        return cls(transcript.state, tapes, tuple(transcript.heads))


@dataclass(frozen=True, slots=True)
class Step:
    """One generated token: a step, or the STOP at the end (for which `before` and `after` are equal).

    `read` has, for each tape, what its READ head attended to; `decide` what DECIDE did, the heaviest first; tokens with
    less than a two-hundredth of the heaviest weight are left out, unless there are many of the same.
    """

    number: int
    text: str
    before: Moment
    after: Moment
    read: tuple[tuple[Attended, ...], ...]
    decide: tuple[Attended, ...]

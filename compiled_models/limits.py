"""Limits: where a run would leave what is certified for the network and the decoder that it uses."""

from __future__ import annotations

from dataclasses import dataclass

from compiled_models.transcript import Transcript
from construction.certificate import Budget
from construction.codec import Prompt
from tm import Start

__all__ = ["Limits"]


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

"""What came of a run: where it ended and why, what is on the tapes, and the run itself, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from compiled_models.decoding import Decoder
from compiled_models.machine_run import MachineRun
from compiled_models.transcript import Transcript
from compiled_models.view.trace import Step, trace
from construction.codec import Codec, Prompt
from construction.transformer import Transformer
from tm import Machine, Search, Start

__all__ = ["Result", "Run"]


@dataclass(frozen=True, kw_only=True)
class Run:
    """Everything that a run depends on."""

    network: Transformer
    codec: Codec
    prompt: Prompt
    start: Start
    seed: int | None
    machine_run: MachineRun | None = None

    def transcript(self, record: Callable[[Transcript], int] | None = None) -> Transcript:
        """A transcript of which nothing is written."""
        return Transcript(self.codec, self.start.input, self.start.head, record)


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of a run.

    Attributes:
        halted: the network generated STOP, and the machine has no rule there.
        reason: "no rule", "unseen situation" (STOP for want of an example), "step limit" or "not certified"; where a
            run was searched for, also "no run accepts" (all were searched, and this one goes round) or "undecided".
        steps: STEP tokens generated.
        state: the state at the end.
        accepted: as `Machine.accepts` has it; None where the run did not halt. As `tm.Search` where there was a search.
        tape: symbols from the first to the last non-blank cell; for several tapes a list of those.
        first_cell: the cell of the tape's first symbol, None for a blank tape; for several tapes a list of those.
        head: the head's cell; for several tapes a list of those.
        decoder: the decoder used; at the end of the run, if it changed.
        seconds: wall-clock time of prompt and generation.
        resumed: how many of the steps a snapshot brought along.
        fallback: why another decoder was at work than the one that was asked for, or the usual one, if it was:
            streaming instead of kernels, or dense because the network has a hook or was changed otherwise.
        lemma: of a run that is "not certified", the lemma that its next token would break; else None.
        search: how this run of a nondeterministic machine was found; None where there was no search.
    """

    halted: bool
    reason: str
    steps: int
    state: str
    accepted: bool | None
    tape: list[Any]
    first_cell: Any
    head: Any
    decoder: str
    seconds: float
    resumed: int = 0
    fallback: str | None = None
    lemma: str | None = None
    search: Search | None = None
    _run: Run = field(repr=False)

    def trace(self) -> Iterator[Step]:
        """The run step by step, with what READ attended to and which examples DECIDE matched.

        The network is run once more, densely, so that its attention can be watched; nothing is kept in memory.
        """
        run = self._run
        tokens = None if run.machine_run is None else run.machine_run.tokens
        return trace(run.network, run.codec, run.prompt, run.transcript(), limit=self.steps, seed=run.seed, run=tokens)

    @classmethod
    def of(cls, run: Run, transcript: Transcript, decoder: Decoder, lemma: str | None, **how: Any) -> Result:
        """What came of a run that a decoder generated, up to the lemma that ended it, if one did."""
        machine, search = transcript.codec.machine, run.machine_run.search if run.machine_run else None
        reason = _reason(transcript, search, lemma)
        placed, heads, one = transcript.placed_tapes(), transcript.heads, machine.tapes == 1
        tapes, firsts = [cells for _, cells in placed], [first if cells else None for first, cells in placed]
        return cls(
            halted=reason == "no rule",
            reason=reason,
            steps=transcript.steps,
            state=transcript.state,
            accepted=_accepted(machine, transcript.state, reason, search),
            tape=tapes[0] if one else tapes,
            first_cell=firsts[0] if one else firsts,
            head=heads[0] if one else heads,
            decoder=decoder.name,
            fallback=decoder.fallback or None,
            lemma=lemma,
            search=search,
            **how,
            _run=run,
        )


def _reason(transcript: Transcript, search: Search | None, lemma: str | None) -> str:
    if transcript.stopped:
        rules = transcript.codec.machine.rules_for(transcript.state, transcript.symbols())
        return "unseen situation" if rules else "no rule"
    if lemma:
        return "not certified"
    if search is not None:
        return "no run accepts" if search.complete else "undecided"
    return "step limit"


def _accepted(machine: Machine, state: str, reason: str, search: Search | None) -> bool | None:
    if search is not None:
        return search.accepted if reason in ("no rule", "no run accepts") else None
    return machine.accepts(state) if reason == "no rule" else None

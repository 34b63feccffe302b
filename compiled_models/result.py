"""What came of a run: where it ended and why, what is on the tapes, and the run itself, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from compiled_models.decoding import Decoder
from compiled_models.machine_run import MachineRun
from compiled_models.transcript import Transcript
from compiled_models.view.ending import last_steps
from compiled_models.view.run_card import ALL, FIRST, LAST, run_card
from compiled_models.view.step import Moment, Step
from construction.codec import Codec, Prompt
from construction.network import Network
from construction.vocabulary import Tokens
from tm import InputError, Machine, Problem, Search, Start, TapeheadError
from tm.text import shown

__all__ = ["STOPPED", "Result", "Run", "ending"]

STOPPED = ("no rule", "unseen situation")
"""Reasons for an end with the token STOP."""
LONG_PROMPT = 1_000
"""Tokens of a prompt on which a notebook does not run the network a second time."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """Everything that a run depends on."""

    network: Network
    codec: Codec
    prompt: Prompt
    start: Start
    seed: int | None
    machine_run: MachineRun | None = None

    def transcript(self, record: Callable[[Transcript], int] | None = None) -> Transcript:
        """A transcript of which nothing is written."""
        return Transcript(self.codec, self.start, record=record)


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
    _recent: Tokens = field(repr=False, compare=False)

    @property
    def origin(self) -> Run:
        """Everything that the run depends on: network, codec, prompt, start, seed."""
        return self._run

    @property
    def verdict(self) -> str:
        """How the run ended, in one line.

        >>> from compiled_models import run
        >>> from construction import base_network
        >>> run(base_network(states=4, symbols=2), Machine.read("1RB1LB_1LA1RZ")).verdict
        'halted after 6 steps: no rule applies in state Z'
        """
        said = {True: "accepted", False: "rejected", None: "halted" if self.halted else "stopped"}[self.accepted]
        state = shown(self.state)
        why = f": no rule applies in state {state}" if self.halted else f" in state {state}: {self.reason}"
        return f"{said} after {self.steps:,} step{'s' * (self.steps != 1)}{why}"

    def _repr_html_(self) -> str:
        """The run as a notebook shows it: verdict, tapes, its first and last steps, what one of them attended to."""
        run, machine = self._run, self._run.codec.machine
        stopped = self.reason in STOPPED
        tokens = self.steps + stopped
        first, notes = self._first_steps(tokens if tokens <= ALL else FIRST)
        ends = (
            ([self.tape], [self.first_cell], [self.head])
            if machine.tapes == 1
            else (self.tape, self.first_cell, self.head)
        )
        tapes = tuple((begin or 0, tuple(cells)) for cells, begin in zip(*ends[:2], strict=True))
        end = Moment(self.state, tapes, tuple(ends[2]))
        last = []
        if len(first) < tokens:
            count = min(LAST - stopped, len(self._recent), tokens - len(first))
            recent = self._recent[len(self._recent) - count :]
            last = last_steps(run.codec, recent, end, self.steps, stopped=stopped)
        prompt = [run.codec.text(token) for token in run.prompt.tokens[:LONG_PROMPT]]
        how = f"{self.decoder} decoder, {self.seconds:.3g} s; network: {run.network.config}"
        notes = [*notes, how if self.fallback is None else f"{how}; {self.fallback}"]
        if self.search is not None:
            notes.append(f"searched for: {self.search}")
        if self.lemma is not None:
            notes.append(f"the certificate ends here, with the lemma: {self.lemma}")
        return run_card(
            machine, verdict=self.verdict, end=end, first=first, last=last, tokens=tokens, prompt=prompt, notes=notes
        )

    def _first_steps(self, most: int) -> tuple[list[Step], list[str]]:
        """The first steps, and why there are none, if there are none."""
        if len(self._run.prompt) > LONG_PROMPT:
            return [], [
                f"The prompt has {len(self._run.prompt):,} tokens: trace() shows what is attended to, in its time."
            ]
        try:
            return list(islice(self.trace(), most)), []
        except TapeheadError as error:
            return [], [f"The network cannot be run again: {error}"]

    def trace(self) -> Iterator[Step]:
        """The run step by step, with what READ attended to and which examples DECIDE matched.

        The network is run once more, densely, so that its attention can be watched; nothing is kept in memory.

        Raises:
            InputError: once the steps have not led to this result: the network is not what it was, or has other hooks.
        """
        from compiled_models.view.trace import trace

        run, transcript = self._run, self._run.transcript()
        tokens = None if run.machine_run is None else run.machine_run.tokens
        yield from trace(run.network, run.codec, run.prompt, transcript, limit=self.steps, seed=run.seed, run=tokens)
        if not self._led_to_by(transcript):
            found = f"{transcript.steps:,} steps to state {shown(transcript.state)}"
            hint = "run it anew, with the weights and the hooks that it is to be traced with"
            raise InputError(Problem("the network no longer generates this run", self.verdict, found, hint))

    def _led_to_by(self, transcript: Transcript) -> bool:
        """Whether these steps are the ones that the run ended with, and this their result."""
        placed, one = transcript.placed_tapes(), transcript.codec.machine.tapes == 1
        tapes, heads = [list(cells) for _, cells in placed], list(transcript.heads)
        there = (transcript.steps, transcript.stopped, transcript.state)
        here = (self.steps, self.reason in STOPPED, self.state)
        last = min(len(transcript.recent), len(self._recent))
        alike = (transcript.recent[len(transcript.recent) - last :] == self._recent[len(self._recent) - last :]).all()
        ends = (tapes[0], heads[0]) if one else (tapes, heads)
        return there == here and bool(alike) and ends == (self.tape, self.head)

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
            _recent=transcript.recent,
        )


def ending(transcript: Transcript) -> tuple[str, bool | None]:
    """Why a run ended that was not searched for, and within what is certified, and what it says: see `Result`."""
    reason = _reason(transcript, None, None)
    return reason, _accepted(transcript.codec.machine, transcript.state, reason, None)


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

"""`run`: a machine, an input and a network in; what the network generated, as a result, out.

machine -> examples -> prompt -> network -> decoder -> transcript -> result.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from compiled_models.decoding import DECODERS, Decoder
from compiled_models.limits import Limits
from compiled_models.transcript import Transcript
from compiled_models.view.trace import Step, trace
from construction.certificate import certified_budget
from construction.codec import Codec, Prompt
from construction.config import NetworkConfig
from construction.device import usable_device
from construction.example import Example
from construction.transformer import Transformer
from tm import Heads, Input, InputError, Machine, Problem, Rule, declaring

__all__ = ["Result", "prompt_for", "run"]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of a run.

    Attributes:
        halted: the network generated STOP, and the machine has no rule there.
        reason: "no rule", "unseen situation" (STOP for want of an example), "step limit" or "not certified".
        steps: STEP tokens generated.
        state: the state at the end.
        accepted: as `Machine.accepts` has it; None where the run did not halt.
        tape: symbols from the first to the last non-blank cell; for several tapes a list of those.
        head: the head's cell; for several tapes a list of those.
        decoder: the decoder used.
        seconds: wall-clock time of prompt and generation.
        lemma: of a run that is "not certified", the lemma that its next token would break; else None.
    """

    halted: bool
    reason: str
    steps: int
    state: str
    accepted: bool | None
    tape: list[Any]
    head: Any
    decoder: str
    seconds: float
    lemma: str | None = None
    _again: _Run = field(repr=False)

    def trace(self) -> Iterator[Step]:
        """The run step by step, with what READ attended to and which examples DECIDE matched.

        The network is run once more, densely, so that its attention can be watched; nothing is kept in memory.
        """
        again = self._again
        return trace(again.network, again.codec, again.prompt, again.transcript(), limit=self.steps, seed=again.seed)


@dataclass(frozen=True, kw_only=True)
class _Run:
    """Everything that a run depends on."""

    network: Transformer
    codec: Codec
    prompt: Prompt
    input: Input
    head: Heads
    seed: int | None

    def transcript(self) -> Transcript:
        return Transcript(self.codec, self.input, self.head)


def run(
    network: Transformer,
    machine: Machine,
    input: Input = "",
    *,
    max_steps: int = 10_000,
    head: Heads = 0,
    examples: Iterable[Rule | Example] | None = None,
    seed: int | None = None,
    decoder: str = "dense",
    device: str | None = None,
    uncertified: bool = False,
) -> Result:
    """Run a machine on a network: the base network reads it from the prompt, a tuned one has it in its weights.

    Args:
        network: from `base_network`, `compile_machine` or `load`.
        machine: whose names the prompt and the result use, and whose rules are the examples.
        input: a string (a symbol per character) or a list of symbols; for several tapes a list of those. A character
            that the machine does not know is an error; a list may hold symbols that no rule mentions.
        max_steps: how many steps to generate at most.
        head: the start cell, or one for each tape.
        examples: the examples to show instead of the machine's rules (some of them, wrong ones, wildcards). Where
            they differ in one situation and there is no seed, the most frequent action is taken.
        seed: draw each step by its probability, as a stochastic machine needs; the same draws as `tm.simulate`.
        decoder: "dense".
        device: "cpu" or "cuda"; None: where the network is.
        uncertified: go on where the network's certificate for the decoder ends (`construction.certificate.certify`).
            Otherwise the run stops there, with the reason "not certified": after too many tokens, too far from cell 0,
            or at once if the weights are not those of the construction.

    Raises:
        CapacityError: if the machine does not fit the network.
        InputError: for anything else that cannot be run, with the reason.

    >>> from construction import base_network
    >>> result = run(base_network(states=4, symbols=2), Machine.read("1RB1LB_1LA1RZ"))
    >>> result.steps, result.state, "".join(result.tape)
    (6, 'Z', '1111')
    """
    _require(network, machine, max_steps, seed, decoder, examples)
    network = network if device is None else network.to(usable_device(device))
    machine = declaring(machine, input)
    started = time.perf_counter()
    codec = Codec(network.config, machine)
    prompt = prompt_for(codec, input, head=head, examples=examples)
    again = _Run(network=network, codec=codec, prompt=prompt, input=input, head=head, seed=seed)
    transcript = again.transcript()
    limits = None if uncertified else Limits.of(certified_budget(network, decoder), prompt, machine, input)
    generating: Decoder = DECODERS[decoder](network, codec.vocabulary, prompt, seed=seed)
    lemma = _generate(generating, transcript, max_steps, limits)
    return _result(transcript, decoder, time.perf_counter() - started, again, lemma)


def _generate(generating: Decoder, transcript: Transcript, max_steps: int, limits: Limits | None) -> str | None:
    """Generate until the run stops or a limit is reached; the lemma that ends it, if one does."""
    wanted, stop = max_steps + 1, transcript.codec.stop[0]  # one more: a run may halt with its last permitted step
    while wanted and not transcript.stopped:
        allowed = wanted if limits is None else min(wanted, limits.left(transcript))
        if limits is not None and not allowed:
            return limits.broken_by(transcript) if transcript.steps < max_steps else None
        for tokens in generating.generate(allowed):
            wanted -= len(tokens)
            transcript.absorb(tokens[: max_steps - transcript.steps + (tokens[-1, 0] == stop)])
    return None


def prompt_for(
    codec: Codec, input: Input = "", *, head: Heads = 0, examples: Iterable[Rule | Example] | None = None
) -> Prompt:
    """The prompt of a run: on a base network with examples, on a tuned one without."""
    return codec.prompt(input, head=head, examples=() if codec.config.kind == "tuned" else examples)


def _require(
    network: Transformer, machine: Machine, max_steps: int, seed: int | None, decoder: str, examples: object
) -> None:
    """Refuse what cannot be run, with every reason."""
    problems = []
    if not isinstance(network, Transformer) or not isinstance(machine, Machine):
        found = f"{type(network).__name__} and {type(machine).__name__}"
        raise InputError(Problem("run takes a network and a machine", "a Transformer and a Machine", found))
    if not isinstance(network.config, NetworkConfig):
        raise InputError(Problem("the network has no configuration", "one from base_network, compile_machine or load"))
    if not isinstance(max_steps, int) or isinstance(max_steps, bool) or max_steps < 1:
        problems.append(Problem("the step limit is a positive integer", "1 or more", repr(max_steps)))
    if decoder not in DECODERS:
        problems.append(Problem("no such decoder", " or ".join(DECODERS), repr(decoder)))
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool) or seed < 0):
        problems.append(Problem("a seed is an integer of 0 or more", found=repr(seed)))
    if machine.stochastic and seed is None:
        expected = "seed=, an integer of 0 or more"
        problems.append(Problem("a stochastic machine draws its steps from a seed", expected, repr(seed)))
    if network.config.policy is not None and Machine.read(network.config.policy) != machine:
        tuned = Machine.read(network.config.policy).name or "another machine"
        hint = "run the machine that it was compiled from, or use a base network"
        problems.append(Problem(f"the network is tuned to {tuned}, not to this machine", hint=hint))
    if network.config.policy is not None and examples is not None:
        hint = "show them to a base network"
        problems.append(Problem("a tuned network has its policy in its weights and takes no examples", hint=hint))
    if problems:
        raise InputError(*problems)


def _result(transcript: Transcript, decoder: str, seconds: float, again: _Run, lemma: str | None) -> Result:
    machine, state = transcript.codec.machine, transcript.state
    reason = "not certified" if lemma else "step limit"
    if transcript.stopped:
        reason = "unseen situation" if machine.rules_for(state, transcript.symbols()) else "no rule"
    tapes, heads, one = transcript.tapes(), transcript.heads, machine.tapes == 1
    return Result(
        halted=reason == "no rule",
        reason=reason,
        steps=transcript.steps,
        state=state,
        accepted=machine.accepts(state) if reason == "no rule" else None,
        tape=tapes[0] if one else tapes,
        head=heads[0] if one else heads,
        decoder=decoder,
        seconds=seconds,
        lemma=lemma,
        _again=again,
    )

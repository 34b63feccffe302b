"""`assert_emulates`: a compilation example as a unit test in one line, with a message that shows what went wrong."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from compiled_models.decoding import DECODERS, choose, teacher_forced
from compiled_models.decoding.dense import logits_after
from compiled_models.machine_run import MachineRun
from compiled_models.transcript import Transcript
from compiled_models.view.step import Moment
from compiled_models.view.tape import tape_text
from compiled_models.view.trace import Watch
from construction.codec import Codec, Prompt
from construction.transformer import KeyValueCache, Transformer
from construction.vocabulary import Tokens
from tm import Heads, Input, InputError, Machine, Problem, Start

__all__ = ["assert_emulates"]

SHOWN = 4  # tokens attended to that a message lists, for each head


def assert_emulates(
    network: Transformer,
    machine: Machine,
    inputs: Iterable[Input] = ("",),
    *,
    max_steps: int = 1_000,
    head: Heads = 0,
    seed: int | None = None,
    decoder: str = "dense",
) -> None:
    """Check that a network generates exactly the machine's steps, and STOP where it halts, on each of some inputs.

    Args:
        network: from `base_network`, `compile_machine` or `load`; any weights whatever.
        machine: what it is to do; on a base network its rules are the examples in the prompt.
        inputs: each a string (a symbol per character) or a list of symbols; for several tapes a list of those.
        max_steps: how many steps of each run to check at most.
        head: the start cell, or one for each tape.
        seed: of the draws of a stochastic machine. Of a nondeterministic one without a seed, a run is searched for that
            accepts, and each of its steps has to have a chance.
        decoder: "dense" checks a whole run in one pass; any other generates it token by token.

    Raises:
        AssertionError: at the first wrong token: which it is, the tape there, what READ and DECIDE attended to, and by
            what margins.
        CapacityError, InputError: as `run` does.

    >>> from construction import base_network
    >>> machine, network = Machine.read("1RB1LB_1LA1RZ"), base_network(states=3, symbols=2)
    >>> assert_emulates(network, machine, ["", "1", "101"])
    >>> W_K = network.blocks[3].attn.W_K.data.zero_()
    >>> assert_emulates(network, machine)
    Traceback (most recent call last):
    AssertionError: the base network does not do what the machine 1RB1LB_1LA1RZ does on input ''
    token 1 is A0>1LA, expected A0>1RB
    ...
    """
    if isinstance(inputs, str):
        hint = f"for one input write [{inputs!r}]"
        raise InputError(Problem("the inputs are a list of inputs", found=repr(inputs), hint=hint))
    if decoder not in DECODERS:
        raise InputError(Problem("no such decoder", " or ".join(DECODERS), repr(decoder)))
    for input in inputs:
        start = Start.of(machine, input, head)
        codec = Codec(network.config, start.machine)
        prompt = codec.prompt(start.input, head=start.head)
        expected = MachineRun.of(codec, start, max_steps=max_steps, seed=seed)
        first = _first_wrong(network, codec, prompt, expected, seed, decoder)
        if first is not None:
            failure = _Failure(network, codec, prompt, expected.tokens, *first)
            raise AssertionError(failure.text(input, start))


def _first_wrong(
    network: Transformer, codec: Codec, prompt: Prompt, run: MachineRun, seed: int | None, decoder: str
) -> tuple[int, tuple[int, ...]] | None:
    """The first place where a network says anything else, and what it says there."""
    if decoder == "dense" and not codec.machine.stochastic:
        forced = teacher_forced(network, codec.vocabulary, prompt, run.tokens)
        return (forced.wrong[0], _token(forced.predicted[forced.wrong[0]])) if forced.wrong else None
    generator = choose(network, codec.vocabulary, prompt, asked=decoder, seed=seed, known=run.to_be_checked)
    generated = chain.from_iterable(generator.generate(len(run.tokens)))
    for number, (answer, token) in enumerate(zip(generated, run.tokens, strict=False)):
        if _token(answer) != _token(token):
            return number, _token(answer)
    return None


def _token(rows: Iterable[int]) -> tuple[int, ...]:
    return tuple(int(row) for row in rows)


@dataclass(frozen=True, slots=True)
class _Failure:
    """A wrong token, and all that it takes to show how it came about."""

    network: Transformer
    codec: Codec
    prompt: Prompt
    expected: Tokens
    number: int
    answer: tuple[int, ...]

    def text(self, input: Input, start: Start) -> str:
        """The message: several lines."""
        machine, codec = self.codec.machine, self.codec
        transcript = Transcript(codec, start.input, start.head)
        transcript.absorb(self.expected[: self.number])
        name = f" {machine.name}" if machine.name else ""
        lines = [
            f"the {codec.config.kind} network does not do what the machine{name} does on input {input!r}",
            f"token {self.number + 1} is {codec.text(self.answer)}, expected {codec.text(self.expected[self.number])}",
            f"state {transcript.state}",
        ]
        now = Moment.of(transcript)
        lines += [f"tape {tape + 1}: {tape_text(now, tape, machine.blank)}" for tape in range(machine.tapes)]
        return "\n".join(lines + self._attention())

    def _attention(self) -> list[str]:
        """What each head of READ and DECIDE attended to at the wrong token, by dense attention; the margins."""
        tokens = np.concatenate([self.prompt.tokens, self.expected[: self.number]])
        with Watch(self.network) as watch:
            for logits in logits_after(self.network, tokens, KeyValueCache(), last_only=True):
                final = logits[-1]
        texts = [self.codec.text(token) for token in tokens]
        heads = watch.patterns["READ"][: self.codec.machine.tapes]
        lines = [f"READ {i} {_attention_text(weights, texts)}" for i, weights in enumerate(heads, 1)]
        lines.append(f"DECIDE {_attention_text(watch.patterns['DECIDE'][0], texts)}")
        margin = self.codec.vocabulary.margin(final)
        return [*lines, f"the likeliest token leads the next by a logit of {margin:.4g}"]


def _attention_text(weights: NDArray[np.floating], texts: list[str]) -> str:
    """The tokens that share the largest score, and how far the next lower score is behind."""
    order = [int(i) for i in np.argsort(-weights, kind="stable")]
    largest = float(weights[order[0]])
    tied = int((weights >= largest * (1 - 1e-6)).sum())
    tokens = ", ".join(f"{texts[i]} (token {i + 1}, weight {weights[i]:.3g})" for i in order[: min(tied, SHOWN)])
    tokens += f" and {tied - SHOWN} more" if tied > SHOWN else ""
    if tied == len(order):
        return f"attended to all: {tokens}"
    behind = math.log(largest / weights[order[tied]]) if weights[order[tied]] > 0 else math.inf
    return f"attended to {tokens}; next {texts[order[tied]]} (token {order[tied] + 1}), {behind:.4g} behind in score"

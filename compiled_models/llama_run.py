"""`run_llama`: a machine, an input and a stock Llama in; what it generated, read back into names, and compared, out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

import torch

from construction.llama import LlamaCodec, LlamaTransformer, Slots, certified_words, tokens_of
from construction.llama.transformer import Cache
from construction.llama.vocabulary import HALT
from tm import Heads, Input, InputError, Machine, Problem, Start
from tm.integers import is_integer

__all__ = ["LlamaResult", "generated", "run_llama"]

PIECE = 1024
"""Tokens of a prompt that go through the network at once."""
WORDS_A_STEP = 3


@dataclass(frozen=True, kw_only=True)
class LlamaResult:
    """What came of a run on a stock Llama, read from the words that it generated.

    Attributes:
        halted: it generated `<halt>` in a situation without a rule.
        reason: "no rule", "unseen situation" (`<halt>` for want of a rule in the prompt), "edge of the tape", "error",
            "step limit" or "not certified".
        steps: actions generated.
        state, tape, first_cell, head, accepted: as of `compiled_models.Result`.
        words: all words generated, as text.
        difference: the number of the first word, from 1, that is not the simulator's; None where all are.
        lemma: of a run that is "not certified", the lemma that ends it.
        seconds: wall-clock time of the words, the certificate's not counted.
    """

    halted: bool
    reason: str
    steps: int
    state: str
    accepted: bool | None
    tape: list[str]
    first_cell: int | None
    head: int
    words: tuple[str, ...]
    difference: int | None
    lemma: str | None
    seconds: float

    @property
    def lines(self) -> Iterator[str]:
        """The words, a step a line."""
        line: list[str] = []
        for word in self.words:
            line.append(word)
            if len(line) == WORDS_A_STEP:
                yield " ".join(line)
                line = []
        if line:
            yield " ".join(line)


def run_llama(
    network: LlamaTransformer,
    machine: Machine,
    input: Input = "",
    *,
    head: Heads = 0,
    max_steps: int = 10_000,
    uncertified: bool = False,
    progress: Callable[[int], None] | None = None,
) -> LlamaResult:
    """Run a machine on a stock Llama: its rules and its input are text in the prompt, and so is every step.

    Args:
        network: from `llama_network`.
        machine: with one tape and no weighted rules.
        input: a string (a symbol per character) or a list of symbols.
        head: the start cell.
        max_steps: how many steps to generate at most.
        uncertified: go on where the network's certificate ends (`certify_llama`), up to the context. Otherwise the run
            stops there, or does not start if the weights are not those of the construction.
        progress: called after every word with how many there are.

    Raises:
        CapacityError: if the machine does not fit.
        InputError: for an input or a head that does not fit the machine or the tape, or a limit that is none.

    >>> from construction.llama import llama_network
    >>> result = run_llama(llama_network(), Machine.read("1RB1LB_1LA1RZ"))
    >>> result.steps, result.state, "".join(result.tape), result.difference
    (6, 'Z', '1111', None)
    """
    if not isinstance(network, LlamaTransformer):
        raise InputError(Problem("run_llama takes a Llama", "one from llama_network", type(network).__name__))
    if not is_integer(max_steps, 1):
        raise InputError(Problem("the step limit is a positive integer", "1 or more", repr(max_steps)))
    start = Start.of(machine, input, head)
    codec = LlamaCodec(network.config, start.machine)
    tokens = tokens_of(network.config, codec.prompt(start.input, start.head))
    texts = codec.vocabulary.texts
    certified, lemma = (network.config.context, "context") if uncertified else certified_words(network)
    room = certified - tokens.shape[1]
    if network.config.context - tokens.shape[1] < WORDS_A_STEP:
        found = f"{tokens.shape[1]:,} words"
        raise InputError(Problem("the prompt fills the context", f"{network.config.context:,} words", found))
    limit = max(0, min(WORDS_A_STEP * max_steps, room // WORDS_A_STEP * WORDS_A_STEP))
    words, began = list[str](), time.perf_counter()
    for token in generated(network, tokens, limit):
        words.append(texts[token])
        if progress is not None:
            progress(len(words))
    seconds = time.perf_counter() - began
    ended = limit < WORDS_A_STEP * max_steps and len(words) == limit
    expected = codec.run(start.input, start.head, max_steps)
    return _read(codec, start, words, expected, lemma if ended else None, seconds)


@torch.no_grad()
def generated(network: LlamaTransformer, tokens: torch.Tensor, limit: int) -> Iterator[int]:
    """The words that a Llama generates after a prompt [1 p], the likeliest each time, up to and with `<halt>`."""
    cache = Cache()
    if limit < 1:
        return
    for first in range(0, tokens.shape[1], PIECE):
        logits = network(tokens[:, first : first + PIECE], cache, logits_from=-1)
    for number in range(limit):
        token = int(logits[0, -1].argmax())
        yield token
        if token == HALT or number == limit - 1:
            return
        logits = network(torch.tensor([[token]]), cache, logits_from=-1)


def _read(
    codec: LlamaCodec, start: Start, words: list[str], expected: Iterable[str], lemma: str | None, seconds: float
) -> LlamaResult:
    """What the words say: they are all that is known of the run."""
    machine, tape = start.machine, dict(enumerate(start.input[0]))
    names = _names(codec.slots)
    state, cell, steps = machine.start, start.head[0], 0
    for word in map(codec.vocabulary.words.__getitem__, map(codec.vocabulary.ids.__getitem__, words)):
        if word.kind == "action":
            tape[cell] = names["symbol"].get(word.write, f"(symbol {word.write})")
            state, steps, cell = (
                names["state"].get(word.state, f"(state {word.state})"),
                steps + 1,
                cell + word.move - 1,
            )
    marked = sorted(x for x, symbol in tape.items() if symbol != machine.blank)
    cells = range(marked[0], marked[-1] + 1) if marked else range(0)
    reason = _reason(machine, words, state, tape.get(cell, machine.blank), lemma)
    halted = reason == "no rule"
    return LlamaResult(
        halted=halted,
        reason=reason,
        steps=steps,
        state=state,
        accepted=machine.accepts(state) if halted else None,
        tape=[tape.get(x, machine.blank) for x in cells],
        first_cell=cells[0] if marked else None,
        head=cell,
        words=tuple(words),
        difference=_difference(words, expected),
        lemma=lemma if reason == "not certified" else None,
        seconds=seconds,
    )


def _names(slots: Slots) -> dict[str, dict[int, str]]:
    return {
        "state": {slot: name for name, slot in slots.states.items()},
        "symbol": {slot: name for name, slot in slots.symbols.items()},
    }


def _reason(machine: Machine, words: list[str], state: str, symbol: str, lemma: str | None) -> str:
    if "<error>" in words:
        return "error"
    if "<edge>" in words:
        return "edge of the tape"
    if words and words[-1] == "<halt>":
        known = state in machine.states and bool(machine.rules_for(state, (symbol,)))
        return "unseen situation" if known else "no rule"
    return "not certified" if lemma else "step limit"


def _difference(words: list[str], expected: Iterable[str]) -> int | None:
    """Where the words leave the simulator's; one that stops at a limit is compared as far as it goes."""
    for number, (word, other) in enumerate(zip_longest(words, expected), 1):
        if word is None:  # the simulator tells the situation after the last step too
            return None if other is None or words[-1:] != ["<halt>"] else number
        if word != other:
            return number
    return None

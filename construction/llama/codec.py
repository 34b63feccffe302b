"""The codec of the stock Llama: a machine and its input as a prompt that people can read, and its run as words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from construction.llama.config import LlamaConfig
from construction.llama.slots import Slots
from construction.llama.vocabulary import BOS, UNKNOWN, LlamaVocabulary, llama_vocabulary
from tm import InputError, Machine, Problem, Start, simulate

__all__ = ["LlamaCodec", "tokens_of", "words_in"]

SEPARATORS = re.compile(r"[\s:;,]+")
"""What stands between two words of a prompt."""


@dataclass(frozen=True)
class LlamaCodec:
    """Names to words and back, for one machine on Llamas of one capacity.

    Args:
        config: the capacity.
        machine: with all symbols of its input (`Start.of(machine, input).machine`).

    Raises:
        CapacityError: if the machine does not fit.

    >>> codec = LlamaCodec(LlamaConfig(), Machine.read("1RB1LB_1LA1RZ"))
    >>> print(codec.prompt("11"))
    A0 1RB
    A1 1LB
    B0 1LA
    B1 1RZ
    @0 1
    @1 1
    A @0
    >>> " ".join(codec.run("11"))
    'A1 1LB @-1 B0 1LA @-2 A0 1RB @-1 B1 1RZ @0 Z1 <halt>'
    """

    config: LlamaConfig
    machine: Machine

    def __post_init__(self) -> None:
        Slots.of(self.config, self.machine)

    @property
    def vocabulary(self) -> LlamaVocabulary:
        """The words of that capacity."""
        return llama_vocabulary(self.config)

    @property
    def slots(self) -> Slots:
        """Which letters and digits stand for the machine's names."""
        return Slots.of(self.config, self.machine)

    def prompt(self, input: object = "", head: int | tuple[int, ...] = 0) -> str:
        """The prompt of a run: a rule a line, a cell a line, the start; for a tuned network without the rules.

        Raises:
            InputError: for an input or a head that does not fit the machine, or the Llama's tape.
        """
        start, slots = self.start(input, head), self.slots
        lines = []
        if self.config.policy is None:
            rules = self.machine.rules
            lines += [f"{slots.situation(rule.state, rule.read[0])} {slots.action(rule)}" for rule in rules]
        for cell, symbol in enumerate(start.input[0]):
            if symbol != self.machine.blank:
                lines.append(f"@{cell} {slots.symbol_digits[symbol]}")
        lines.append(f"{slots.state_letters[self.machine.start]} @{start.head[0]}")
        return "\n".join(lines)

    def start(self, input: object = "", head: int | tuple[int, ...] = 0) -> Start:
        """How a run starts.

        Raises:
            InputError: for an input or a head that does not fit the machine, or the Llama's tape.
        """
        start = Start.of(self.machine, input, head)  # type: ignore[arg-type]
        first, last = self.config.first_cell, self.config.first_cell + self.config.cells - 1
        cells = [start.head[0], *(cell for cell, _ in enumerate(start.input[0]))]
        if beyond := [cell for cell in cells if not first <= cell <= last]:
            hint = f"build a Llama with more cells than {self.config.cells:,}: LlamaConfig(cells=...), or --cells"
            raise InputError(Problem("the tape is too short", f"cells {first:,} to {last:,}", f"{beyond[0]:,}", hint))
        return start

    def run(self, input: object = "", head: int | tuple[int, ...] = 0, max_steps: int | None = None) -> Iterator[str]:
        """The words that the simulator says a run consists of: three a step, and how it ends.

        Raises:
            InputError: as `prompt` does.
        """
        start, slots = self.start(input, head), self.slots
        first, last = self.config.first_cell, self.config.first_cell + self.config.cells - 1
        before = None
        for now in simulate(start.machine, start.input, head=start.head, max_steps=max_steps):
            if before is not None and now.rule is not None:
                yield slots.situation(before.state, before.symbols[0])
                yield slots.action(now.rule)
                if not first <= now.heads[0] <= last:
                    yield from ("<edge>", "<halt>")
                    return
                yield f"@{now.heads[0]}"
            before = now
        if before is not None and not start.machine.rules_for(before.state, before.symbols):
            yield from (slots.situation(before.state, before.symbols[0]), "<halt>")


def tokens_of(config: LlamaConfig, text: str) -> torch.Tensor:
    """The ids [1 p] of a text's words, `<bos>` first; an unknown word is `<unk>`, as for the exported tokenizer.

    >>> tokens_of(LlamaConfig(), "A0 1RB; A @0").tolist()
    [[1, 6, 79, 138, 2194]]
    """
    ids = llama_vocabulary(config).ids
    return torch.tensor([[BOS, *(ids.get(word, UNKNOWN) for word in words_in(text))]])


def words_in(text: str) -> list[str]:
    """The words of a text.

    >>> words_in("A0 1RB; A @0")
    ['A0', '1RB', 'A', '@0']
    """
    return [word for word in SEPARATORS.split(text) if word]

"""The unembedding of the stock Llama: the right word gets a point, every other loses one.

A word's logit is LOGIT times its points: the bits that agree less those that do not, less all but one of them, gated by
the kind of the last word. `<error>` has no weight at all: its logit is 0, so it wins just where no word has a point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from construction.llama.blueprint import LlamaBlueprint
from construction.llama.gadgets import LOGIT
from construction.llama.vocabulary import KINDS
from construction.residual import Direction, ResidualStream

__all__ = ["CONTRADICTION", "GATE", "unembed"]

GATE = 8
"""Points that a word loses where the last word is not of the kind that it follows; and where a word is bad."""
CONTRADICTION = 0.5
"""Points of an action all of whose bits agree. Where rules differ in a bit, its mean falls short of 1 by twice the
share of the rarer: from a quarter on no action has a point left, and the network says `<error>`."""
EDGE = 4
"""Points that every address loses at the edge of the tape: the sum wraps round there, and would match one."""


def unembed(blueprint: LlamaBlueprint) -> None:
    """Which word comes next, by the kind of the last one: a situation, an action, an address, or an end."""
    situation(blueprint)
    action(blueprint)
    address(blueprint)
    ends(blueprint)


@dataclass(frozen=True)
class _Logit:
    """The points of the words of one kind, drawn as columns."""

    blueprint: LlamaBlueprint
    kind: str
    rows: NDArray[np.int64]

    def add(self, direction: Direction, points: NDArray[np.float64] | float, because: str) -> None:
        self.blueprint.unembed(self.rows, direction, np.asarray(points) * LOGIT, f"every {self.kind} word", because)

    def agree(self, field: str, space: str, factor: int, because: str) -> None:
        """A point for each bit of a field that agrees, minus one for each that does not."""
        for number, direction in enumerate(self.blueprint.stream[space]):
            self.add(direction, factor * self.blueprint.vocabulary.bit(field, number, self.rows), because)

    def gate(self, follows: str, rest: NDArray[np.float64] | float) -> None:
        """No point unless the last word is of a kind; and `rest` points fewer, through the constant."""
        because = f"A {self.kind} follows a word of the kind {follows}."
        self.add(_kind(self.blueprint.stream, follows), GATE, because)
        because = f"... and else loses {GATE} points; all bits but one have to agree before there is a point."
        self.add(self.blueprint.stream["constant"][0], -GATE - np.asarray(rest), because)


def _kind(stream: ResidualStream, name: str) -> Direction:
    return stream["kind"][KINDS.index(name)]


def situation(blueprint: LlamaBlueprint) -> None:
    """After an address: the state of the action before it, and the symbol that READ found there (0 or 2 less 1)."""
    config, vocabulary = blueprint.config, blueprint.vocabulary
    logit = _Logit(blueprint, "situation", vocabulary.of_kind["situation"])
    signs = sum(vocabulary.bit("symbol", j, logit.rows) for j in range(config.symbol_bits))
    logit.gate("address", signs + config.state_bits + config.symbol_bits - 1)
    logit.agree("state", "previous state", 1, "The state is that of the word before the address.")
    logit.agree("symbol", "cell", 1, "The symbol is what READ found in the cell.")


def action(blueprint: LlamaBlueprint) -> None:
    """After a situation: the action that DECIDE found."""
    config = blueprint.config
    logit = _Logit(blueprint, "action", blueprint.vocabulary.of_kind["action"])
    logit.gate("situation", config.state_bits + config.symbol_bits + 2 - CONTRADICTION)
    because = (
        "The action is what followed this situation before; where rules contradict one another, its bits are no bits."
    )
    for field in ("write", "move", "state"):
        logit.agree(field, f"decided {field}", 1, because)
    logit.add(blueprint.stream["decided bad"].only, -GATE, "A bad word anywhere before: no action.")


def address(blueprint: LlamaBlueprint) -> None:
    """After an action: the cell that it wrote, plus or minus 1."""
    config = blueprint.config
    logit = _Logit(blueprint, "address", blueprint.vocabulary.of_kind["address"])
    logit.gate("action", config.address_bits - 1)
    logit.agree("address", "at", 1, "The next address is that of the cell written ...")
    logit.agree("address", "delta", 2, "... with the bits turned that the carry turns: bit + 2 delta.")
    logit.add(
        blueprint.stream["edge"].only, -EDGE, "At the edge of the tape no address follows, not even by wrapping round."
    )


def ends(blueprint: LlamaBlueprint) -> None:
    """Where nothing follows: halt after a situation without a rule, edge after an action; then always halt."""
    stream, vocabulary = blueprint.stream, blueprint.vocabulary
    for name, follows, space in (("edge", "action", "edge"), ("halt", "situation", "halt")):
        logit = _Logit(blueprint, name, vocabulary.of_kind[name])
        logit.gate(follows, 1)
        logit.add(stream[space].only, 2, "Attention to the sink, or the edge of the tape, is this word's point.")
    logit.add(stream["decided bad"].only, -GATE, "A bad word anywhere before: no halt.")
    extra: Mapping[str, int] = {"edge": GATE + 2, "error": 2 * GATE + 2, "halt": 2 * GATE + 2}
    for name, points in extra.items():
        logit.add(_kind(stream, name), points, "After an end comes halt, whatever else is found.")
    rest = np.array([vocabulary.ids[word] for word in ("<pad>", "<bos>", "<unk>")])
    never = _Logit(blueprint, "other", rest)
    never.add(stream["constant"][0], -GATE, "These words are never generated.")
    states = np.concatenate([vocabulary.of_kind["symbol"], vocabulary.of_kind["state"]])
    never = _Logit(blueprint, "symbol or state", states)
    never.add(stream["constant"][0], -GATE, "These words are never generated: they belong to prompts.")

"""The words of a stock Llama: what a prompt and a run are written in, and the fields that each word carries.

A0        a situation: state A, reading 0
1RB       an action: write 1, move right, go on to state B
@-3       an address: cell -3
1         the symbol of a cell
A         the state of the start
<halt>    no rule applies; the end of every run, so the token that ends a generation
<edge>    the head has left the tape
<error>   the prompt is none, or contradicts itself here
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from construction.llama.config import LlamaConfig

__all__ = ["FIELDS", "KINDS", "LlamaVocabulary", "Word", "llama_vocabulary", "state_letters"]

SPECIAL = ("<pad>", "<bos>", "<halt>", "<edge>", "<error>", "<unk>")
PAD, BOS, HALT, EDGE, ERROR, UNKNOWN = range(len(SPECIAL))
KINDS = ("bos", "situation", "action", "address", "symbol", "state", "edge", "error", "halt", "unknown")
"""The kinds of words; `<pad>` has none, since no token attends to it."""
FIELDS = ("state", "symbol", "write", "move", "address")
MOVES = ("L", "S", "R")
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its text, its kind, and the number of each of its fields; -1 where it has no such field."""

    text: str
    kind: str
    state: int = -1
    symbol: int = -1
    write: int = -1
    move: int = -1
    address: int = -1


class LlamaVocabulary:
    """The words of a configuration, in the order of their token ids.

    >>> vocabulary = llama_vocabulary(LlamaConfig(states=2, symbols=2, cells=4))
    >>> " ".join(vocabulary.texts[6:])
    'A0 A1 Z0 Z1 0LA 0LZ 0SA 0SZ 0RA 0RZ 1LA 1LZ 1SA 1SZ 1RA 1RZ 0 1 A Z @-2 @-1 @0 @1'
    """

    def __init__(self, config: LlamaConfig) -> None:
        self.words = tuple(_words(config))
        self.texts = tuple(word.text for word in self.words)
        self.ids = {text: number for number, text in enumerate(self.texts)}
        kinds = np.array([word.kind for word in self.words])
        self.of_kind = {kind: np.flatnonzero(kinds == kind) for kind in KINDS}
        numbers = {field: np.array([getattr(word, field) for word in self.words]) for field in FIELDS}
        self._numbers = numbers
        self.states, self.symbols = state_letters(config.states), DIGITS[: config.symbols]

    def __len__(self) -> int:
        return len(self.words)

    def rows_with(self, field: str) -> NDArray[np.int64]:
        """The ids of the words that have a field."""
        return np.flatnonzero(self._numbers[field] >= 0)

    def bit(self, field: str, number: int, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """A bit of a field as +1 or -1, for each of the words; of a move, bit 0 is "right" and bit 1 "left"."""
        values = self._numbers[field][rows]
        if field == "move":
            return np.where(values == MOVES.index("RL"[number]), 1.0, -1.0)
        return np.where(values >> number & 1, 1.0, -1.0)


def _words(config: LlamaConfig) -> Iterator[Word]:
    states, symbols = state_letters(config.states), DIGITS[: config.symbols]
    kinds = ("", "bos", "halt", "edge", "error", "unknown")
    yield from (Word(text, kind) for text, kind in zip(SPECIAL, kinds, strict=True))
    for (q, state), (a, symbol) in product(enumerate(states), enumerate(symbols)):
        yield Word(state + symbol, "situation", state=q, symbol=a)
    for (b, symbol), (m, move), (q, state) in product(enumerate(symbols), enumerate(MOVES), enumerate(states)):
        yield Word(symbol + move + state, "action", write=b, move=m, state=q)
    yield from (Word(symbol, "symbol", write=a) for a, symbol in enumerate(symbols))
    yield from (Word(state, "state", state=q) for q, state in enumerate(states))
    yield from (Word(f"@{config.first_cell + x}", "address", address=x) for x in range(config.cells))


def state_letters(states: int) -> tuple[str, ...]:
    """The names of the slots for states: A, B, ..., and Z the last, as busy beavers have it; beyond 26: AA, AB, ...

    >>> state_letters(4), state_letters(28)[24:]
    (('A', 'B', 'C', 'Z'), ('Y', 'Z', 'AA', 'AB'))
    """
    if states <= 26:
        return (*(chr(ord("A") + i) for i in range(states - 1)), "Z")
    return tuple(_letters(i) for i in range(states))


def _letters(number: int) -> str:
    rest, last = divmod(number, 26)
    return (_letters(rest - 1) if rest else "") + chr(ord("A") + last)


@lru_cache(maxsize=8)
def llama_vocabulary(config: LlamaConfig) -> LlamaVocabulary:
    """The vocabulary of a configuration; the same object each time."""
    return LlamaVocabulary(config)

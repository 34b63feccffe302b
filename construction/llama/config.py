"""What a stock Llama of this construction is built for, and the sizes that follow from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from construction.config import CapacityError
from tm import Machine, Problem
from tm.integers import is_integer

__all__ = ["ATTENTIONS", "HEAD_DIM", "THETA", "WIDEST", "LlamaConfig", "bits_for"]

ATTENTIONS = ("sdpa", "eager")
"""Ways to compute attention: PyTorch's fused kernel, and matmul - softmax - matmul with scores in the number format."""

HEAD_DIM = 64
"""Channels of a head: 32 rotary pairs."""
THETA = 1e24
"""Of the rotary embedding: so large that its slow pairs do not turn within any context, and carry content."""
POSITION_PAIRS = 8
"""The fast rotary pairs, 0 to 7, carry position; between them and the slow ones lie pairs that carry nothing."""
STILL = 1e-11
"""A rotary pair that turns by less than this a token, in radians, carries content."""
SYMBOLS = 36
"""Symbols are written 0 to 9, then a to z."""
MOST_CELLS = 1 << 20
WIDEST = 1024
"""The widest residual stream that is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LlamaConfig:
    """The capacity of a stock Llama, and the policy in its weights if it is a tuned one.

    Its number format is not part of it: one set of weights is exact in float32, bfloat16 and float16.

    Args:
        states: slots for states, halting ones included.
        symbols: slots for symbols, the blank (0) included.
        cells: cells of the tape, a power of two; they are numbered from -cells / 2 to cells / 2 - 1.
        hidden: the width of the residual stream, a power of two; 0: the least that is wide enough.
        context: the most tokens of a prompt and its run.
        policy: the machine in a tuned network's weights, in the library's notation; None: it stands in the prompt.

    Raises:
        CapacityError: for sizes that make no network, with every reason.

    >>> config = LlamaConfig()
    >>> config.states, config.symbols, config.cells, config.hidden, config.heads, config.words
    (8, 4, 4096, 128, 2, 4242)
    >>> LlamaConfig(states=26, symbols=16, cells=16384).hidden
    256
    """

    states: int = 8
    symbols: int = 4
    cells: int = 4096
    hidden: int = 0
    context: int = 131_072
    policy: str | None = None

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if not problems and not self.hidden:
            widths = [width for width in _WIDTHS if width >= self.directions]
            if widths:
                object.__setattr__(self, "hidden", widths[0])
        if not problems:
            problems = list(self._width_problems())
        if problems:
            raise CapacityError(*problems)

    def _problems(self) -> Iterator[Problem]:
        limits = {"states": (1, 1 << 16), "symbols": (2, SYMBOLS), "cells": (4, MOST_CELLS), "context": (8, 1 << 20)}
        for name, (low, high) in limits.items():
            if not is_integer(size := getattr(self, name), low) or size > high:
                yield Problem(f"no such number of {name}", f"{low:,} to {high:,}", repr(size))
        if is_integer(self.cells, limits["cells"][0]) and self.cells & (self.cells - 1):
            near = 1 << self.cells.bit_length()
            yield Problem("the number of cells is a power of two", f"{near // 2:,} or {near:,}", f"{self.cells:,}")
        if self.hidden not in (0, *_WIDTHS):
            yield Problem("no such width", f"hidden is {', '.join(map(str, _WIDTHS))}", repr(self.hidden))

    def _width_problems(self) -> Iterator[Problem]:
        """Why the directions do not fit the stream, or what is compared does not fit the channels of a head."""
        bits = self.state_bits + self.symbol_bits
        sizes = f"{self.states:,} states, {self.symbols} symbols, {self.cells:,} cells"
        if self.directions > (self.hidden or WIDEST):
            expected = f"{self.directions} directions, or more"
            found = f"hidden {self.hidden or WIDEST}"
            yield Problem(f"the residual stream is too narrow for {sizes}", expected, found, "leave out the width")
        if (most := (len(self.content_channels) - 1) // 2) < self.address_bits:
            expected = f"{1 << most:,} cells at most: two content channels an address bit and one for the sink"
            yield Problem("a head has too few channels for the address", expected, f"{self.cells:,} cells")
        if (most := (len(self.content_channels) - 3) // 3) < bits:
            expected = f"{most} bits of state and symbol at most, such as 128 states and 8 symbols: three channels each"
            found = f"{self.state_bits} for {self.states:,} states and {self.symbol_bits} for {self.symbols} symbols"
            yield Problem("a head has too few channels for the situation", expected, found)

    # -- what follows from the capacity -------------------------------------------------------------------------------

    @property
    def state_bits(self) -> int:
        """Bits of a state."""
        return bits_for(self.states)

    @property
    def symbol_bits(self) -> int:
        """Bits of a symbol: two or more, since a key with a state and no symbol has to lose to the sink of DECIDE."""
        return max(2, bits_for(self.symbols))

    @property
    def address_bits(self) -> int:
        """Bits of an address: cell x has the number x + cells / 2."""
        return bits_for(self.cells)

    @property
    def constants(self) -> int:
        """Constant directions: hidden / constants is a power of four, so that the norm is a power of two."""
        return 1 if (self.hidden.bit_length() - 1) % 2 == 0 else 2

    @property
    def directions(self) -> int:
        """Directions of the residual stream that are needed; the constants are alone in the first 32."""
        from_token = 10 + self.state_bits + 2 * self.symbol_bits + 2 + self.address_bits
        from_layer_0 = 11 + self.state_bits + self.symbol_bits + 2 * self.address_bits + 2
        from_layer_1 = 3 * self.symbol_bits + 2 + self.state_bits + 2
        return 32 + from_token + from_layer_0 + from_layer_1

    @property
    def heads(self) -> int:
        """Heads of a layer; two are used."""
        return self.hidden // HEAD_DIM

    @property
    def frequencies(self) -> tuple[float, ...]:
        """By how much each rotary pair turns a token, in radians."""
        return tuple(THETA ** (-2 * pair / HEAD_DIM) for pair in range(HEAD_DIM // 2))

    @property
    def content_channels(self) -> tuple[int, ...]:
        """The channels of a head whose rotary pairs stand still, the stillest first."""
        pairs = [pair for pair in reversed(range(HEAD_DIM // 2)) if self.frequencies[pair] < STILL]
        return (*pairs, *(pair + HEAD_DIM // 2 for pair in pairs))

    @property
    def words(self) -> int:
        """The size of the vocabulary."""
        pairs = self.states * self.symbols
        return 6 + pairs + 3 * pairs + self.symbols + self.states + self.cells

    @property
    def first_cell(self) -> int:
        """The leftmost cell of the tape."""
        return -self.cells // 2

    def tuned_to(self, policy: str) -> LlamaConfig:
        """The same configuration with a policy in the weights."""
        return replace(self, policy=policy)

    def machine(self) -> Machine | None:
        """The machine in a tuned network's weights; else None."""
        return None if self.policy is None else Machine.parse(self.policy, "tapehead")

    @classmethod
    def fitting(cls, machine: Machine, **sizes: Any) -> LlamaConfig:
        """The usual configuration, its states and symbols grown to a machine where they are not given.

        >>> LlamaConfig.fitting(Machine(start="a", states=[f"q{i}" for i in range(20)])).states
        32
        """
        need = {"states": len(machine.states), "symbols": len(machine.symbols)}
        usual = cls()
        for name, size in need.items():
            sizes[name] = sizes.get(name) or max(getattr(usual, name), 1 << bits_for(size))
        return cls(**sizes)

    def __str__(self) -> str:
        kind = "llama" if self.policy is None else "tuned llama"
        return f"{kind}, {self.states} states, {self.symbols} symbols, {self.cells:,} cells, hidden {self.hidden}"


_WIDTHS = (128, 256, 512, 1024)


def bits_for(number: int) -> int:
    """Bits that tell so many things apart; one at least.

    >>> bits_for(1), bits_for(8), bits_for(9)
    (1, 3, 4)
    """
    return max(1, (number - 1).bit_length())

"""Every non-zero weight of a network, by the directions it joins, under the sentence that justifies it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from construction.base_network import BLOCKS
from construction.blueprint import Blueprint, Entry
from construction.number_format import Constants
from tm import InputError, Problem

__all__ = ["LLAMA_PARTS", "PARTS", "Part", "explain"]

PARTS = ("embed", *BLOCKS, "unembed")
"""The parts of a network in the order in which a token passes through them."""
LLAMA_PARTS = ("embed", "norm", "LOCATE", "READ", "DECIDE", "unembed")
"""Those of a stock Llama."""


@dataclass(frozen=True, slots=True)
class Part:
    """Weights that share a sentence."""

    part: str
    because: str
    entries: tuple[Entry, ...]

    def lines(self, constants: Constants) -> Iterator[str]:
        """Each weight as `tensor source -> target: weight`, its number behind it where the weight has a name."""
        for entry in self.entries:
            value = entry.weight.value(constants)
            number = f" = {float(value):.17g}" if entry.weight.parameters else ""
            yield f"{entry.tensor.split('.')[-1]:6} {entry.source} -> {entry.target}: {entry.weight}{number}"


def explain(blueprint: Blueprint, part: str | None = None) -> Iterator[Part]:
    """Every non-zero weight of a blueprint, or of the one part that is named (a block also by its number).

    Raises:
        InputError: for a part that there is not.

    >>> from construction import NetworkConfig, draw_base_network
    >>> first = next(explain(draw_base_network(NetworkConfig.of(states=2, symbols=2)), "READ"))
    >>> first.because
    'The query asks for the cell p under the head; p is kept as p + M.'
    """
    only = _part_named(part) if part is not None else None
    for name in PARTS:
        if only in (None, name):
            reasons: dict[str, list[Entry]] = {}
            for entry in blueprint.entries:
                if part_of(entry) == name:
                    reasons.setdefault(entry.because, []).append(entry)
            yield from (Part(name, because, tuple(entries)) for because, entries in reasons.items())


def part_of(entry: Entry) -> str:
    """The part of the network that a weight belongs to."""
    first, *rest = entry.tensor.split(".")
    return BLOCKS[int(rest[0])] if first == "blocks" else first


def _part_named(part: str) -> str:
    names = {name.lower(): name for name in PARTS} | {str(i): name for i, name in enumerate(BLOCKS, 1)}
    if part.lower() not in names:
        raise InputError(Problem("no such block", f"one of {', '.join(PARTS)}, or 1 to {len(BLOCKS)}", repr(part)))
    return names[part.lower()]

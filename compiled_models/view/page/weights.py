"""Every weight matrix of a network with the names of its rows and columns: the whole transformer on one page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compiled_models.view.explanation import PARTS, part_of
from construction.blueprint import Blueprint, Entry
from construction.network import Network
from construction.number_format import Constants
from construction.tuned_network import draw_network

__all__ = ["parts"]

SENTENCES = {
    "embed": "What a token brings along: the rows of its kind and its fields, and t, its number, times W_pos.",
    "LOCATE": "Where is each head, and which cell does each token write?",
    "ADDRESS": "The squares of both, so that a dot product can compare cells.",
    "READ": "What is in the cell under each head?",
    "DECIDE": "Which examples in the prompt match the situation, and what do they do?",
    "unembed": "The logit of every row of the vocabulary; a token's logit is the sum over its kind and its fields.",
}
LETTER, ROOM = 5.5, 12
"""Pixels that a letter of a name takes, and around it."""


def parts(network: Network) -> Iterator[dict[str, Any]]:
    """The parts of a network in the order in which a token passes through them, each with its matrices.

    >>> from construction import base_network
    >>> [part["name"] for part in parts(base_network(states=2, symbols=2))]
    ['embed', 'LOCATE', 'ADDRESS', 'READ', 'DECIDE', 'unembed']
    """
    blueprint = draw_network(network.config)
    for name in PARTS:
        entries = [entry for entry in blueprint.entries if part_of(entry) == name]
        tensors = dict.fromkeys(entry.tensor for entry in entries)
        yield {
            "name": name,
            "sentence": SENTENCES[name],
            "matrices": [m for tensor in tensors for m in _matrices(blueprint, network, tensor, entries)],
        }


def _matrices(blueprint: Blueprint, network: Network, tensor: str, entries: list[Entry]) -> Iterator[dict[str, Any]]:
    """A tensor as matrices, of attention one for each head; rows and columns of zeros are left out."""
    size = network.shape.tensors[tensor]
    for head in range(size[0]) if len(size) == 3 else [None]:
        first = () if head is None else (head,)
        own = [entry for entry in entries if entry.tensor == tensor and entry.index[: len(first)] == first]
        if not own:
            continue
        used = [sorted({entry.index[axis] for entry in own}) for axis in (-2, -1)]
        rows = [blueprint.joins(tensor, (*first, row, 0))[0] for row in used[0]]
        columns = [blueprint.joins(tensor, (*first, 0, column))[1] for column in used[1]]
        yield {
            "name": tensor if head is None else f"{tensor}, head {head + 1}",
            "size": f"{size[-2]} × {size[-1]}",
            "rows": rows,
            "columns": columns,
            "left": round(LETTER * max(map(len, rows)) + ROOM),
            "top": round(LETTER * max(map(len, columns)) + ROOM),
            "entries": [_entry(entry, network, *used) for entry in own],
        }


def _entry(entry: Entry, network: Network, rows: list[int], columns: list[int]) -> dict[str, Any]:
    row, column = rows.index(entry.index[-2]), columns.index(entry.index[-1])
    number = float(entry.weight.value(Constants.of(network.number_format)))
    value = str(entry.weight) + (f" = {number:.17g}" if entry.weight.parameters else "")
    names = {"source": entry.source, "target": entry.target, "because": entry.because}
    return {"row": row, "column": column, "number": number, "weight": value, **names}

"""Every non-zero weight of a stock Llama under the sentence that justifies it.

The layers' weights stand one by one. The embedding and the unembedding say the same of thousands of words: there a line
is a direction, for all words of a kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compiled_models.view.explanation import LLAMA_PARTS
from construction.blueprint import Entry
from construction.llama.blueprint import EMBEDDING, Column, LlamaBlueprint
from construction.llama.config import HEAD_DIM
from tm import InputError, Problem

__all__ = ["LlamaPart", "explain_llama"]

NUMBERS = {"layer 0": ("LOCATE",), "layer 1": ("READ", "DECIDE"), "0": ("LOCATE",), "1": ("READ", "DECIDE")}


@dataclass(frozen=True, slots=True)
class LlamaPart:
    """Weights that share a sentence, a line for each (or for each column of them)."""

    part: str
    because: str
    lines: tuple[str, ...]
    weights: int


def explain_llama(blueprint: LlamaBlueprint, part: str | None = None) -> Iterator[LlamaPart]:
    """Every non-zero weight of a stock Llama, or of the one part that is named (a layer also by its number, 0 or 1).

    Raises:
        InputError: for a part that there is not.

    >>> from construction.llama import LlamaConfig, draw_llama
    >>> first = next(explain_llama(draw_llama(LlamaConfig()), "READ"))
    >>> first.because, first.lines[0]
    ('Which tokens wrote to the cell at this address?', 'q_proj    address[0] -> READ query [bit address[0]]: 256')
    """
    wanted = _parts_named(part)
    sentences: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for entry in blueprint.entries:
        name = part_of(blueprint, entry)
        sentences.setdefault((name, entry.because), []).append((_line(entry), 1))
    for column in blueprint.columns:
        name = "embed" if column.tensor == EMBEDDING else "unembed"
        sentences.setdefault((name, column.because), []).append((_column_line(column), len(column.words)))
    for name in LLAMA_PARTS:
        for (found, because), lines in sentences.items():
            if found == name and name in wanted:
                yield LlamaPart(name, because, tuple(line for line, _ in lines), sum(count for _, count in lines))


def part_of(blueprint: LlamaBlueprint, entry: Entry) -> str:
    """The part of a stock Llama that a weight of its layers belongs to."""
    if "norm" in entry.tensor:
        return "norm"
    layer, kind = int(entry.tensor.split(".")[2]), entry.tensor.split(".")[-2]
    if layer == 0:
        return "LOCATE"
    if entry.tensor.split(".")[3] == "self_attn":
        channel = entry.index[1] if kind == "o_proj" else entry.index[0]
        return blueprint.layers[1].heads[channel // HEAD_DIM].name
    unit = entry.index[1] if kind == "down_proj" else entry.index[0]
    return "READ" if "read" in blueprint.layers[1].units[unit] else "DECIDE"


def _line(entry: Entry) -> str:
    return (
        f"{entry.tensor.split('.')[-2]:9} {entry.source} -> {entry.target}: {_number(float(entry.weight.coefficient))}"
    )


def _column_line(column: Column) -> str:
    low, high = float(column.values.min()), float(column.values.max())
    number = _number(low) if low == high else f"{_number(low)} to {_number(high)}"
    number = f"±{_number(high)}" if set(column.values) == {-high, high} else number
    ends = (column.what, column.direction.name)
    source, target = ends if column.tensor == EMBEDDING else ends[::-1]
    return f"{source} -> {target}: {number}"


def _number(value: float) -> str:
    return f"{value:.9g}"


def _parts_named(part: str | None) -> tuple[str, ...]:
    if part is None:
        return LLAMA_PARTS
    names = {name.lower(): (name,) for name in LLAMA_PARTS} | NUMBERS
    if part.lower() not in names:
        expected = f"one of {', '.join(LLAMA_PARTS)}, or the number of a layer, 0 or 1"
        raise InputError(Problem("no such part", expected, repr(part)))
    return names[part.lower()]

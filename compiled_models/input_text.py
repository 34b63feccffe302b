"""Inputs and start cells as text: on the command line, in tables, and in the results of a sweep."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tm import Input, InputError, Machine, Problem
from tm.text import json_shown

__all__ = ["head_of", "input_of", "json_input", "text_of"]


def input_of(machine: Machine, text: str) -> Input:
    """The input that an argument says.

    A symbol for each character, spaces too; for several tapes one such text a tape, separated by commas. A text that
    is a JSON list of strings, or of lists of strings, is that list, unless all its characters are symbols of the
    machine: then it is read character by character, as every other text.

    >>> machine = Machine.read("a [ -> b 1 R\\na ] -> b zero R")
    >>> input_of(machine, "[]"), input_of(machine, '["zero", "1"]')
    ('[]', ['zero', '1'])
    """
    symbols = json_input(machine, text)
    if symbols is not None:
        return symbols
    if machine.tapes == 1:
        return text
    parts = text.split(",")
    return [*parts, *[""] * (machine.tapes - len(parts))]


def json_input(machine: Machine, text: str) -> list[Any] | None:
    """The list that a text is as JSON, of strings or of lists of strings; None for a text that is to be read as it is.

    >>> json_input(Machine.read("a 0 -> b 1 R"), '["0", "1"]'), json_input(Machine.read("a 0 -> b 1 R"), "[0]")
    (['0', '1'], None)
    """
    if text[:1] != "[" or set(text) <= set(machine.symbols):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    flat = [item for part in value for item in (part if isinstance(part, list) else [part])]
    return value if all(isinstance(item, str) for item in flat) else None


def head_of(text: str | None) -> int | list[int]:
    """The start cell, or the start cells separated by commas.

    Raises:
        InputError: for anything but integers.
    """
    try:
        cells = [int(part) for part in (text or "0").split(",")]
    except ValueError:
        raise InputError(
            Problem("--head takes a cell, or one for each tape", "such as 3 or 0,-2", repr(text))
        ) from None
    return cells[0] if len(cells) == 1 else cells


def text_of(tapes: Sequence[Sequence[str]]) -> str:
    """The symbols on each tape as a text that `input_of` reads: characters, or JSON where symbols are longer.

    >>> text_of([["1", "0"]]), text_of([["1"], []]), text_of([["a1", "b"]]), text_of([[","], ["1"]])
    ('10', '1,', '["a1", "b"]', '[[","], ["1"]]')
    """
    plain = all(len(symbol) == 1 and (symbol != "," or len(tapes) == 1) for tape in tapes for symbol in tape)
    if plain:
        return ",".join("".join(tape) for tape in tapes)
    return json_shown([list(tape) for tape in tapes] if len(tapes) > 1 else list(tapes[0]))

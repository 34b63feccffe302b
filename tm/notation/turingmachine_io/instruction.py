"""What a table entry of turingmachine.io says to do: `R`, a synonym, or `{write: 1, L: carry}`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tm.name import quoted
from tm.notation.common.spelling import is_one_unit
from tm.notation.common.yaml_tree import Node
from tm.notation.turingmachine_io.scalar import spoken
from tm.notation.turingmachine_io.specification import Specification

__all__ = ["Instruction", "near", "read_instruction"]

_MOVES = {"L": "L", "R": "R", "N": "S"}
_KEYS = ("write", "L", "R", "N")


class Instruction(NamedTuple):
    """What to write (None: what was read), how to move and where to go (None: nowhere else)."""

    write: str | None
    move: str
    state: str | None


def near(word: str, known: Iterable[str]) -> str:
    """A suggestion: the known word that is closest, if any is close.

    >>> near("carryy", ["carry", "done"]), near("x", ["carry"])
    ('did you mean carry?', '')
    """
    close = difflib.get_close_matches(word, list(known), 1)
    return f"did you mean {quoted(close[0])}?" if close else ""


def read_instruction(
    spec: Specification, node: Node, states: Iterable[str], synonyms: Mapping[str, Instruction | None] | None
) -> Instruction | None:
    """The instruction that a node says; None, and problems of the builder, where it says none.

    `synonyms` is None inside a synonym, which cannot use another one; a synonym that is wrong itself maps to None.
    """
    if node.kind == "mapping":
        return _read_mapping(spec, node, states)
    word = spoken(node)
    if word in _MOVES:
        return _warned(spec, node, Instruction(None, _MOVES[word], None), word)
    if word is not None and synonyms and word in synonyms:
        return synonyms[word]
    expected = "L, R, a synonym, or a mapping such as {write: 1, L: carry}"
    hint = near(word or "", ["L", "R", *(synonyms or ())])
    if synonyms is None:
        hint = "a synonym cannot be defined by another one"
    message = "a missing instruction" if word is None else "no such instruction"
    spec.problem(message, node, expected=expected, found=word or "", hint=hint)
    return None


def _warned(spec: Specification, node: Node, instruction: Instruction, move: str) -> Instruction:
    if move == "N":
        spec.warning("turingmachine.io itself has no N (no move); some forks of it have", node)
    return instruction


def _read_mapping(spec: Specification, node: Node, states: Iterable[str]) -> Instruction | None:
    before = len(spec.builder.problems)
    parts = spec.mapping(node, "key")
    for key, (key_node, _) in parts.items():
        if key not in _KEYS:
            spec.problem(
                "no such key in an instruction", key_node, expected="write, L or R", found=key, hint=near(key, _KEYS)
            )
    moves = [key for key in parts if key in _MOVES]
    if len(moves) != 1:
        found = " and ".join(moves) or "none"
        spec.problem("an instruction has one move", node, expected="either L or R", found=found)
    write = _written(spec, parts["write"][1]) if "write" in parts else None
    state = spoken(parts[moves[0]][1]) if moves else None
    if state is not None and state not in states:
        spec.problem(
            f"state {quoted(state)} is never defined",
            parts[moves[0]][1],
            expected="a state of the table",
            found=state,
            hint=near(state, states) or f"add a line `{state}:` to the table if the machine halts there",
        )
    if len(spec.builder.problems) > before:
        return None
    return _warned(spec, node, Instruction(write, _MOVES[moves[0]], state), moves[0])


def _written(spec: Specification, node: Node) -> str | None:
    symbol = "null" if spoken(node) is None else spoken(node)
    if symbol is None or not is_one_unit(symbol):
        hint = "put a space in quotes: ' '" if spoken(node) is None else ""
        spec.problem("what is written is one character", node, expected="as in write: 1", found=symbol or "", hint=hint)
        return None
    return symbol

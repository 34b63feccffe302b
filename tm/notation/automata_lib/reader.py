"""Reads a machine of automata-lib from Python source or JSON; nothing of the source is ever run."""

from __future__ import annotations

import ast
import json
import warnings
from collections import Counter
from typing import Any

from tm.errors import MachineError
from tm.machine import Machine
from tm.notation.automata_lib.arguments import machine_of
from tm.notation.common.annotation import restored
from tm.notation.common.builder import Builder

__all__ = ["read"]

_KINDS = ("DTM", "NTM", "MNTM")


def read(text: str, source: str | None = None) -> Machine:
    """The machine of a text: the one call of DTM, NTM or MNTM in it, or a JSON object. Raises MachineError.

    >>> text = "DTM(transitions={'a': {'0': ('b', '0', 'R')}}, initial_state='a', blank_symbol='.', final_states={'b'})"
    >>> read(text).accept
    ('b',)
    """
    builder = Builder(text, source)
    if text.lstrip().startswith("{"):
        return machine_of(_object(builder), builder)
    call = _call(builder)
    arguments = _literals(builder, call)
    if builder.problems:
        raise MachineError(*builder.problems)
    return restored(machine_of(arguments, builder, (call.lineno, call.col_offset + 1), _called(call)), text, source)


def _object(builder: Builder) -> dict[str, Any]:
    """The object that a JSON text holds."""
    try:
        value: dict[str, Any] = json.loads("\n".join(builder.lines), object_pairs_hook=_without_repeats)
        return value
    except json.JSONDecodeError as error:
        builder.problem(f"this is no JSON: {error.msg}", (error.lineno, error.colno))
    except (ValueError, RecursionError) as error:
        builder.problem("this is no JSON", (1, 1), found=str(error)[:100])
    raise MachineError(*builder.problems)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        repeated = next(key for key, count in Counter(keys).items() if count > 1)
        raise ValueError(f"the key {repeated!r} comes twice")
    return dict(pairs)


def _call(builder: Builder) -> ast.Call:
    """The one call of a machine's class in Python source."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the source, such as for an escape that is none
            module = ast.parse("\n".join(builder.lines))
        calls = [node for node in ast.walk(module) if isinstance(node, ast.Call) and _called(node) in _KINDS]
    except SyntaxError as error:
        line = min(error.lineno or 1, len(builder.lines))
        builder.problem(f"this is no Python: {error.msg}", (max(1, line), max(1, error.offset or 1)))
        raise MachineError(*builder.problems) from None
    except (RecursionError, MemoryError, ValueError) as error:
        builder.problem("this is no Python that can be read", (1, 1), found=type(error).__name__)
        raise MachineError(*builder.problems) from None
    if len(calls) != 1:
        expected = "one call of DTM, NTM or MNTM"
        builder.problem("the text holds no single machine", (1, 1), expected=expected, found=f"{len(calls)} of them")
        raise MachineError(*builder.problems)
    return calls[0]


def _called(call: ast.Call) -> str:
    function = call.func
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def _literals(builder: Builder, call: ast.Call) -> dict[str, Any]:
    """The keyword arguments of a call, which have to be literals."""
    arguments = {}
    for extra in call.args:
        hint = "automata-lib takes every argument by its name"
        builder.problem("an argument without a name", (extra.lineno, extra.col_offset + 1), hint=hint)
    for keyword in call.keywords:
        place = (keyword.value.lineno, keyword.value.col_offset + 1)
        try:
            arguments[keyword.arg or "**"] = ast.literal_eval(keyword.value)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            hint = "write it out: nothing of the source is run"
            name = keyword.arg or f"**{ast.unparse(keyword.value)[:40]}"
            builder.problem(f"`{name}` is not written out", place, expected="a literal", hint=hint)
    return arguments

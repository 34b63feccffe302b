"""What turingmachine.io takes a scalar for: its YAML library reads numbers and booleans, of which it makes strings."""

from __future__ import annotations

import math
import re

from tm.notation.yaml_tree import Node

__all__ = ["is_integer_like", "spoken"]

_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {"true": "true", "True": "true", "TRUE": "true", "false": "false", "False": "false", "FALSE": "false"}
_INTEGER = re.compile(r"[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*(:[0-5]?[0-9])*)")
_FLOAT = re.compile(r"[-+]?([0-9][0-9_]*\.[0-9_]*|\.[0-9_]+|[0-9][0-9_]*)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"([-+]?)\.(inf|Inf|INF)")
_EXACT = 2**53
"""JavaScript's numbers hold every integer up to here."""


def spoken(node: Node) -> str | None:
    """The string that turingmachine.io makes of a scalar, None for a null; of a list, its strings joined by commas.

    >>> from tm.notation.yaml_tree import tree
    >>> [spoken(item) for item in tree("[0, '0011', 0011, 0x1F, 1e3, no, ~, [a, b]]").items]
    ['0', '0011', '9', '31', '1000', 'no', None, 'a,b']
    """
    if node.kind == "sequence":
        return ",".join(spoken(item) or "" for item in node.items)
    if node.kind == "mapping":
        return "[object Object]"
    text = node.text
    if node.style:
        return text
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INTEGER.fullmatch(text):
        return _number(_integer(text.replace("_", "")))
    if _FLOAT.fullmatch(text):
        return _number(float(text.replace("_", "")) if any(c.isdigit() for c in text) else math.nan)
    infinite = _INFINITE.fullmatch(text)
    if infinite:
        return "-Infinity" if infinite[1] == "-" else "Infinity"
    return "NaN" if text in (".nan", ".NaN", ".NAN") else text


def _integer(text: str) -> float | int:
    sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text.removeprefix("+"))
    if ":" in digits:  # to the base 60
        value = 0
        for part in digits.split(":"):
            value = value * 60 + int(part)
    elif digits[:2] in ("0b", "0x"):
        value = int(digits, 0) if len(digits) > 2 else 0
    else:
        value = int(digits, 8 if digits[0] == "0" else 10)
    return sign * value


def _number(value: float | int) -> str:
    """A number as JavaScript makes a string of it."""
    if isinstance(value, int) and abs(value) > _EXACT:
        try:
            value = float(value)
        except OverflowError:
            return "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    text = repr(float(value))
    return re.sub(r"e([-+])0*", r"e\1", text)


def is_integer_like(key: str) -> bool:
    """Whether JavaScript lists a property of this name before those that are not numbers.

    >>> is_integer_like("0"), is_integer_like("01"), is_integer_like("0,1")
    (True, False, False)
    """
    return re.fullmatch(r"0|[1-9][0-9]{0,9}", key) is not None and int(key) < 2**32 - 1

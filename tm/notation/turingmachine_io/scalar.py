"""What turingmachine.io takes a scalar for: its YAML library reads numbers and booleans, of which it makes strings."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from tm.notation.common.yaml_tree import Node

__all__ = ["is_integer_like", "spoken"]

_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {"true": "true", "True": "true", "TRUE": "true", "false": "false", "False": "false", "FALSE": "false"}
_INTEGER = re.compile(
    r"[-+]?(0|0b_*[01][01_]*|0x_*[0-9a-fA-F][0-9a-fA-F_]*|0_*[0-7][0-7_]*|(?!0)_*[0-9][0-9_]*(:[0-5]?[0-9])*)"
)
_FLOAT = re.compile(
    r"[-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?|\.[0-9_]+([eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*"
)
"""A float has a point, a sign before its exponent, and one before itself only where a digit follows."""
_INFINITE = re.compile(r"([-+]?)\.(inf|Inf|INF)")
_EXACT = 2**53
"""JavaScript's numbers hold every integer up to here."""
_SHORT = 16
"""Digits: integers of fewer are exact as floats, too."""


def spoken(node: Node) -> str | None:
    """The string that turingmachine.io makes of a scalar, None for a null; of a list, its strings joined by commas.

    >>> from tm.notation.common.yaml_tree import tree
    >>> [spoken(item) for item in tree("[0, '0011', 0011, 0x1F, 1e3, 1.e+3, no, ~, [a, b]]").items]
    ['0', '0011', '9', '31', '1e3', '1000', 'no', None, 'a,b']
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
        return _number(_float(text.replace("_", "")))
    infinite = _INFINITE.fullmatch(text)
    if infinite:
        return "-Infinity" if infinite[1] == "-" else "Infinity"
    return "NaN" if text in (".nan", ".NaN", ".NAN") else text


def _integer(text: str) -> float | int:
    sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text.removeprefix("+"))
    if digits[:2] in ("0b", "0x"):
        return sign * int(digits, 0)
    if digits[0] == "0":  # octal, as far as the digits are
        return sign * int(re.match(r"[0-7]+", digits)[0], 8)  # type: ignore[index]
    if ":" not in digits and len(digits) < _SHORT:
        return sign * int(digits)
    return sign * _base_60(digits)


def _float(text: str) -> float:
    if ":" in text:
        return -_base_60(text[1:]) if text[0] == "-" else _base_60(text.removeprefix("+"))
    return float(text) if any(c.isdigit() for c in text) else math.nan


def _base_60(text: str) -> float:
    """The number that parts between colons make, to the base 60; a lone part is itself."""
    value, base = 0.0, 1.0
    for part in reversed(text.split(":")):
        value += float(part) * base
        base *= 60
    return value


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
        return format(Decimal(repr(value + 0)), "f").removesuffix(".0")
    text = repr(float(value))
    return re.sub(r"e([-+])0*", r"e\1", text)


def is_integer_like(key: str) -> bool:
    """Whether JavaScript lists a property of this name before those that are not numbers.

    >>> is_integer_like("0"), is_integer_like("01"), is_integer_like("0,1")
    (True, False, False)
    """
    return re.fullmatch(r"0|[1-9][0-9]{0,9}", key) is not None and int(key) < 2**32 - 1

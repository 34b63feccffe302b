"""YAML as a tree of nodes with their places, nothing resolved: no numbers, no dates, no aliases, no tags.

A tab is white space wherever YAML 1.2 has it so: after a colon, before a comment, at a line's end, inside brackets.
Only as indentation it is refused. turingmachine.io's own YAML library takes some scalars for numbers or booleans, of
which the tool makes strings again: `spoken` gives those.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.scanner import Scanner, ScannerError

from tm.errors import MachineError, Problem

__all__ = ["Node", "is_integer_like", "spoken", "tree"]

DEEPEST = 20
"""Levels of nesting: a machine's table needs four."""
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

# ------------------------------------------------------------------------------------------------------------- the tree


@dataclass
class Node:
    """A scalar (`text`), a sequence (`items`) or a mapping (`pairs`), and where it begins, from 1.

    `style` is how a scalar is written: "" for a plain one, else its quotation mark, | or >.
    """

    kind: str
    line: int
    column: int
    text: str = ""
    style: str = ""
    items: list[Node] = field(default_factory=list)
    pairs: list[tuple[Node, Node]] = field(default_factory=list)


def tree(text: str, source: str | None = None) -> Node | None:
    """The tree of a YAML text, None where it holds nothing.

    Raises MachineError for what is no YAML, for aliases and tags, and for what is far too deep.

    >>> root = tree("table: {a: [0, 1]}")
    >>> [item.text for item in root.pairs[0][1].pairs[0][1].items]
    ['0', '1']
    """
    try:
        reader = YAML(typ="safe", pure=True)
        reader.Scanner = _Scanner
        return _built(reader.parse(text), text, source)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = " ".join(filter(None, [error.context, error.problem]))
        raise _error(f"this is no YAML: {message}", place, text, source) from None
    except YAMLError as error:
        raise MachineError(Problem("this is no YAML", found=str(error).split("\n")[0], source=source)) from None
    except MachineError:
        raise
    except (ValueError, IndexError, TypeError, AttributeError, AssertionError, OverflowError) as error:
        # the scanner stumbles over some broken texts instead of refusing them
        raise MachineError(Problem("this is no YAML", found=f"{error}"[:100], source=source)) from None


class _Scanner(Scanner):
    """ruamel's scanner, which takes tabs only inside brackets, with tabs wherever they do not indent."""

    def scan_to_next_token(self) -> None:
        reader = self.reader
        super().scan_to_next_token()
        while reader.peek() == "\t":
            mark, before = reader.get_mark(), reader.buffer[reader.pointer - reader.column : reader.pointer]
            while reader.peek() in " \t":
                reader.forward()
            if not (before.strip() or self.flow_level or reader.peek() in "#\0\r\n\x85\u2028\u2029"):
                raise ScannerError(None, None, "a tab indents this line, where YAML wants spaces", mark)
            super().scan_to_next_token()

    def scan_plain_spaces(self, indent: int, start_mark: Any) -> Any:
        length = 0
        while self.reader.peek(length) in " \t":
            length += 1
        white = self.reader.prefix(length)
        if "\t" not in white:
            return super().scan_plain_spaces(indent, start_mark)
        self.reader.forward(length)
        return super().scan_plain_spaces(indent, start_mark) or [white]

    def scan_block_scalar_ignored_line(self, start_mark: Any) -> Any:
        while self.reader.peek() in " \t":
            self.reader.forward()
        return super().scan_block_scalar_ignored_line(start_mark)


def _error(message: str, place: tuple[int, int], text: str, source: str | None, hint: str = "") -> MachineError:
    line, column = place
    rows = text.split("\n")
    row = rows[line - 1] if line <= len(rows) else ""
    return MachineError(Problem(message, "", "", hint, source, line, column, row.replace("\t", " ")))


def _built(events: Iterator[Any], text: str, source: str | None) -> Node | None:
    """The root of the nodes that the events tell of."""
    root: Node | None = None
    open_nodes: list[Node] = []
    documents = 0
    for event in events:
        place = (event.start_mark.line + 1, event.start_mark.column + 1) if event.start_mark else (1, 1)
        documents += isinstance(event, DocumentStartEvent)
        refusal = _refusal(event, documents, len(open_nodes))
        if refusal:
            raise _error(refusal[0], place, text, source, refusal[1])
        if isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            open_nodes.pop()
        node = _node(event, place)
        if node is None:
            continue
        if open_nodes:
            open_nodes[-1].items.append(node)
            _pair(open_nodes[-1])
        else:
            root = node
        if node.kind != "scalar":
            open_nodes.append(node)
    return root


def _node(event: Any, place: tuple[int, int]) -> Node | None:
    """The node that an event begins, if it does."""
    if isinstance(event, ScalarEvent):
        return Node("scalar", *place, text=event.value, style=event.style or "")
    if isinstance(event, MappingStartEvent):
        return Node("mapping", *place)
    return Node("sequence", *place) if isinstance(event, SequenceStartEvent) else None


def _pair(parent: Node) -> None:
    """Make a pair of a mapping's key and value as soon as both are there."""
    if parent.kind == "mapping" and len(parent.items) == 2:
        parent.pairs.append((parent.items[0], parent.items[1]))
        parent.items = []


def _refusal(event: Any, documents: int, depth: int) -> tuple[str, str] | None:
    """Why an event is refused, and how to mend it; None where it is not."""
    if isinstance(event, AliasEvent):
        return "an alias is not read", "write out what it stands for; turingmachine.io has synonyms for that"
    if getattr(event, "tag", None) and not isinstance(event, DocumentStartEvent):
        return "a tag is not read", "leave it out: what a value is, is seen from the value"
    if documents > 1:
        return "a second document in one text", "keep one"
    return ("nested too deeply", "") if depth > DEEPEST else None


# -------------------------------------------------------------------------------------------------------------- scalars


def spoken(node: Node) -> str | None:
    """The string that turingmachine.io makes of a scalar, None for a null; of a list, its strings joined by commas.

    >>> from tm.notation.turingmachine_io.yaml import tree
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

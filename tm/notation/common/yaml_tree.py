"""YAML as a tree of nodes with their places, nothing resolved: no numbers, no dates, no aliases, no tags.

A tab is white space wherever YAML 1.2 has it so: after a colon, before a comment, at a line's end, inside brackets.
Only as indentation it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
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

__all__ = ["Node", "tree"]

DEEPEST = 20
"""Levels of nesting: a machine's table needs four."""


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

"""The YAML of a machine for turingmachine.io, bare or inside an exported document, with places in the user's file."""

from __future__ import annotations

from tm.errors import MachineError, Problem
from tm.name import quoted
from tm.notation.common.builder import Builder, Place
from tm.notation.common.yaml_tree import Node, tree
from tm.notation.turingmachine_io.scalar import spoken

__all__ = ["Specification"]

Parts = dict[str, tuple[Node, Node]]


class Specification:
    """The top level of a machine's YAML, key by key, and where things stand in the text it came from.

    The exported document holds the machine's own YAML as a block of text under `source code`.

    >>> sorted(Specification(Builder("blank: 0\\ntable: {a: }")).parts)
    ['blank', 'table']
    """

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.name = ""
        self._shift: Place | None = (0, 0)  # from the places of the nodes to those of the text; None: not known
        self._whole = Node("mapping", 1, 1)
        self.parts = self._top("\n".join(builder.lines))
        if "source code" in self.parts and "table" not in self.parts:
            self._open(self.parts)

    def _top(self, text: str) -> Parts:
        try:
            root = tree(text, self.builder.source)
        except MachineError as error:
            raise MachineError(*(self._moved(problem) for problem in error.problems)) from None
        if root is None or root.kind != "mapping":
            expected = "a mapping with blank, start state and table"
            found = "nothing" if root is None else f"a {root.kind}"
            self.problem("the text holds no machine", root or Node("scalar", 1, 1), expected=expected, found=found)
            raise MachineError(*self.builder.problems)
        return self.mapping(root, "key")

    def _open(self, document: Parts) -> None:
        """Go on with the YAML inside the document."""
        code = document["source code"][1]
        if "name" in document:
            self.name = spoken(document["name"][1]) or ""
        self._whole = code
        self._shift = None
        if code.style in ("|", ">"):
            below = [row for row in self.builder.lines[code.line :] if row.strip()]
            indent = len(below[0]) - len(below[0].lstrip(" ")) if below else 0
            self._shift = (code.line, indent)
        self.parts = self._top(code.text)

    def place(self, node: Node) -> Place:
        """Where a node stands in the user's text."""
        if self._shift is None:
            return self._whole.line, self._whole.column
        line = node.line + self._shift[0]
        return min(line, len(self.builder.lines)), node.column + self._shift[1]

    def _moved(self, problem: Problem) -> Problem:
        line, column = self.place(Node("scalar", problem.line or 1, problem.column or 1))
        text = self.builder.lines[line - 1].replace("\t", " ")
        return Problem(
            problem.message, problem.expected, problem.found, problem.hint, problem.source, line, column, text
        )

    def problem(self, message: str, node: Node, *, expected: str = "", found: str = "", hint: str = "") -> None:
        """Note that something is wrong with a node."""
        self.builder.problem(message, self.place(node), expected=expected, found=found, hint=hint)

    def warning(self, message: str, node: Node, *, found: str = "", hint: str = "") -> None:
        """Note what turingmachine.io does with a node without a word."""
        self.builder.warning(message, self.place(node), found=found, hint=hint)

    def mapping(self, node: Node, what: str) -> Parts:
        """The entries of a mapping by their keys as the tool says them; a problem for each key that comes twice."""
        parts: Parts = {}
        for key_node, value in node.pairs:
            key = spoken(key_node)
            key = "null" if key is None else key
            if key == "<<" and not key_node.style:
                self.problem("a merge key", key_node, hint="write out what it stands for; a name << stands in quotes")
            if key in parts:
                self.problem(f"the {what} {quoted(key)} comes twice", key_node, hint="keep one")
            parts.setdefault(key, (key_node, value))
        return parts

"""Reads turingmachine.io's YAML, bare or inside an exported document, as its own parser does."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from tm.errors import MachineError, Problem
from tm.machine import Machine
from tm.notation.common.annotation import apply_annotation
from tm.notation.common.builder import Builder, Place
from tm.notation.common.spelling import is_one_unit
from tm.notation.turingmachine_io.yaml import Node, is_integer_like, spoken, tree
from tm.rule import Rule
from tm.start import typed
from tm.text import quoted

__all__ = ["read", "verdict"]

_ACCEPT = re.compile(r"(q|q_)?acc(ept(ed|ing)?)?", re.IGNORECASE)
_REJECT = re.compile(r"(q|q_)?rej(ect(ed|ing)?)?", re.IGNORECASE)
_MOVES = {"L": "L", "R": "R", "N": "S"}
_KEYS = ("write", "L", "R", "N")


def verdict(state: str) -> bool | None:
    """What the name of a halting state says: accept (also qaccept, accepted, acc), reject, or nothing.

    >>> verdict("accept"), verdict("qrej"), verdict("done")
    (True, False, None)
    """
    return True if _ACCEPT.fullmatch(state) else False if _REJECT.fullmatch(state) else None


def read(text: str, source: str | None = None) -> Machine:
    """The machine of a YAML text, bare or exported. Raises MachineError with every reason and its place.

    >>> print(*read("{blank: 0, start state: a, table: {a: {0: R, 1: {write: 0, L: b}}, b: }}").rules, sep="\\n")
    a 0 -> a 0 R
    a 1 -> b 0 L
    """
    builder = Builder(text, source)
    return apply_annotation(_Reader(Specification(builder)).machine(), text, source)


class _Reader:
    def __init__(self, spec: Specification) -> None:
        self.spec = spec
        self.blank = self._character("blank")
        self.table = self._mapping("table") or {}
        self.start = self._start()
        self.synonyms = {
            name: read_instruction(spec, value, self.table, None)
            for name, (_, value) in (self._mapping("synonyms") or {}).items()
        }
        for state, (key, value) in self.table.items():
            self._state(state, key, value)

    def machine(self) -> Machine:
        builder = self.spec.builder
        if builder.problems:
            raise MachineError(*builder.problems)
        ruled = {rule.state for rule in builder.rules}
        verdicts = {state: verdict(state) for state in self.table if state not in ruled}
        machine = builder.machine(
            name=self.spec.name,
            blank=self.blank,
            start=self.start,
            accept=[state for state, accepts in verdicts.items() if accepts],
            reject=[state for state, accepts in verdicts.items() if accepts is False],
            states=self.table,
        )
        return machine.sampled(typed(machine, self._input()))

    def _input(self) -> str:
        """The sample input; the tool takes a number 0 and a false for none."""
        node = self.spec.parts["input"][1] if "input" in self.spec.parts else None
        text = spoken(node) if node else None
        falsy = node is not None and not node.style and (text in ("0", "false") or node.text.lower() == ".nan")
        return "" if text is None or falsy else text

    def _top(self, key: str) -> Node | None:
        """The value of a key of the top level; a problem where it is missing, unless it may be."""
        if key in self.spec.parts and spoken(self.spec.parts[key][1]) is not None:
            return self.spec.parts[key][1]
        if key != "synonyms":
            hint = near(key, set(self.spec.parts) - {key}) or {"blank": "say for instance blank: ' '"}.get(key, "")
            node = self.spec.parts[key][0] if key in self.spec.parts else Node("mapping", 1, 1)
            message = f"`{key}:` has no value" if key in self.spec.parts else f"`{key}:` is missing"
            self.spec.problem(message, node, expected=f"`{key}:` and a value", hint=hint)
        return None

    def _mapping(self, key: str) -> dict[str, tuple[Node, Node]] | None:
        node = self._top(key)
        if node is not None and node.kind != "mapping":
            self.spec.problem(
                f"`{key}:` is a mapping", node, expected="names, each with what belongs to it", found=node.kind
            )
            return None
        return self.spec.mapping(node, "state" if key == "table" else "synonym") if node else None

    def _character(self, key: str) -> str:
        node = self._top(key)
        symbol = spoken(node) if node else " "
        if node and (symbol is None or not is_one_unit(symbol)):
            self.spec.problem(f"the {key} is one character", node, expected="as in blank: ' '", found=symbol or "")
        return symbol or " "

    def _start(self) -> str:
        node = self._top("start state")
        state = (spoken(node) if node else None) or ""
        if node and self.table and state not in self.table:
            hint = near(state, self.table)
            self.spec.problem(
                "the start state is not in the table", node, expected="one of its states", found=state, hint=hint
            )
        return state

    def _state(self, state: str, key: Node, value: Node) -> None:
        """Add the rules of a state."""
        if not state:
            self.spec.problem("a state without a name", key, expected="a name")
        elif value.kind == "mapping":
            self._rules(state, value)
        elif spoken(value) is not None or value.kind != "scalar":
            expected = "symbols with their instructions, or nothing where the machine halts"
            self.spec.problem(f"state {quoted(state)} is no mapping", value, expected=expected, found=value.kind)

    def _rules(self, state: str, value: Node) -> None:
        entries = self.spec.mapping(value, "symbol")
        winners: dict[str, tuple[Instruction, Node]] = {}
        for key in sorted(entries, key=_property_order(entries)):
            key_node, action = entries[key]
            instruction = read_instruction(self.spec, action, self.table, self.synonyms)
            for symbol in _symbols(key):
                if not is_one_unit(symbol):
                    self.spec.warning("this never applies: a symbol is one character", key_node, found=symbol)
                elif instruction is not None:
                    self._overlap(state, symbol, winners, key_node)
                    winners[symbol] = (instruction, key_node)
        for symbol, (instruction, node) in winners.items():
            write = symbol if instruction.write is None else instruction.write
            rule = Rule(state, (symbol,), instruction.state or state, (write,), (instruction.move,))
            self.spec.builder.rule(rule, self.spec.place(node))

    def _overlap(self, state: str, symbol: str, winners: dict[str, tuple[Instruction, Node]], node: Node) -> None:
        if symbol in winners:
            line, _ = self.spec.place(winners[symbol][1])
            message = f"state {quoted(state)} has a second instruction for {quoted(symbol)}; this one applies"
            hint = "take the symbol from one of the two keys"
            self.spec.warning(message, node, found=f"the one on line {line} does not", hint=hint)


def _property_order(entries: Iterable[str]) -> Callable[[str], tuple[int, int]]:
    """JavaScript's order of an object's properties: numbers first, then as written. The last one wins."""
    order = {key: index for index, key in enumerate(entries)}
    return lambda key: (0, int(key)) if is_integer_like(key) else (1, order[key])


def _symbols(key: str) -> list[str]:
    """The symbols that a key stands for; a list is its items joined by commas, and two commas stand for the symbol.

    >>> _symbols("0,1"), _symbols(","), _symbols(",,"), _symbols("0,,,1")
    (['0', '1'], [','], [','], ['0', ',', '1'])
    """
    symbols: list[str] = []
    for part in key.split(","):
        if not part and symbols and not symbols[-1]:
            symbols[-1] = ","
        else:
            symbols.append(part)
    return [symbol for symbol in symbols if symbol] or symbols


# --------------------------------------------------------------------------------------------------------- instructions


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


# -------------------------------------------------------------------------------------------------------- the top level


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

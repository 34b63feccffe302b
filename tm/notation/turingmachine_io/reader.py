"""Reads turingmachine.io's YAML as its own parser does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from tm.errors import MachineError
from tm.machine import Machine
from tm.name import quoted
from tm.notation.common.annotation import restored
from tm.notation.common.builder import Builder
from tm.notation.common.spelling import is_one_unit
from tm.notation.common.yaml_tree import Node
from tm.notation.turingmachine_io.instruction import Instruction, near, read_instruction
from tm.notation.turingmachine_io.scalar import is_integer_like, spoken
from tm.notation.turingmachine_io.specification import Specification
from tm.rule import Rule
from tm.start import typed

__all__ = ["read", "verdict"]

_ACCEPT = re.compile(r"(q|q_)?acc(ept(ed|ing)?)?", re.IGNORECASE)
_REJECT = re.compile(r"(q|q_)?rej(ect(ed|ing)?)?", re.IGNORECASE)


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
    return restored(_Reader(Specification(builder)).machine(), text, source)


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
            accept=[state for state, said in verdicts.items() if said],
            reject=[state for state, said in verdicts.items() if said is False],
            states=self.table,
        )
        return machine.sampled(typed(machine, self._input()))

    def _input(self) -> str:
        """The sample input; the tool takes a number 0 and a false for none."""
        node = self.spec.parts["input"][1] if "input" in self.spec.parts else None
        said = spoken(node) if node else None
        falsy = node is not None and not node.style and (said in ("0", "false") or node.text.lower() == ".nan")
        return "" if said is None or falsy else said

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

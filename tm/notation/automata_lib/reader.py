"""Reads automata-lib's machines, from Python source, JSON or objects; nothing of the source is ever run."""

from __future__ import annotations

import ast
import difflib
import json
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tm.errors import MachineError, Problem
from tm.inputs import Inputs
from tm.integers import is_integer
from tm.machine import Machine
from tm.notation.common.annotation import apply_annotation
from tm.notation.common.builder import Builder, Place
from tm.rule import Rule
from tm.text import is_name, quoted

if TYPE_CHECKING:
    from automata.tm.dtm import DTM
    from automata.tm.mntm import MNTM
    from automata.tm.ntm import NTM

__all__ = ["from_automata", "machine_of", "read"]

_KINDS = ("DTM", "NTM", "MNTM")
_MOVES = {"L": "L", "R": "R", "N": "S", "S": "S"}
_NEEDED = ("transitions", "initial_state", "blank_symbol", "final_states")
_KNOWN = (*_NEEDED, "states", "input_symbols", "tape_symbols", "n_tapes", "name")


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
    return apply_annotation(
        machine_of(arguments, builder, (call.lineno, call.col_offset + 1), _called(call)), text, source
    )


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


# ------------------------------------------------------------------------------------------------------------ arguments


_Action = tuple[str, tuple[str, ...], tuple[str, ...]]


def machine_of(arguments: Mapping[str, Any], builder: Builder, place: Place = (1, 1), kind: str = "") -> Machine:
    """The machine that keyword arguments of DTM, NTM or MNTM describe; `kind` is which, where it is known.

    NTM and MNTM may have choices; such a machine is nondeterministic. Raises MachineError with every reason: what is
    missing or misspelled, and a DTM with a choice.

    >>> arguments = {"transitions": {"a": {"0": ("b", "0", "R")}}, "initial_state": "a", "blank_symbol": ".",
    ...              "final_states": {"b"}}
    >>> print(*machine_of(arguments, Builder("")).rules)
    a 0 -> b 0 R
    """
    return _Reading(arguments, builder, place, kind).machine()


class _Reading:
    def __init__(self, arguments: Mapping[str, Any], builder: Builder, place: Place, kind: str) -> None:
        self.arguments, self.builder, self.place, self.kind = arguments, builder, place, kind
        for key in arguments:
            if key not in _KNOWN:
                self._problem("no such argument", str(key), hint=_near(str(key), _KNOWN))
        for key in _NEEDED:
            if key not in arguments:
                self._problem(f"`{key}` is missing", ", ".join(map(str, arguments))[:200])
        self.tapes = self._tapes()
        self.final = self._names("final_states")
        self.states = self._names("states")
        self.symbols = [*self._names("tape_symbols"), *self._names("input_symbols")]

    def _problem(self, message: str, found: str, expected: str = "", hint: str = "") -> None:
        self.builder.problem(message, self.place, expected=expected, found=found[:200], hint=hint)

    def _tapes(self) -> int:
        tapes = self.arguments.get("n_tapes", 1)
        if not is_integer(tapes, 1) or tapes > 99:
            self._problem("the number of tapes is a positive integer", repr(tapes), "1 to 99")
            return 1
        return tapes

    def _names(self, key: str) -> list[str]:
        """The names in a set or list of them, sorted if it is a set, since a set has no order that lasts."""
        value = self.arguments.get(key, ())
        if not isinstance(value, (set, frozenset, list, tuple)):
            self._problem(f"`{key}` is no set of names", repr(value))
            return []
        odd = [name for name in value if not is_name(name)]
        if odd:
            self._problem(f"`{key}` holds something that is no name", repr(odd[0]), "a string")
        names = [name for name in value if isinstance(name, str)]
        return sorted(names) if isinstance(value, (set, frozenset)) else names

    def machine(self) -> Machine:
        """The machine. Raises MachineError with every problem."""
        table = self.arguments.get("transitions", {})
        if not isinstance(table, Mapping):
            self._problem("`transitions` is no mapping", repr(table), "states, each with its transitions")
            table = {}
        for state, row in table.items():
            for rule in self._row(state, row):
                self.builder.rule(rule, self.place)
        start, blank = self.arguments.get("initial_state"), self.arguments.get("blank_symbol")
        for key, value, known in (("initial_state", start, self.states), ("blank_symbol", blank, self.symbols)):
            if value is not None and known and value not in known:
                self._problem(f"`{key}` is not among the names", repr(value), "", _near(str(value), known))
        if self.builder.problems:
            raise MachineError(*self.builder.problems)
        return self.builder.machine(
            name=self.arguments.get("name", ""),
            tapes=self.tapes,
            blank=blank,
            start=start,
            accept=self.final,
            states=self.states,
            symbols=self.symbols,
            decides=True,
            nondeterministic=True,
            inputs=Inputs(unknown="reject"),
        )

    def _row(self, state: object, row: object) -> Iterator[Rule]:
        """The rules of one state."""
        if not isinstance(row, Mapping):
            self._problem(f"the transitions of state {state!r} are no mapping", repr(row))
            return
        if state in self.final and row:
            hint = "take it from the final states, or leave its transitions out"
            self._problem(f"the final state {state!r} has transitions", repr(next(iter(row))), "none", hint)
            return
        self._known_state(state)
        for read, results in row.items():
            symbols = self._read_symbols(read)
            for action in self._actions(f"state {state!r}, reading {read!r}", results):
                if symbols and self._known_state(action[0]) and self._known_symbols((*symbols, *action[1])):
                    yield Rule(str(state), symbols, *action)

    def _known_state(self, state: object) -> bool:
        if not is_name(state) or (self.states and state not in self.states):
            hint = _near(str(state), self.states)
            self._problem(f"state {state!r} is never defined", repr(state), "one of `states`", hint)
            return False
        return True

    def _known_symbols(self, symbols: Iterable[str]) -> bool:
        odd = [symbol for symbol in symbols if not is_name(symbol) or (self.symbols and symbol not in self.symbols)]
        for symbol in odd:
            hint = _near(str(symbol), self.symbols)
            self._problem(f"symbol {symbol!r} is not on the tape", repr(symbol), "one of `tape_symbols`", hint)
        return not odd

    def _read_symbols(self, key: object) -> tuple[str, ...] | None:
        """The symbols that a key of a row says, one a tape; a tuple, or in JSON a string that holds them."""
        symbols = _split(key, self.tapes)
        if symbols is None:
            expected = f"{self.tapes} symbols" if self.tapes > 1 else "a symbol"
            self._problem("what is read is not said", repr(key), expected)
        return symbols

    def _actions(self, where: str, results: Any) -> Iterator[_Action]:
        """What may be done: next state, symbols written and moves; a problem for anything else."""
        choices = _choices(results)
        if self.kind == "DTM" and len(choices) != 1:
            hint = "a machine with choices is an NTM, or an MNTM"
            self._problem("a DTM that is not deterministic", f"{len(choices)} choices in {where}", "one choice", hint)
            return
        for choice in choices:
            parts = _parts(choice, self.tapes)
            if parts is None:
                expected = "(state, symbol, direction)" if self.tapes == 1 else "(state, ((symbol, direction), ...))"
                self._problem(f"no transition for {where}", repr(results), expected)
            elif odd := [move for move in parts[2] if move not in _MOVES]:
                self._problem(f"no such direction for {where}", repr(odd[0]), "L, R or N")
            else:
                yield parts[0], parts[1], tuple(_MOVES[move] for move in parts[2])


def _near(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), 1)
    return f"did you mean {quoted(close[0])}?" if close else ""


def _split(key: object, tapes: int) -> tuple[str, ...] | None:
    if isinstance(key, (tuple, list)):
        return tuple(key) if len(key) == tapes and all(isinstance(part, str) for part in key) else None
    if not isinstance(key, str):
        return None
    if tapes == 1:
        return (key,)
    for parse in (json.loads, ast.literal_eval):
        try:
            value = parse(key) if key[:1] in "[(" else None
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(value, (list, tuple)) and len(value) == tapes and all(isinstance(part, str) for part in value):
            return tuple(value)
    parts = key.split(",")
    if len(parts) == tapes:
        return tuple(part.strip() or part for part in parts)
    return tuple(key) if len(key) == tapes else None


def _choices(results: Any) -> list[Any]:
    """The possible actions: those of a set or a list of them, or a single one that stands by itself."""
    if isinstance(results, (set, frozenset)):
        return sorted(results, key=repr)
    if isinstance(results, (list, tuple)) and not (results and isinstance(results[0], str)):
        return list(results)
    return [results]


def _parts(choice: Any, tapes: int) -> _Action | None:
    if not isinstance(choice, (list, tuple)) or not choice or not isinstance(choice[0], str):
        return None
    pairs = [choice[1:]] if len(choice) == 3 and tapes == 1 else choice[1] if len(choice) == 2 else None
    if not isinstance(pairs, (list, tuple)) or len(pairs) != tapes:
        return None
    for pair in pairs:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2 or not all(isinstance(part, str) for part in pair):
            return None
    return choice[0], tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)


# -------------------------------------------------------------------------------------------------------------- objects


def from_automata(automaton: DTM | NTM | MNTM) -> Machine:
    """The machine of a DTM, NTM or MNTM; nondeterministic where it leaves a choice.

    Raises MachineError for any other object.

    >>> from tm.notation.automata_lib import to_automata
    >>> machine = Machine.read("start: a\\naccept: b\\na 0 -> b 1 R")
    >>> from_automata(to_automata(machine)) == machine
    True
    """
    kind = type(automaton).__name__
    names = ("states", "input_symbols", "tape_symbols", "transitions", "initial_state", "blank_symbol", "final_states")
    if not all(hasattr(automaton, name) for name in names):
        raise MachineError(Problem("this is no machine of automata-lib", "a DTM, NTM or MNTM", kind))
    arguments: dict[str, Any] = {name: getattr(automaton, name) for name in names}
    if hasattr(automaton, "n_tapes"):
        arguments["n_tapes"] = automaton.n_tapes
    return machine_of(arguments, Builder(""), (1, 1), kind)

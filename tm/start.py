"""How a run starts: the machine declared with its input, what stands on every tape, and the cell of every head."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, product
from typing import TypeGuard

from tm.errors import InputError, Problem
from tm.inputs import Sample
from tm.integers import is_integer
from tm.machine import Machine
from tm.rule import OTHER, Rule
from tm.text import is_name, json_shown, quoted

__all__ = ["Heads", "Input", "Start", "declared", "typed"]

_LONGEST_LIST = 200
"""Characters of a list that a message shows."""

Input = str | Sequence[str] | Sequence[Sequence[str]]
"""A string (a symbol per character) or a list of symbols; for k tapes a list of k of those."""

Heads = int | Sequence[int]
"""The start cell of every head, or a list with one for each tape."""


@dataclass(frozen=True)
class Start:
    """A machine and its input, as everything that runs one takes them: the only place where a machine meets its input.

    Attributes:
        machine: with all the symbols of the input, and with the rules that its rules for others stand for there.
        input: the symbols on each tape.
        head: the start cell of each head.

    Given again, these mean the same: `Start.of(start.machine, start.input, start.head)` is `start`.
    """

    machine: Machine
    input: tuple[tuple[str, ...], ...]
    head: tuple[int, ...]

    @classmethod
    def of(cls, machine: Machine, input: Input = "", head: Heads = 0) -> Start:
        """The start of a run, from an input and a start cell as the caller may write them.

        A string is a symbol per character, save what `machine.inputs` says of characters that mean something else; for
        several tapes a plain string is the first tape's, and the others stay blank. A character that the machine does
        not name is taken for a slip, unless the machine has rules for symbols that it does not name, or
        `machine.inputs.unknown` is "reject". A list names its symbols outright: it may hold one that no rule mentions,
        on which the machine halts.

        Raises InputError, with every reason, for a wrong number of tapes or heads and for unknown symbols.

        >>> machine = Machine(start="a", symbols=["0", "1"])
        >>> Start.of(machine, "10").input, Start.of(machine, ["1", "2"]).machine.symbols
        ((('1', '0'),), ('_', '0', '1', '2'))
        """
        parts = _by_tape(machine, input)
        if len(parts) != machine.tapes:
            expected = f"{machine.tapes}, one for each tape"
            hint = 'for a blank tape write ""; a list of symbols for the first tape stands in a list of its own'
            raise InputError(Problem("wrong number of inputs", expected, str(len(parts)), hint))
        marks = [_mark(machine, part) for part in parts]
        tapes = [_typed(machine, part) if isinstance(part, str) else part for part in parts]
        if problems := list(_problems(machine, parts, tapes)):
            raise InputError(*problems)
        symbols = tuple(tuple(tape) for tape in tapes if isinstance(tape, (list, tuple)))
        full_machine = declared(machine, chain.from_iterable(symbols))
        return cls(full_machine, symbols, _start_cells(machine, head, marks))


def typed(machine: Machine, *texts: str) -> Sample:
    """What texts mean that are typed, one for each tape; symbols that the machine does not name are let through.

    >>> typed(Machine.read("0 1 0 r 0", "morphett"), "1 1*1")
    Sample(tapes=(('1', '_', '1', '1'),), heads=(3,))
    """
    return Sample(tuple(_typed(machine, text) for text in texts), tuple(_mark(machine, text) or 0 for text in texts))


def _by_tape(machine: Machine, input: object) -> list[object]:
    """The parts of an input, one for each tape it has something for; what they hold is not looked at."""
    if isinstance(input, str):
        return [input, *[""] * (machine.tapes - 1)]
    if not isinstance(input, (list, tuple)):
        raise InputError(Problem("an input is a string or a list of symbols", found=repr(input)))
    nested = machine.tapes > 1 or any(isinstance(part, (list, tuple)) for part in input)
    return list(input) if nested else [input]


def _means_more(machine: Machine, character: str) -> bool:
    return bool(character) and character not in machine.symbols


def _mark(machine: Machine, part: object) -> int | None:
    """The cell that a typed part marks as the head's, if it marks one."""
    mark = machine.inputs.mark
    return part.index(mark) if isinstance(part, str) and _means_more(machine, mark) and mark in part else None


def _typed(machine: Machine, part: str) -> tuple[str, ...]:
    """A typed part's symbols, one per character."""
    inputs = machine.inputs
    text = part.replace(inputs.mark, "") if _means_more(machine, inputs.mark) else part
    blanks = inputs.blank if _means_more(machine, inputs.blank) else None
    if blanks is None or blanks not in text:
        return tuple(text)
    return tuple(machine.blank if character == blanks else character for character in text)


def _is_tape(part: object) -> TypeGuard[str | list[object] | tuple[object, ...]]:
    return isinstance(part, (str, list, tuple))


def _problems(machine: Machine, parts: list[object], tapes: list[object]) -> Iterator[Problem]:
    for number, (part, tape) in enumerate(zip(parts, tapes, strict=True)):
        which = f" of tape {number + 1}" if machine.tapes > 1 else ""
        if not _is_tape(tape):
            yield Problem(f"the input{which} is a string or a list of symbols", found=repr(part))
        elif isinstance(part, str) and _long(machine) and " " not in machine.symbols and " " in tape:
            message = f"the input{which} has spaces, and a string is a symbol for each character"
            yield Problem(message, _json(parts), repr(part), "give symbols longer than a character as this list (JSON)")
        else:
            yield from _unknown(machine, parts, tape, which, isinstance(part, str))


def _unknown(
    machine: Machine, parts: list[object], tape: Sequence[object], which: str, typed: bool
) -> Iterator[Problem]:
    """A problem for each symbol on a tape that the machine cannot take, with the cells on which it stands."""
    any_name = not typed or bool(machine.others) or machine.inputs.unknown == "reject"
    symbols = set(machine.symbols)

    def fits(symbol: object) -> bool:
        return isinstance(symbol, str) and (symbol in symbols or (any_name and is_name(symbol)))

    strings = typed or {*map(type, tape)} == {str}
    if strings and all(map(fits, set(tape))):  # a tape may be long, and it has few symbols
        return
    cells: dict[str, list[int]] = {}
    for cell, symbol in enumerate(tape):
        if not fits(symbol):
            cells.setdefault(quoted(symbol) if isinstance(symbol, str) else repr(symbol), []).append(cell)
    if not cells:
        return
    expected = "one of " + " ".join(map(quoted, machine.symbols))
    as_list = "give a list of strings" + (f" ({_json(parts)})" if _long(machine) else "")
    hint = f"declare it (`symbols:`), {as_list}, or have it rejected (`unknown: reject`, --unknown reject)"
    for name, where in cells.items():
        yield Problem(f"the machine has no symbol {name}", expected, f"{name} on {_cells(where)}{which}", hint)


def _long(machine: Machine) -> bool:
    return any(len(symbol) > 1 for symbol in machine.symbols)


def _json(parts: list[object]) -> str:
    """An input as a list, its words as symbols: what was meant where a text has spaces."""
    words = [part.split() if isinstance(part, str) else [*map(str, part)] for part in parts if _is_tape(part)]
    text = json_shown(words[0] if len(words) == 1 else words)
    return text if len(text) <= _LONGEST_LIST else f"{text[:_LONGEST_LIST]}…"


def _cells(cells: list[int]) -> str:
    numbers = ", ".join(map(str, cells[:5])) + (f" and {len(cells) - 5} more" if len(cells) > 5 else "")
    return f"cell {numbers}" if len(cells) == 1 else f"cells {numbers}"


def _start_cells(machine: Machine, head: Heads, marks: list[int | None]) -> tuple[int, ...]:
    """The start cell of each head; one integer stands for all of them, and a mark in the input for its tape's."""
    heads: list[object] = list(head) if isinstance(head, (list, tuple)) else [head] * machine.tapes
    if len(heads) != machine.tapes:
        raise InputError(Problem("wrong number of heads", f"{machine.tapes}, one for each tape", repr(head)))
    cells = [cell for cell in heads if is_integer(cell)]
    if len(cells) != len(heads):
        raise InputError(Problem("a head starts on a cell", "an integer", repr(head)))
    twice = [cell for cell, mark in zip(cells, marks, strict=True) if cell and mark is not None]
    if twice:
        expected = f"a start cell, or {machine.inputs.mark} before it in the input"
        raise InputError(Problem("the start cell is said twice", expected, f"both, and the cell {twice[0]}"))
    return tuple(cell if mark is None else mark for cell, mark in zip(cells, marks, strict=True))


# --------------------------------------------------------------------------------- symbols that a machine does not name


def declared(machine: Machine, symbols: Iterable[str]) -> Machine:
    """The machine with more symbols, and with the rules that its rules for others stand for there.

    Those are what some notations' wildcards match beyond the file's own symbols. Such a rule holds the empty string:
    where it reads, for any symbol that the machine does not name, and where it writes, for the one read on that tape.

    >>> from tm import Machine, Rule
    >>> machine = Machine(rules=[Rule("a", ("0",), "a", ("1",), ("R",))], others=[Rule("a", ("",), "a", ("",), ("R",))])
    >>> print(*declared(machine, ["x"]).rules, sep="\\n")
    a 0 -> a 1 R
    a x -> a x R
    """
    new = [symbol for symbol in dict.fromkeys(symbols) if symbol not in machine.symbols]
    if not new:
        return machine
    rules = [rule for other in machine.others for rule in _expanded(other, new)]
    return replace(machine, symbols=(*machine.symbols, *new), rules=(*machine.rules, *rules))


def _expanded(other: Rule, new: list[str]) -> Iterator[Rule]:
    for read in product(*(new if symbol == OTHER else [symbol] for symbol in other.read)):
        write = tuple(
            under_head if symbol == OTHER else symbol for symbol, under_head in zip(other.write, read, strict=True)
        )
        yield replace(other, read=read, write=write)

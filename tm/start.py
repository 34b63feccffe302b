"""How a run starts: the input on every tape and the cell of every head, as the caller may write them."""

from __future__ import annotations

from collections.abc import Sequence

from tm.errors import InputError, Problem
from tm.machine import Machine
from tm.name import is_name, quoted
from tm.others import declared

__all__ = ["Heads", "Input", "declaring", "start_heads", "start_input"]

Input = str | Sequence[str] | Sequence[Sequence[str]]
"""A string (a symbol per character) or a list of symbols; for k tapes a list of k of those."""

Heads = int | Sequence[int]
"""The start cell of every head, or a list with one for each tape."""


def start_input(machine: Machine, input: Input = "") -> tuple[tuple[str, ...], ...]:
    """The input as symbols, tape by tape, all of them the machine's, unless it has rules for others (see `declaring`).

    For several tapes a plain string is the first tape's, the others stay blank. Raises InputError for a wrong number of
    tapes and for unknown symbols, all of them at once.

    >>> start_input(Machine(start="a", tapes=2, symbols=["0", "1"]), ["10", ["0"]])
    (('1', '0'), ('0',))
    """
    tapes = _by_tape(machine, input)
    if len(tapes) != machine.tapes:
        wanted = f"{machine.tapes}, one for each tape"
        hint = 'for a blank tape write ""; a list of symbols for the first tape stands in a list of its own'
        raise InputError(Problem("wrong number of inputs", wanted, str(len(tapes)), hint))
    problems = [problem for tape, part in enumerate(tapes) for problem in _unknown(machine, tape, part)]
    if problems:
        raise InputError(*problems)
    return tuple(tuple(part) for part in tapes if isinstance(part, (str, list, tuple)))


def declaring(machine: Machine, input: Input) -> Machine:
    """The machine with the symbols that an input declares: those of a list, which names its symbols outright.

    A string is read with the machine's symbols, and an unknown character in it is taken for a slip, unless the machine
    has rules for symbols that it does not name; a list may hold a symbol that no rule mentions, on which a machine
    without such rules simply halts. Raises InputError for what is no input.

    >>> machine = Machine(start="a", symbols=["0", "1"])
    >>> declaring(machine, ["1", "2"]).symbols, declaring(machine, "12").symbols
    (('_', '0', '1', '2'), ('_', '0', '1'))
    """
    naming = (str, list, tuple) if machine.others else (list, tuple)
    parts = [part for part in _by_tape(machine, input) if isinstance(part, naming)]
    return declared(machine, [symbol for part in parts for symbol in part if is_name(symbol)])


def _by_tape(machine: Machine, input: object) -> list[object]:
    """The parts of an input, one for each tape it has something for; what they hold is not looked at."""
    if isinstance(input, str):
        return [input, *[""] * (machine.tapes - 1)]
    if not isinstance(input, (list, tuple)):
        raise InputError(Problem("an input is a string or a list of symbols", found=repr(input)))
    nested = machine.tapes > 1 or any(isinstance(part, (list, tuple)) for part in input)
    return list(input) if nested else [input]


def _unknown(machine: Machine, tape: int, part: object) -> list[Problem]:
    """A problem for each symbol on a tape that the machine has not, with the cells on which it stands."""
    which = f" of tape {tape}" if machine.tapes > 1 else ""
    if not isinstance(part, (str, list, tuple)):
        return [Problem(f"the input{which} is a string or a list of symbols", found=repr(part))]
    cells: dict[str, list[int]] = {}
    written = {symbol: quoted(symbol) for symbol in machine.symbols}
    for cell, symbol in enumerate(part):
        if machine.others and is_name(symbol):
            continue  # the machine has rules for it
        if not isinstance(symbol, str) or symbol not in written:
            cells.setdefault(quoted(symbol) if isinstance(symbol, str) else repr(symbol), []).append(cell)
    known = "one of " + " ".join(written.values())
    hint = "mend the input, or declare the symbol: with `symbols:`, or by giving the input as a list of symbols"
    return [
        Problem(f"the machine has no symbol {name}", known, f"{name} on {_cells(where)}{which}", hint)
        for name, where in cells.items()
    ]


def _cells(cells: list[int]) -> str:
    shown = ", ".join(map(str, cells[:5])) + (f" and {len(cells) - 5} more" if len(cells) > 5 else "")
    return f"cell {shown}" if len(cells) == 1 else f"cells {shown}"


def start_heads(machine: Machine, head: Heads = 0) -> tuple[int, ...]:
    """The start cell of each head. One integer stands for all of them. Raises InputError for anything else.

    >>> start_heads(Machine(start="a", tapes=2), -1), start_heads(Machine(start="a", tapes=2), [0, 3])
    ((-1, -1), (0, 3))
    """
    heads: list[object] = list(head) if isinstance(head, (list, tuple)) else [head] * machine.tapes
    if len(heads) != machine.tapes:
        raise InputError(Problem("wrong number of heads", f"{machine.tapes}, one for each tape", repr(head)))
    cells = [cell for cell in heads if isinstance(cell, int) and not isinstance(cell, bool)]
    if len(cells) != len(heads):
        raise InputError(Problem("a head starts on a cell", "an integer", repr(head)))
    return tuple(cells)

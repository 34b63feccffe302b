"""Writes a machine for automata-lib: as Python source, or as one of its objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from tm.errors import MachineError, Problem
from tm.machine import Machine
from tm.notation.automata_lib.reader import read
from tm.notation.common.annotation import unsupported, write_annotated

if TYPE_CHECKING:
    from automata.tm.dtm import DTM
    from automata.tm.mntm import MNTM
    from automata.tm.ntm import NTM

__all__ = ["arguments_of", "kind_of", "refuse", "to_automata", "write"]

_MOVES = {"L": "L", "R": "R", "S": "N"}


def write(machine: Machine) -> str:
    """The machine as a call of DTM, of NTM where it has choices, or of MNTM for several tapes.

    Raises MachineError for weights, and for a start state that is final or has no transitions, which automata-lib
    refuses.

    >>> print(write(Machine.read("start: a\\nblank: .\\naccept: b\\na 0 -> b . R")), end="")
    from automata.tm.dtm import DTM
    <BLANKLINE>
    machine = DTM(
        states={'a', 'b'},
        input_symbols={'0'},
        tape_symbols={'.', '0'},
        transitions={
            'a': {
                '0': ('b', '.', 'R'),
            },
        },
        initial_state='a',
        blank_symbol='.',
        final_states={'b'},
    )
    """
    refuse(machine)
    return write_annotated(machine, _body, read, states={}, symbols={})


def refuse(machine: Machine) -> None:
    """Raise MachineError for what automata-lib cannot hold."""
    problems = list(unsupported(machine, "automata-lib", tapes=99, choices=True))
    hint = "begin with a step into that state"
    if machine.start in machine.accept:
        problems.append(Problem("automata-lib refuses a start state that is final", found=machine.start, hint=hint))
    elif all(rule.state != machine.start for rule in machine.rules):
        message = "automata-lib refuses a start state without transitions"
        problems.append(Problem(message, found=machine.start, hint="write the machine in another notation"))
    if problems:
        raise MachineError(*problems)


def kind_of(machine: Machine) -> str:
    """The class that a machine is written as.

    >>> kind_of(Machine.read("a 0 -> b 1 S"))
    'DTM'
    """
    return "MNTM" if machine.tapes > 1 else "NTM" if machine.nondeterministic else "DTM"


def arguments_of(machine: Machine) -> dict[str, Any]:
    """The keyword arguments of the machine's class, in their order.

    >>> arguments_of(Machine.read("a 0 -> b 1 S"))["transitions"]
    {'a': {'0': ('b', '1', 'N')}}
    """
    table: dict[str, dict[Any, Any]] = {}
    for rule in machine.rules:
        pairs = tuple((symbol, _MOVES[move]) for symbol, move in zip(rule.write, rule.moves, strict=True))
        row = table.setdefault(rule.state, {})
        if machine.tapes > 1:
            row.setdefault(rule.read, []).append((rule.next_state, pairs))
        elif machine.nondeterministic:
            row.setdefault(rule.read[0], set()).add((rule.next_state, *pairs[0]))
        else:
            row[rule.read[0]] = (rule.next_state, *pairs[0])
    return {
        "states": set(machine.states),
        "input_symbols": set(machine.symbols) - {machine.blank},
        "tape_symbols": set(machine.symbols),
        **({"n_tapes": machine.tapes} if machine.tapes > 1 else {}),
        "transitions": table,
        "initial_state": machine.start,
        "blank_symbol": machine.blank,
        "final_states": set(machine.accept),
    }


def _body(machine: Machine, comments: list[str]) -> str:
    kind = kind_of(machine)
    lines = [*(f"# {comment}" for comment in comments), f"from automata.tm.{kind.lower()} import {kind}", ""]
    lines += [f"machine = {kind}("]
    for key, value in arguments_of(machine).items():
        if key == "transitions":
            lines += ["    transitions={", *_rows(value), "    },"]
        else:
            lines.append(f"    {key}={_literal(value)},")
    return "\n".join([*lines, ")"]) + "\n"


def _rows(table: dict[str, dict[Any, Any]]) -> Iterator[str]:
    for state, row in table.items():
        yield f"        {state!a}: {{"
        for symbols, result in row.items():
            yield f"            {symbols!a}: {_literal(result)},"
        yield "        },"


def _literal(value: object) -> str:
    if not isinstance(value, set):
        return ascii(value)
    return _set(value) if value else "set()"


def _set(names: Iterable[str]) -> str:
    return "{" + ", ".join(map(ascii, sorted(names))) + "}"


def to_automata(machine: Machine) -> DTM | NTM | MNTM:
    """The machine as a DTM, as an NTM where it has choices, or as an MNTM where it has several tapes.

    A machine that leaves open whether it accepts gets no final state: automata-lib then always rejects. Raises
    MachineError where automata-lib is not installed, and for what it cannot hold.

    >>> to_automata(Machine.read("start: a\\naccept: b\\na 0 -> b 1 R")).accepts_input("0")
    True
    """
    refuse(machine)
    try:
        from automata.tm.dtm import DTM
        from automata.tm.mntm import MNTM
        from automata.tm.ntm import NTM
    except ImportError:
        hint = "pip install automata-lib"
        raise MachineError(Problem("automata-lib is not installed", "the package automata-lib", "", hint)) from None
    arguments = arguments_of(machine)
    return {"DTM": DTM, "NTM": NTM, "MNTM": MNTM}[kind_of(machine)](**arguments)

"""Machines to and from the objects of automata-lib, which is only needed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tm.errors import MachineError, Problem
from tm.machine import Machine
from tm.notation.automata_lib.arguments import machine_of
from tm.notation.automata_lib.writer import arguments_of, kind_of, refuse
from tm.notation.common.builder import Builder

if TYPE_CHECKING:
    from automata.tm.dtm import DTM
    from automata.tm.mntm import MNTM
    from automata.tm.ntm import NTM

__all__ = ["from_automata", "to_automata"]


def from_automata(automaton: DTM | NTM | MNTM) -> Machine:
    """The machine of a DTM, NTM or MNTM; nondeterministic where it leaves a choice.

    Raises MachineError for any other object.

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

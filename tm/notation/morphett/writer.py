"""A machine in Morphett's notation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from tm.errors import MachineError, Problem
from tm.machine import Machine
from tm.notation.common.annotation import unsupported, write_annotated
from tm.notation.common.spelling import is_one_unit, state_spelling, symbol_spelling
from tm.notation.morphett.reader import fields, halts, read

__all__ = ["VARIANT", "write"]

_MOVES = {"L": "l", "R": "r", "S": "*"}


VARIANT = "non-deterministic variant of the simulator"
"""What a comment says of a text in which two rules for the same are choices."""


def write(machine: Machine, *, choices: bool = False) -> str:
    """The machine in Morphett's notation. Raises MachineError for several tapes, for weights and, without `choices`,
    for nondeterminism.

    Names that cannot stand there get others, which a comment tells our reader; another one tells the start state,
    which has to be typed into the simulator's options unless it is 0.

    >>> print(write(Machine.read("blank: 0\\na 0 -> b 1 S")), end="")
    ; The initial state is a: type it under the simulator's advanced options.
    ; tapehead: {"symbols": {"_": "0"}}
    a _ 1 * b
    """
    problems = list(unsupported(machine, "morphett", choices=choices))
    if machine.nondeterministic and not choices:
        problems[-1] = replace(problems[-1], hint="write it as morphett-nondeterministic")
    if not machine.rules:
        problems.append(Problem("morphett cannot say it: a machine without rules", "a rule", "none"))
    if problems:
        raise MachineError(*problems)
    ruled = {rule.state for rule in machine.rules + machine.others}
    states = state_spelling(machine.states, lambda name: _is_word(name) and not (name in ruled and halts(name)))
    symbols = symbol_spelling(machine.symbols, _is_symbol, {machine.blank: "_"})
    comments = [*([f"This is for the {VARIANT}."] if choices else []), *_comments(machine, states)]
    return write_annotated(
        machine,
        _body,
        partial(read, choices=choices),
        states=states,
        symbols=symbols,
        comments=comments,
        wildcards=True,
    )


def _comments(machine: Machine, states: dict[str, str]) -> Iterator[str]:
    start = states.get(machine.start, machine.start)
    if start != "0":
        yield f"The initial state is {start}: type it under the simulator's advanced options."


def _initial_tape(machine: Machine) -> Iterator[str]:
    """The comment that puts the sample input on the tape, the head before the cell that `*` marks."""
    sample = machine.inputs.sample
    if sample is None:
        return
    tape, head = sample.tapes[0], sample.heads[0]
    if 0 <= head <= len(tape) and all(name == machine.blank or _is_symbol(name) for name in tape):
        text = "".join(tape)
        yield f"$INITIAL_TAPE: {text[:head]}*{text[head:]}" if head else f"$INITIAL_TAPE: {text}"


def _is_word(name: str) -> bool:
    one_word = name.isprintable() and [word for word, _ in fields(name)] == [name]
    return one_word and name != "*"


def _is_symbol(name: str) -> bool:
    return is_one_unit(name) and _is_word(name) and name != "_" and not name.isspace()


def _body(machine: Machine, comments: list[str]) -> str:
    comments = [*_initial_tape(machine), *comments]
    rows = [
        f"{rule.state} {rule.read[0] or '*'} {rule.write[0] or '*'} {_MOVES[rule.moves[0]]} {rule.next_state}"
        for rule in machine.rules + machine.others
    ]
    return "\n".join([*(f"; {comment}" for comment in comments), *rows]) + "\n"

"""Writes a machine as YAML for turingmachine.io."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tm.errors import MachineError
from tm.machine import Machine
from tm.notation.common.annotation import written
from tm.notation.common.spelling import is_one_unit, state_spelling, symbol_spelling
from tm.notation.common.unsupported import unsupported
from tm.notation.common.yaml_tree import Node
from tm.notation.turingmachine_io.reader import read
from tm.notation.turingmachine_io.scalar import spoken
from tm.notation.turingmachine_io.stays import without_stays

__all__ = ["write"]

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*|_")  # __2 is the number 2
_LONGEST_NAME = 200  # YAML wants a key on one line, and within 1024 characters


def write(machine: Machine) -> str:
    """The machine as bare YAML. Raises MachineError for several tapes and for weights.

    turingmachine.io always moves: a rule that stays becomes two moves through a state of its own, as a comment says.

    >>> print(write(Machine.read("a 0 -> a 1 R\\na _ -> b _ L")), end="")
    blank: _
    start state: a
    table:
      a:
        '0': {write: '1', R}
        _: {L: b}
      b:
    """
    problems = list(unsupported(machine, "turingmachine.io"))
    if problems:
        raise MachineError(*problems)
    moving, added = without_stays(machine)
    comments = []
    if added:
        comments = [f"Where the machine stays, it moves right and back left, in {len(added)} more states:"]
        comments += [f"  {quoted_name(name)}" for name in added if _is_state(name)]
    states = state_spelling(moving.states, _is_state)
    symbols = symbol_spelling(moving.symbols, _is_symbol, {})
    return written(moving, _body, read, states=states, symbols=symbols, comments=comments)


def _is_state(name: str) -> bool:
    return name.isprintable() and len(name) <= _LONGEST_NAME


def _is_symbol(name: str) -> bool:
    return is_one_unit(name) and name.isprintable()


def quoted_name(name: str) -> str:
    """A printable name as a YAML scalar: plain where it is a word that means nothing else, otherwise in quotes.

    >>> print(quoted_name("carry"), quoted_name("0"), quoted_name("it's"), quoted_name("no"), quoted_name("__2"))
    carry '0' 'it''s' 'no' '__2'
    """
    means_more = name.lower() in {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
    plain = _PLAIN.fullmatch(name) and not means_more and spoken(Node("scalar", 1, 1, name)) == name
    return name if plain else "'" + name.replace("'", "''") + "'"


def _body(machine: Machine, comments: list[str]) -> str:
    lines = [f"# {comment}" for comment in comments]
    sample = machine.inputs.sample
    if sample and not any(sample.heads) and all(map(_is_symbol, sample.tapes[0])):
        lines.append(f"input: {quoted_name(''.join(sample.tapes[0]))}")
    lines += [f"blank: {quoted_name(machine.blank)}", f"start state: {quoted_name(machine.start)}", "table:"]
    for state in machine.states:
        lines += [f"  {quoted_name(state)}:", *_rows(machine, state)]
    return "\n".join(lines) + "\n"


def _rows(machine: Machine, state: str) -> Iterator[str]:
    for rule in machine.rules:
        if rule.state == state:
            (symbol,), (write,), (move,) = rule.read, rule.write, rule.moves
            key = quoted_name(symbol)
            writing = "" if write == symbol else f"write: {quoted_name(write)}, "
            going = "" if rule.next_state == state else f": {quoted_name(rule.next_state)}"
            yield f"    {key}: {move}" if not writing and not going else f"    {key}: {{{writing}{move}{going}}}"

"""Writes a machine as YAML for turingmachine.io, in which every step moves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tm.errors import MachineError
from tm.machine import Machine
from tm.notation.common.annotation import unsupported, write_annotated
from tm.notation.common.spelling import is_one_unit, state_spelling, symbol_spelling
from tm.notation.turingmachine_io.reader import read
from tm.notation.turingmachine_io.yaml import Node, spoken
from tm.rule import Rule

__all__ = ["without_stays", "write"]

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
    return write_annotated(moving, _body, read, states=states, symbols=symbols, comments=comments)


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


# ------------------------------------------------------------------------------------------------------ steps that stay


def without_stays(machine: Machine) -> tuple[Machine, list[str]]:
    """A machine of one tape that does the same and always moves, and the states that it has more.

    Where a rule stays and goes to q, the new one moves right, to a state `q back`; from there every symbol leads left,
    to q, and is kept. Tapes, heads, states and acceptance are those of the machine at the end, only the steps are more.

    >>> moving, added = without_stays(Machine.read("a 0 -> b 1 S"))
    >>> print(*moving.rules, added, sep="\\n")
    a 0 -> "b back" 1 R
    "b back" _ -> b _ L
    "b back" 0 -> b 0 L
    "b back" 1 -> b 1 L
    ['b back']
    """
    back: dict[str, str] = {}
    rules = []
    for rule in machine.rules:
        if rule.moves == ("S",):
            if rule.next_state not in back:
                back[rule.next_state] = _fresh(f"{rule.next_state} back", machine.states)
            rule = replace(rule, next_state=back[rule.next_state], moves=("R",))
        rules.append(rule)
    for target, state in back.items():
        rules += [Rule(state, (symbol,), target, (symbol,), ("L",)) for symbol in machine.symbols]
    return replace(machine, rules=tuple(rules), states=(*machine.states, *back.values())), list(back.values())


def _fresh(name: str, names: tuple[str, ...]) -> str:
    while name in names:
        name += "'"
    return name

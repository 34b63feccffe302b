"""New spellings for names that a notation cannot write."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tm import Machine, MachineError, Rule
from tm.notation.common.spelling import state_spelling, symbol_spelling
from tm.registry import read, readers, write, writers

BOTH = sorted({*readers()} & {*writers()} - {"busy-beaver"})


@pytest.mark.parametrize("notation", BOTH)
@pytest.mark.parametrize("length", [199, 200, 201, 2_000])
def test_long_names_go_through_every_notation(notation, length):
    states = ["x" * length, "x" * (length - 1) + "y", "z " * length, "\n" * length, "\u0301" * length]
    rules = [Rule(state, ("_",), following, ("1",), ("R",)) for state, following in pairwise(states)]
    machine = Machine(rules=rules, accept=states[-1:])
    assert read(write(machine, notation), notation) == machine


@given(st.lists(st.text(min_size=1, max_size=8), unique=True), st.integers(4, 12))
def test_every_state_gets_a_legal_spelling_of_its_own(names, longest):
    def legal(name: str) -> bool:
        return bool(re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name)) and len(name) <= longest

    spelled = state_spelling(names, legal)
    final = [spelled.get(name, name) for name in names]
    assert len(set(final)) == len(names)
    assert all(legal(name) for name in final if name in spelled.values())
    assert all(name in spelled or legal(name) for name in names)


def test_thousands_of_states_that_all_want_the_same_spelling():
    names = [chr(0x4E00 + number) for number in range(20_000)]
    spelled = state_spelling(names, lambda name: name.isascii())
    assert len(set(spelled.values())) == 20_000
    assert list(spelled.values())[:3] == ["_", "__2", "__3"]


def test_more_symbols_than_there_are_characters():
    names = [f"symbol {number}" for number in range(70_000)]
    with pytest.raises(MachineError, match="more symbols than"):
        symbol_spelling(names, lambda name: len(name) == 1, {})

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import machines
from tm import Machine, MachineError, Rule, library, outcome
from tm.registry import read, write


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A text in this notation: any entries, undefined ones and halting states among them."""
    width, height = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    digits, letters = "0123456789"[:width], "ABCDEFGHZ"
    entry = st.one_of(
        st.just("---"),
        st.builds("{}{}{}".format, st.sampled_from(digits), st.sampled_from("LR"), st.sampled_from(letters)),
    )
    return "_".join("".join(draw(st.lists(entry, min_size=width, max_size=width))) for _ in range(height))


def problems(text: str) -> list[str]:
    with pytest.raises(MachineError) as caught:
        read(text, "busy-beaver", "wrong.txt")
    assert all(problem.source == "wrong.txt" for problem in caught.value.problems)
    return [f"{problem.line}:{problem.column} {problem.message}" for problem in caught.value.problems]


def unsupported(machine: Machine) -> list[str]:
    with pytest.raises(MachineError) as caught:
        write(machine, "busy-beaver")
    assert all(problem.hint for problem in caught.value.problems)
    return [problem.message.removeprefix("busy-beaver notation cannot say it: ") for problem in caught.value.problems]


def test_a_text_says_all_of_a_machine():
    machine = read("1RB---2LA_2LB2RA0RZ")
    assert machine.states == ("A", "B", "Z")
    assert machine.symbols == ("0", "1", "2")
    assert (machine.start, machine.blank, machine.name) == ("A", "0", "1RB---2LA_2LB2RA0RZ")
    assert machine.rules_for("A", ("2",)) == (Rule("A", ("2",), "A", ("2",), ("L",)),)
    assert machine.rules_for("A", ("1",)) == ()
    assert machine.accepts("Z") is None


def test_states_and_symbols_count_also_where_nothing_uses_them():
    machine = read("------_------_------")
    assert (machine.states, machine.symbols) == (("A", "B", "C"), ("0", "1"))


def test_white_space_around_the_word_is_nothing():
    assert read("\n  1RB1LB_1LA1RZ \n") == read("1RB1LB_1LA1RZ")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bb2", "1RB1LB_1LA1RZ"),
        ("bb3", "1RB1RZ_1LB0RC_1LC1LA"),
        ("bb4", "1RB1LB_1LA0LC_1RZ1LD_1RD0RA"),
        ("bb5", "1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RZ0LA"),
        ("bb2x3", "1RB2LB1RZ_2LA2RB1LB"),
        ("bb2x4", "1RB2LA1RA1RA_1LB1LA3RB1RZ"),
    ],
)
def test_the_champions_of_the_library(name, text):
    assert read(text) == library.load(name)
    assert write(library.load(name), "busy-beaver") == text


@pytest.mark.parametrize(
    ("name", "steps", "marks"), [("bb2", 6, 4), ("bb3", 21, 5), ("bb4", 107, 13), ("bb2x3", 38, 9)]
)
def test_the_champions_take_their_steps(name, steps, marks):
    result = outcome(library.load(name))
    assert result.steps == steps
    assert sum(symbol != "0" for symbol in result.tape) == marks


def test_the_last_step_counts_as_one_only_where_there_is_an_entry():
    assert (outcome(read("1RB1LB_1LA1RZ")).steps, outcome(read("1RB1LB_1LA---")).steps) == (6, 5)


@given(texts())
def test_every_text_reads_back_as_an_equal_machine(text):
    machine = read(text, "busy-beaver")
    assert read(write(machine, "busy-beaver"), "busy-beaver") == machine
    assert read(machine.write()) == machine


@given(machines())
def test_a_machine_is_written_whole_or_refused(machine):
    try:
        text = write(machine, "busy-beaver")
    except MachineError:
        assert unsupported(machine)
    else:
        assert read(text) == machine


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["1:1 the text holds no busy-beaver machine"]),
        ("hello", ["1:1 the text holds no busy-beaver machine"]),
        ("1RB1LB_1LA1RZ\n1RB", ["2:1 what stands beside the machine looks like a part of it"]),
        ("1RB1LB_1LA1RZ Halt 6 4\n1RB---_1LA1RZ Halt 5 4", ["2:1 the text holds more than one machine"]),
        ("1RB 1LB  1LA 1RZ\n1RB ...  1LA 1RZ", ["2:1 the text holds more than one machine"]),
        ("1RB1LB 1LA1RZ\n1RB--- 1LA1RZ", ["2:1 the text holds more than one machine"]),
        ("https://bbchallenge.org/1RB1LB_1LA1RZ\n1RB---_1LA1RZ", ["2:1 the text holds more than one machine"]),
        ("1RB 1LB 1LA 1RZ", ["1:1 where one row ends is not seen"]),
        ("1RB\t1LB\t1LA\t1RZ", ["1:1 where one row ends is not seen"]),
        ("1RB 1XB  1LA 1RZ", ["1:5 no entry for state A, symbol 1"]),
        ("1RB foo  1LA 1RZ", ["1:5 no entry for state A, symbol 1"]),
        ("1RB 1L  1LA 1RZ", ["1:1 the row of state A has the wrong length"]),
        ("1RB1L 1LA1RZ", ["1:1 the row of state A has the wrong length"]),
        ("1RB ---\n1LA", ["2:1 the row of state B has the wrong length"]),
        ("| A | 1RB | 1LB |\n| B | HALT | 1LA |", ["2:1 what stands beside the machine looks like a part of it"]),
        ("B 1RB 1LB\nA 1LA 1RZ", ["1:1 the rows are not those of A, B, C and so on"]),
        ("# two\nhttps://bbchallenge.org/1RB1LB_1XA1RZ&s=10", ["2:32 no entry for state B, symbol 0"]),
        ("1RB1LB_1LA1R", ["1:8 the row of state B has the wrong length"]),
        ("1RB1LB_1LA1RZ_", ["1:15 the row of state C has the wrong length"]),
        ("1RB1L_1LA1RZ_1LA1RZ", ["1:1 the row of state A has the wrong length"]),
        ("1RB1LB_1LA1RZ1LA_1LA1RZ", ["1:8 the row of state B has the wrong length"]),
        ("1RB1LB_1XA1RZ", ["1:8 no entry for state B, symbol 0"]),
        ("1RB1Lb_1LA1RZ", ["1:4 no entry for state A, symbol 1"]),
        ("1RB1SB_1LA--Z", ["1:4 no entry for state A, symbol 1", "1:11 no entry for state B, symbol 1"]),
        (" 1RB2LB_1LA1RZ", ["1:5 an entry writes a symbol that no row reads"]),
        ("_".join(["---"] * 27), ["1:1 too many rows or entries"]),
        ("---" * 11, ["1:1 too many rows or entries"]),
    ],
)
def test_a_mistake_is_named_with_its_place(text, found):
    assert problems(text) == found


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"blank": "1"}, ["the blank"]),
        ({"symbols": ["2", "4"]}, ["the symbols"]),
        ({"symbols": ["x"]}, ["the symbols"]),
        ({"states": ["done"]}, ["the states' names"]),
        ({"states": ["a"]}, ["the states' names"]),
        ({"states": ["D"]}, ["a gap between the states"]),
        ({"start": "B"}, ["the start state"]),
        ({"accept": ["Z"]}, ["accepting or rejecting"]),
        ({"reject": ["Z"]}, ["accepting or rejecting"]),
        ({"rules": [Rule("A", ("0",), "A", ("1",), ("S",))]}, ["a head that stays"]),
        ({"rules": [Rule("A", ("0",), "A", ("1",), ("L",), 2)]}, ["a weight"]),
        (
            {"tapes": 2, "rules": [Rule("A", ("0", "0"), "go", ("1", "1"), ("L", "S"), 2)], "accept": ["Z"]},
            ["several tapes", "the states' names", "accepting or rejecting", "a weight", "a head that stays"],
        ),
    ],
)
def test_what_cannot_be_said_is_refused_with_every_reason(change, found):
    machine = replace(read("1RB1LB_1LA1RZ"), **{"states": ["B"], **change})
    assert unsupported(machine) == found


def test_a_state_without_rules_has_a_row_or_is_halting():
    machine = replace(read("1RB1LB_1LA1RZ"), states=("C",))
    assert write(machine, "busy-beaver") == "1RB1LB_1LA1RZ_------"
    assert read(write(machine, "busy-beaver")) == machine

"""The busy-beaver notation, and busy beavers as people paste them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import machines
from tests.tm.reading import warned
from tm import Machine, MachineError, Rule, library, outcome
from tm.registry import detect, read, write

BB2 = "1RB1LB_1LA1RZ"


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


# ------------------------------------------------------------------------------------------------- as people paste them


@pytest.mark.parametrize(
    "text",
    [
        BB2,
        "1RB1LB 1LA1RZ",
        "1RB1LB  1LA1RZ",
        "1RB1LB\n1LA1RZ\n",
        "1RB1LB\r\n\r\n1LA1RZ",
        "1RB 1LB  1LA 1RZ",
        "1RB 1LB  1LA 1R_",
        "1RB 1LB\n1LA 1R_\n",
        "1RB 1LB; 1LA 1RZ",
        "1RB,1LB;1LA,1RZ",
        "1RB 1LB | 1LA 1RZ",
        "1RB 1LB / 1LA 1RZ",
        "1RB\u00a01LB\n1LA\u00a01RZ",
        "1RB 1LB_1LA 1RZ",
        "1RB 1LB _ 1LA 1R_",
        "1RB,1LB_1LA,1RZ",
        "1RB 1LB, 1LA 1RZ",
        "1RB,1LB 1LA,1RZ",
        "1RB,1LB, 1LA,1RZ",
        # lines of lists, with what is known of the machine
        "1RB 1LB  1LA 1RZ | 1 Halt 4 6",
        "1RB 1LB  1LA 1RZ | None Halt 4 6 | Unknown 2.5",
        "1RB1LB_1LA1RZ Halt 6 4",
        "1RB1LB_1LA1RZ Halt ~10^30_855.0 ~10^15_427.4",
        "1RB1LB_1LA1RZ,halt,6",
        "6 4 1RB1LB_1LA1RZ",
        "17, 1RB1LB_1LA1RZ, halt",
        "- 1RB1LB_1LA1RZ (halts)",
        # remarks
        "1RB1LB_1LA1RZ # the champion",
        "1RB1LB_1LA1RZ ; the champion, see ...",
        "1RB1LB_1LA1RZ // 6 steps",
        "1RB 1LB  1LA 1RZ  # with 1RZ to halt",
        "1RB 1LB  1LA 1RZ  Halt",
        "# the champion\n\n1RB1LB_1LA1RZ",
        "; the champion\n1RB 1LB\n1LA 1RZ",
        "BB(2): 1RB1LB_1LA1RZ",
        "BB(2) 1RB1LB_1LA1RZ",
        "the champion = 1RB1LB_1LA1RZ",
        # addresses
        "https://bbchallenge.org/1RB1LB_1LA1RZ&s=10&w=300",
        "https://bbchallenge.org/1RB1LB_1LA1RZ?s=10",
        "https://bbchallenge.org/1RB1LB_1LA1RZ%26status%3Dhalt",
        "https://bbchallenge.org/1RB1LB_1LA1RZ%2526s%253D10",
        "http://www.bbchallenge.org/1RB1LB_1LA1RZ/",
        "bbchallenge.org/1RB1LB_1LA1RZ",
        "<https://bbchallenge.org/1RB1LB_1LA1RZ>",
        "see https://bbchallenge.org/1RB1LB_1LA1RZ.",
        "https://wiki.bbchallenge.org/wiki/1RB1LB_1LA1RZ",
        "https://wiki.bbchallenge.org/wiki/1RB1LB_1LA1RZ#Analysis",
        "https://wiki.bbchallenge.org/w/index.php?title=1RB1LB_1LA1RZ&action=edit",
        "https://wiki.bbchallenge.org/wiki/Some_page#2._1RB1LB_1LA1RZ_(bbch)",
        # from wikis and Markdown
        '"1RB1LB_1LA1RZ"',
        "`1RB1LB_1LA1RZ`",
        "{{machine|1RB1LB_1LA1RZ}}",
        "* {{TM|1RB1LB_1LA1RZ|halt}}",
        "[https://bbchallenge.org/1RB1LB_1LA1RZ 1RB1LB_1LA1RZ]",
        "[1RB1LB_1LA1RZ](https://bbchallenge.org/1RB1LB_1LA1RZ&s=10)",
        "* `1RB1LB_1LA1RZ` ([bbch](https://bbchallenge.org/1RB1LB_1LA1RZ))",
        "<code>1RB1LB_1LA1RZ</code>",
        "* <nowiki>1RB1LB_1LA1RZ</nowiki>, the champion",
        # tables
        "   0   1\nA 1RB 1LB\nB 1LA 1RZ",
        "\t0\t1\nA\t1RB\t1LB\nB\t1LA\t1RZ",
        "| | 0 | 1 |\n|---|:-:|--:|\n| A | 1RB | 1LB |\n| B | 1LA | 1RZ |",
        "A  1RB  1LB\n-----------\nB  1LA  1RZ",
        "+---+----+----+\n| - |  0 |  1 |\n+---+----+----+\n| A | 1RB | 1LB |\n| B | 1LA | 1RZ |\n+---+-----+-----+",
        "|   | 0 | 1 |\n|---|---|---|\n| A | 1RB | 1LB | to the right: A0 writes 1 |\n| B | 1LA | 1RZ | and back |",
        "| **1** | `1RB1LB_1LA1RZ` | **6** | Rado |",
        "{{machine|1RB1LB_1LA1RZ}}\n{{TM|1RB1LB_1LA1RZ|halt}} is the [[BB(2)]] champion.",
        "A: 1RB 1LB\nB: 1LA 1RZ",
        "A 1RB1LB\nB 1LA1RZ",
        "State A: 1RB, 1LB\nState B: 1LA, 1RZ",
        "   A   B\n0 1RB 1LA\n1 1LB 1RZ",
        "A0 A1 B0 B1\n1RB 1LB 1LA 1RZ",
    ],
)
def test_one_machine_in_every_form(text):
    machine, messages = warned(text, "busy-beaver")
    assert messages == []
    assert detect(text) == "busy-beaver"
    assert (machine, machine.name) == (read(BB2), BB2)


@pytest.mark.parametrize(
    ("text", "usual"),
    [
        ("1RB ...  1LB 0LA", "1RB---_1LB0LA"),
        ("1RB … | 1LB 0LA", "1RB---_1LB0LA"),
        ("1RB...2LA_2LB2RA1RZ", "1RB---2LA_2LB2RA1RZ"),
        ("1RB ..._1LB 0LA", "1RB---_1LB0LA"),
        ("1RB---\n------", "1RB---_------"),
        ("1RB–––_1LA1RZ", "1RB---_1LA1RZ"),
        ("1RB0LC 1LC1RA ---1LB", "1RB0LC_1LC1RA_---1LB"),
        ("1RB---2LA 2LB2RA0RZ", "1RB---2LA_2LB2RA0RZ"),
        ("A0 A1 A2 B0 B1 B2\n1RB 2LB 1RZ 2LA 2RB 1LB", "1RB2LB1RZ_2LA2RB1LB"),
        ("  A   B\n0 1RB 2LA\n1 2LB 2RB\n2 1RZ 1LB", "1RB2LB1RZ_2LA2RB1LB"),
        ("bbchallenge.org/1RB%2D%2D%2D_1LA1RZ", "1RB---_1LA1RZ"),
        ("https://bbchallenge.org/mAQACAQEDAQADAQACAQAEAAEFAQEBAQEEAQAGAAEB&s=5", "1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RF0LA"),
        ("mAQACAQEDAQADAQACAQAEAAEFAQEBAQEEAQAGAAEB", "1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RF0LA"),
    ],
)
def test_other_machines(text, usual):
    assert detect(text) == "busy-beaver"
    assert Machine.read(text) == read(usual)


def test_a_line_that_says_something_else_is_passed_over_with_a_warning():
    machine, messages = warned("The champion\n1RB1LB_1LA1RZ\nIt takes 6 steps", "busy-beaver")
    assert machine == read(BB2)
    assert messages == [f"{n} this line is passed over: it says nothing of the machine" for n in (1, 3)]


@pytest.mark.parametrize(
    "text", ["https://bbchallenge.org/hello", "https://bbchallenge.org/7", "mAQAC!", "1RB is a rule", "... or ---"]
)
def test_what_only_looks_like_a_machine(text):
    with pytest.raises(MachineError, match=r"no notation that is known|no such file"):
        Machine.read(text)

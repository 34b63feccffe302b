from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tm.reading import problems, rules, warned
from tm import Machine, MachineError, Start, outcome, search, simulate
from tm.registry import detect, read

PROGRAM = """; binary increment
0 * * r 0   ; to the end
0 _ _ l carry
carry 1 0 l carry
carry * 1 * halt-accept !
"""


def test_a_program():
    machine = read(PROGRAM, "morphett")
    assert detect(PROGRAM) == "morphett"
    assert outcome(machine, "1011").tape == [*"1100"]
    assert (machine.start, machine.blank, machine.accept) == ("0", "_", ("halt-accept",))


def test_the_rule_that_names_more_applies():
    matches = rules(warned("a 0 1 r b\na * 2 r b\n* 0 3 r b\n* * 4 r b\nb 0 0 l a", "morphett")[0])
    assert {"a 0 -> b 1 R", "a _ -> b 2 R", "b 0 -> a 0 L", "b 1 -> b 4 R", "b _ -> b 4 R"} <= matches
    assert "b 0 -> b 3 R" not in matches


def test_of_two_rules_for_the_same_the_last_applies():
    machine, messages = warned("0 1 1 r 0\n0 1 0 l 0\n", "morphett")
    assert rules(machine) == {"0 1 -> 0 0 L"}
    assert messages == ["2 a second rule for state 0 and symbol 1; this one applies"]


CHOICE = "0 1 1 r 0\n0 1 1 r back\n0 * * r halt-reject\nback _ x l halt-accept\n"


def test_in_the_non_deterministic_variant_both_rules_may_apply():
    assert not warned(CHOICE, "morphett")[0].nondeterministic
    machine, messages = warned(CHOICE, "morphett-nondeterministic")
    assert messages == []
    assert {"0 1 -> 0 1 R x 1", "0 1 -> back 1 R x 1", "0 _ -> halt-reject _ R"} <= rules(machine)
    assert [search(machine, input).accepted for input in ("111", "1x", "")] == [True, False, False]
    text = machine.write("morphett-nondeterministic")
    assert detect(text) == "morphett-nondeterministic"
    assert read(text) == machine
    with pytest.raises(MachineError, match="nondeterminism"):
        machine.write("morphett")


def test_a_choice_between_rules_for_whatever_stands_there():
    machine = read("0 * a r 0\n0 * * r 0\n0 _ _ l halt", "morphett-nondeterministic")
    assert machine.nondeterministic
    assert len(search(machine, "xy").run) == 4
    assert Start.of(machine, "x").machine.nondeterministic


def test_a_halting_state_has_no_rules():
    machine, messages = warned("0 1 1 r Halt9\nHalt9 1 1 r 0\n* 0 0 l 0", "morphett")
    assert all(rule.state == "0" for rule in machine.rules)
    assert messages == ["2 this rule never applies"]


def test_the_run_starts_in_0_or_in_the_first_rules_state():
    assert read("a 1 1 r 0\n0 1 1 r a", "morphett").start == "0"
    assert read("a 1 1 r b\nb 1 1 r a", "morphett").start == "a"
    assert read("* 1 1 r 0", "morphett").start == "0"


def test_wildcards_match_what_the_file_does_not_name():
    machine = read("0 * * r 0\n0 _ x * halt\n", "morphett")
    assert outcome(machine, "a!").tape == ["a", "!", "x"]
    assert outcome(machine, ["a b"]).tape == ["a b", "x"]


@pytest.mark.parametrize(
    ("program", "move"), [("q 1 1 d stop", "R"), ("q 1 1 g q", "L"), ("q 1 1 left q", "L"), ("q 1 1 = q", "S")]
)
def test_dialects(program, move):
    assert read(program, "morphett").rules[0].moves == (move,)


def test_the_french_halt_on_stop_too():
    french, messages = warned("q 1 1 d stop-accepté\nstop-accepté 1 1 d q", "morphett")
    assert (len(french.rules), french.accept, len(messages)) == (1, ("stop-accepté",), 1)
    assert len(read("q 1 1 r stop\nstop 1 1 r q", "morphett").rules) == 2


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("halt", None),
        ("halt-accept", True),
        ("Halt-Reject", False),
        ("accept", True),
        ("reject", False),
        ("acceptor", True),
    ],
)
def test_what_a_halting_states_name_says(name, verdict):
    assert read(f"0 1 1 r {name}", "morphett").accepts(name) is verdict


def test_every_mistake_has_its_place():
    text = "0 1 0 r\n0 10 0 r 0\n0 1 0 rigt 0 ; no such direction\n0 1 0 r 0 x\n0 1 0 r 0 ! !\na"
    assert problems(text, "morphett") == [
        "1:8 the new state is missing",
        "2:3 the current symbol is one character",
        "3:7 no such direction",
        "4:11 too many fields",
        "5:11 too many fields",
        "6:2 the current symbol is missing",
    ]
    with pytest.raises(MachineError, match="did you mean right"):
        read(text, "morphett")


def test_a_likely_slip_is_a_warning():
    _, messages = warned("0 1 1 r carryy\ncarry 1 1 r 0\n* 0 0 r carry", "morphett")
    assert messages == []  # the wildcard gives carryy a rule
    _, messages = warned("0 1 1 r carryy\ncarry 1 1 r 0", "morphett")
    assert messages == ["1 state carryy has no rules"]


# ------------------------------------------------------------------------------------------------------- one-way tapes


def one_way_run(machine: Machine, input: str, limit: int) -> tuple[int, str, list[str], int]:
    """A run on a tape that ends at the left of cell 0, by the definition."""
    tape = dict(enumerate(input))
    state, head, steps = machine.start, 0, 0
    while steps < limit:
        matches = machine.rules_for(state, (tape.get(head, machine.blank),))
        if not matches:
            break
        tape[head] = matches[0].write[0]
        head = max(0, head + {"L": -1, "S": 0, "R": 1}[matches[0].moves[0]])
        state, steps = matches[0].next_state, steps + 1
    cells = [tape.get(cell, machine.blank) for cell in range(max(tape, default=0) + 1)]
    return steps, state, cells, head


lines = st.lists(
    st.tuples(
        st.sampled_from("0ab"),
        st.sampled_from("01_"),
        st.sampled_from("01_"),
        st.sampled_from("llr*"),
        st.sampled_from("0ab"),
    ),
    min_size=1,
    max_size=9,
    unique_by=lambda line: line[:2],
)


@given(lines, st.text("01", max_size=5))
def test_a_one_way_machine_does_step_for_step_what_the_definition_says(program, input):
    text = "\n".join(map(" ".join, program))
    steps, state, cells, head = one_way_run(warned(text, "morphett")[0], input, 60)
    machine, _ = warned(text, "morphett-one-way")
    *_, last = simulate(machine, list(input), max_steps=60)
    assert (last.step, last.heads[0]) == (steps, head)
    assert last.state == state or (steps == 0 and last.state == machine.start)
    assert [last.tapes[0][cell].removeprefix("⊢") for cell in range(len(cells))] == cells
    assert all(last.tapes[0][cell] == "_" for cell in range(-61, 0))

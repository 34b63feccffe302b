from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import Literal

import pytest
from automata.tm.dtm import DTM
from automata.tm.mntm import MNTM
from automata.tm.ntm import NTM
from hypothesis import given
from hypothesis import strategies as st

from tests.tm.reading import problems, rules
from tm import Machine, MachineError, library, outcome, search
from tm.notation.automata_lib import from_automata, to_automata
from tm.registry import detect, read

ARGUMENTS = {
    "states": ["q0", "q1", "q2"],
    "input_symbols": ["0", "1"],
    "tape_symbols": ["0", "1", "."],
    "transitions": {
        "q0": {"0": ["q0", "1", "R"], "1": ["q0", "0", "R"], ".": ["q1", ".", "N"]},
        "q1": {".": ["q2", ".", "L"]},
    },
    "initial_state": "q0",
    "blank_symbol": ".",
    "final_states": ["q2"],
}
FLIP = DTM(
    states={"q0", "q1", "q2"},
    input_symbols={"0", "1"},
    tape_symbols={"0", "1", "."},
    transitions={
        "q0": {"0": ("q0", "1", "R"), "1": ("q0", "0", "R"), ".": ("q1", ".", "N")},
        "q1": {".": ("q2", ".", "L")},
    },
    initial_state="q0",
    blank_symbol=".",
    final_states={"q2"},
)


def source(kind: str = "DTM", **more: object) -> str:
    arguments = {**ARGUMENTS, **more}
    return (
        f"from automata.tm import dtm\nmachine = dtm.{kind}(\n"
        + "".join(f"    {k}={v!r},\n" for k, v in arguments.items())
        + ")\n"
    )


def test_json_source_and_object_are_one_machine():
    machine = from_automata(FLIP)
    for text in (json.dumps(ARGUMENTS), json.dumps(ARGUMENTS, indent=1), source()):
        assert detect(text) == "automata-lib"
        assert read(text) == machine
    assert machine.accept == ("q2",)
    assert outcome(machine, "011").tape == [*"100"]


@given(st.text("01", max_size=6))
def test_what_is_made_of_a_machine_runs_as_it_does(input):
    machine = library.load("increment")
    made = to_automata(machine)
    final = made.read_input(input)
    assert [s for s in final.tape.tape if s != machine.blank] == outcome(machine, input).tape
    assert made.accepts_input(input) is outcome(machine, input).accepted
    assert from_automata(made) == machine


def test_several_tapes():
    machine = library.load("two_tape_copy")
    made = to_automata(machine)
    assert isinstance(made, MNTM)
    assert from_automata(made) == machine
    keyed = {"n_tapes": 2, "transitions": {"a": {"0,.": [["b", [["1", "R"], ["0", "N"]]]]}}}
    rest = {"initial_state": "a", "blank_symbol": ".", "final_states": ["b"]}
    for key in ("0,.", '["0", "."]', "('0', '.')", "0."):
        text = json.dumps({**rest, **keyed, "transitions": {"a": {key: keyed["transitions"]["a"]["0,."]}}})  # type: ignore[index]
        assert [str(rule) for rule in read(text).rules] == ["a 0,. -> b 1,0 R,S"]


def ntm(*choices: tuple[str, str, Literal["L", "R", "N"]]) -> NTM:
    return NTM(
        states={"a", "b"},
        input_symbols={"0"},
        tape_symbols={"0", "."},
        transitions={"a": {"0": set(choices)}},
        initial_state="a",
        blank_symbol=".",
        final_states={"b"},
    )


def test_a_machine_with_a_choice_is_nondeterministic():
    assert not from_automata(ntm(("b", "0", "R"))).nondeterministic
    machine = from_automata(ntm(("b", "0", "R"), ("a", "0", "R")))
    assert machine.nondeterministic
    assert rules(machine) == {"a 0 -> b 0 R x 1", "a 0 -> a 0 R x 1"}
    assert isinstance(to_automata(machine), NTM)
    assert from_automata(to_automata(machine)) == machine
    with pytest.raises(MachineError, match="a DTM that is not deterministic"):
        read(source(transitions={"q0": {"0": {("q1", "0", "R"), ("q2", "0", "R")}}}))
    with pytest.raises(MachineError, match="no machine of automata-lib"):
        from_automata("DTM")  # type: ignore[arg-type]


GUESS = Machine.read(
    """nondeterministic: yes
start: guess
accept: yes
blank: .
guess 0 -> guess 0 R
guess 1 -> guess 1 R
guess 1 -> third 1 R
third 0 -> second 0 R
third 1 -> second 1 R
second 0 -> end 0 R
second 1 -> end 1 R
end . -> yes . S
"""
)
"""Whether the third symbol from the right is 1."""


@given(st.text("01", max_size=7))
def test_a_search_says_what_automata_lib_says_of_its_own(input):
    several = Machine(
        tapes=2,
        blank=".",
        accept=["yes"],
        nondeterministic=True,
        rules=[replace(r, read=(*r.read, "."), write=(*r.write, "."), moves=(*r.moves, "S")) for r in GUESS.rules],
    )
    for machine in (GUESS, several):
        made = to_automata(machine)
        assert from_automata(made) == machine
        assert search(machine, input).accepted is made.accepts_input(input) is (input[-3:-2] == "1")
        assert Machine.parse(machine.write("automata-lib")) == machine


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"final_state": ["q2"]}, "no such argument"),
        ({"initial_state": "q9"}, "`initial_state` is not among the names"),
        ({"blank_symbol": " "}, "`blank_symbol` is not among the names"),
        ({"transitions": {"q0": {"0": ["q7", "0", "R"]}}}, "state 'q7' is never defined"),
        ({"transitions": {"q0": {"7": ["q1", "0", "R"]}}}, "symbol '7' is not on the tape"),
        ({"transitions": {"q0": {"0": ["q1", "0", "X"]}}}, "no such direction"),
        ({"transitions": {"q0": {"0": ["q1", "0"]}}}, "no transition for"),
        ({"transitions": {"q2": {"0": ["q1", "0", "R"]}}}, "the final state 'q2' has transitions"),
        ({"transitions": []}, "`transitions` is no mapping"),
        ({"transitions": {"q0": []}}, "are no mapping"),
        ({"states": "q0"}, "`states` is no set of names"),
        ({"states": [["q0"]]}, "no name"),
        ({"n_tapes": 0}, "positive integer"),
    ],
)
def test_mistakes_in_the_arguments(change, message):
    for text in (json.dumps({**ARGUMENTS, **change}), source(**change)):
        with pytest.raises(MachineError, match=message):
            read(text, "automata-lib")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1\n", ["1:1 the text holds no single machine"]),
        ("DTM({'a'})", ["1:5 an argument without a name"]),
        ("DTM(\n  states=make())", ["2:10 `states` is not written out"]),
        ("DTM(**d)", ["1:7 `**d` is not written out"]),
        ('{"states": [}', ["1:13 this is no JSON: Expecting value"]),
        ('{"states": [], "states": []}', ["1:1 this is no JSON"]),
    ],
)
def test_what_is_no_source_and_no_json(text, expected):
    assert problems(text, "automata-lib") == expected


@pytest.mark.parametrize("text", ["DTM(states={1:", "DTM(" + "(" * 300 + ")" * 300 + ")", "DTM(" + "-" * 20_000 + "1)"])
def test_what_is_no_python(text):
    (result,) = problems(text, "automata-lib")
    assert "this is no Python" in result


def test_nothing_of_the_source_is_run(tmp_path):
    path = tmp_path / "ran"
    with pytest.raises(MachineError):
        read(f"DTM(states=open({str(path)!r}, 'w').write('x'))", "automata-lib")
    assert not path.exists()


def test_without_the_library_the_error_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "automata.tm.dtm", None)
    with pytest.raises(MachineError, match="automata-lib is not installed"):
        to_automata(Machine.read("start: a\naccept: b\na 0 -> b 1 R"))

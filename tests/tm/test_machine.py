from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from hypothesis import given

from tests.strategies import machines
from tm import InputError, Machine, MachineError, Problem, Rule, TapeheadError


def rule(state, read, next_state, write, moves, weight=None) -> Rule:
    return Rule(state, tuple(read), next_state, tuple(write), tuple(moves), weight)


A: Any = rule("a", "0", "b", "1", "R")


def problems(**arguments) -> list[str]:
    """What is wrong with a machine, each in a line."""
    with pytest.raises(MachineError) as caught:
        Machine(**arguments)
    return [problem.message for problem in caught.value.problems]


def test_names_stand_in_their_order():
    machine = Machine(
        start="s",
        rules=[A, rule("s", "2", "c", "0", "S")],
        accept=["y"],
        reject=["n"],
        states=["z", "a"],
        symbols=["9", "0"],
    )
    assert machine.states == ("s", "a", "b", "c", "y", "n", "z")
    assert machine.symbols == ("_", "0", "1", "2", "9")


def test_the_start_defaults_to_the_first_rules_state():
    assert Machine(rules=[A, rule("z", "0", "a", "0", "L")]).start == "a"


def test_a_machine_may_have_no_rules():
    machine = Machine(start="a")
    assert (machine.states, machine.symbols, machine.rules) == (("a",), ("_",), ())


def test_any_nonempty_string_is_a_name():
    machine = Machine(rules=[rule(" ", ["*"], "\n", ["ab"], "S")])
    assert machine.states == (" ", "\n")


def test_equal_rules_are_merged_and_weights_added():
    assert Machine(rules=[A, A]).rules == (A,)
    weighted = [replace(A, weight=2), rule("a", "0", "c", "1", "R", 1), replace(A, weight=3)]
    assert [r.weight for r in Machine(rules=weighted).rules] == [5, 1]


def test_rules_for_a_situation_come_in_the_order_of_a_draw():
    rules = [rule("a", "0", *action, weight=1) for action in [("b", "1", "L"), ("b", "0", "R"), ("b", "0", "L")]]
    rules += [rule("a", "0", "a", "1", "R", 1), rule("a", "0", "b", "0", "S", 1)]
    matches = Machine(rules=rules, symbols=["0", "1"]).rules_for("a", ("0",))
    assert [(r.next_state, *r.write, *r.moves) for r in matches] == [
        ("a", "1", "R"),
        ("b", "0", "L"),
        ("b", "0", "S"),
        ("b", "0", "R"),
        ("b", "1", "L"),
    ]


def test_no_rule_is_an_empty_tuple_also_for_unknown_names():
    machine = Machine(rules=[A])
    assert machine.rules_for("a", ("0",)) == (A,)
    assert machine.rules_for("a", ("1",)) == machine.rules_for("nowhere", ("0",)) == ()


def test_acceptance():
    machine = Machine(start="a", accept=["y"], reject=["n"])
    assert [machine.accepts(state) for state in ("y", "n", "a")] == [True, False, False]
    machine = Machine(start="a", reject=["n"])
    assert [machine.accepts(state) for state in ("n", "a")] == [False, None]
    with pytest.raises(InputError, match="no such state"):
        machine.accepts("y")


def test_a_weight_makes_a_machine_stochastic():
    assert not Machine(rules=[A]).stochastic
    assert Machine(rules=[replace(A, weight=1)]).stochastic


def test_machines_are_equal_when_they_say_the_same():
    machine: Any = Machine(rules=[A, rule("b", "0", "a", "1", "L")], symbols=["7", "8"], name="one")
    same = Machine(rules=reversed(machine.rules), start="a", states=["b"], symbols=["8", "7"], name="two")
    assert machine == same
    assert hash(machine) == hash(same)
    for other in (
        replace(machine, symbols=["7"]),
        replace(machine, states=["c"]),
        replace(machine, start="b"),
        replace(machine, blank="0"),
        replace(machine, rules=machine.rules[:1]),
        replace(machine, accept=["c"]),
        "a 0 -> b 1 R",
    ):
        assert machine != other


def test_a_machine_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Machine(rules=[A]).name = "other"  # type: ignore[misc]


@given(machines())
def test_a_machine_can_be_copied_and_sent(machine):
    assert copy.deepcopy(machine) == machine == pickle.loads(pickle.dumps(machine))  # noqa: S301
    assert machine.rules_for(machine.start, (machine.blank,) * machine.tapes) == pickle.loads(  # noqa: S301
        pickle.dumps(machine)
    ).rules_for(machine.start, (machine.blank,) * machine.tapes)


@given(machines())
def test_the_table_holds_every_rule_once(machine):
    tabulated = [r for situation in {r.situation for r in machine.rules} for r in machine.rules_for(*situation)]
    assert sorted(map(repr, tabulated)) == sorted(map(repr, machine.rules))


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({}, "a machine needs a start state"),
        ({"start": ""}, "a machine needs a start state"),
        ({"start": 0}, "a machine needs a start state"),
        ({"start": "a", "tapes": 0}, "the number of tapes is a positive integer"),
        ({"start": "a", "tapes": True}, "the number of tapes is a positive integer"),
        ({"start": "a", "tapes": "2"}, "the number of tapes is a positive integer"),
        ({"start": "a", "name": None}, "the machine's name is a string"),
        ({"start": "a", "blank": ""}, "the blank is a symbol's name"),
        ({"start": "a", "blank": "\ud800"}, "the blank is a symbol's name"),
        ({"start": "a", "accept": "yes"}, "accept is a list of names"),
        ({"start": "a", "symbols": "01"}, "symbols is a list of names"),
        ({"start": "a", "states": ["b", ""]}, "states holds something that is no name"),
        ({"start": "a", "symbols": [0]}, "symbols holds something that is no name"),
        ({"start": "a", "accept": ["b"], "reject": ["b"]}, "state b both accepts and rejects"),
        ({"start": "a", "rules": ["a 0 -> b 1 R"]}, "the rules hold something that is no Rule"),
        ({"rules": [A], "accept": ["a"]}, "the accept state a has a rule"),
        ({"rules": [A], "reject": ["a"]}, "the reject state a has a rule"),
        ({"rules": [A, rule("a", "0", "b", "1", "L")]}, "two different rules for one situation"),
        ({"rules": [A, replace(A, weight=2)]}, "two different rules for one situation"),
        ({"rules": [replace(A, weight=0)]}, "a weight is a positive integer"),
        ({"rules": [replace(A, weight=True)]}, "a weight is a positive integer"),
        ({"rules": [replace(A, weight=1.5)]}, "a weight is a positive integer"),
        ({"rules": [replace(A, state="")]}, "a rule's state is no name"),
        ({"rules": [replace(A, next_state=None)]}, "a rule's state is no name"),
        ({"rules": [replace(A, write=("",))]}, "a rule's symbol is no name"),
        ({"rules": [replace(A, read=("0", "1"))]}, "wrong number of symbols read"),
        ({"rules": [replace(A, write=())]}, "wrong number of symbols written"),
        ({"rules": [replace(A, moves=("R", "R"))]}, "wrong number of moves"),
        ({"rules": [A], "tapes": 2}, "wrong number of symbols read"),
        ({"rules": [replace(A, moves=("r",))]}, "no such move"),
        ({"rules": [replace(A, moves="R")]}, "a rule's moves stand in a tuple"),
        ({"rules": [replace(A, read=["0"])]}, "a rule's symbols read stand in a tuple"),
    ],
)
def test_what_is_no_machine_is_refused(arguments, reason):
    assert reason in problems(**arguments)


def test_every_reason_is_given_at_once():
    rules = [A, replace(A, moves=("X",)), rule("a", "0", "c", "1", "R"), rule("b", "00", "c", "1", "R")]
    assert problems(rules=rules, accept=["a"], reject=["a"], blank="") == [
        "the blank is a symbol's name",
        "no such move",
        "wrong number of symbols read",
        "two different rules for one situation",
        "state a both accepts and rejects",
        *["the accept state a has a rule", "the reject state a has a rule"] * 2,
    ]


def test_an_error_is_a_value_error_and_can_be_sent():
    error = MachineError("one", Problem("two", hint="mend it", about=A))
    assert isinstance(error, ValueError)
    assert isinstance(error, TapeheadError)
    assert str(error) == "2 problems\none\ntwo\n    mend: mend it"
    assert pickle.loads(pickle.dumps(error)).problems == error.problems  # noqa: S301


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ({}, ""),
        ({"source": "a.tm"}, "a.tm: "),
        ({"source": "a.tm", "line": 3}, "a.tm:3: "),
        ({"source": "a.tm", "line": 3, "column": 5}, "a.tm:3:5: "),
        ({"line": 3, "column": 5}, "line 3:5: "),
    ],
)
def test_a_problem_says_where_it_is(place, shown):
    assert str(Problem("wrong", **place)) == f"{shown}wrong"


def test_a_problem_points_at_its_column():
    assert str(Problem("wrong", line=1, column=3, text="a b")) == "line 1:3: wrong\n    a b\n      ^"

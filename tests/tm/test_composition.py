from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.machines import random_machine
from tests.strategies import machines
from tm import Machine, MachineError, Rule, branched, equivalent, library, outcome, renamed, sequence, simulate
from tm.start import declared

inputs = st.text("01", max_size=6)


@given(machines())
def test_renaming_and_back_changes_nothing(machine):
    states = {state: f"{number} {state}" for number, state in enumerate(machine.states)}
    symbols = {symbol: f"{number} {symbol}" for number, symbol in enumerate(machine.symbols)}
    other = renamed(machine, states, symbols)
    assert set(other.states) == set(states.values())
    back = renamed(other, {new: old for old, new in states.items()}, {new: old for old, new in symbols.items()})
    assert back == machine
    assert back.name == machine.name


def test_a_wrong_renaming_is_refused():
    machine = Machine.read("a 0 -> b 1 R")
    wrong = [({"c": "d"}, {}, "no such state"), ({}, {"2": "3"}, "no such symbol"), ({"a": "b"}, {}, "one name")]
    for states, symbols, message in wrong:
        with pytest.raises(MachineError, match=message):
            renamed(machine, states, symbols)
    assert renamed(machine, {"a": "b", "b": "a"}).start == "b"


@given(inputs)
def test_one_machine_after_another(input):
    flip, right = library.load("complement"), Machine.read("symbols: 0 1\nright 0 -> right 0 L\nright 1 -> right 1 L")
    both = sequence(flip, right)
    first = outcome(flip, input)
    second = outcome(right, first.tape, head=first.head)
    result = outcome(both, input)
    assert (result.tape, result.head) == (second.tape, second.head)
    assert result.steps <= first.steps + second.steps + 1


def test_a_state_without_rules_leads_on_at_no_cost():
    one = Machine.read("a 0 -> end 1 R")
    both = sequence(one, one)
    assert both.states == ("a", "a'", "end'")
    assert outcome(both, "00").steps == 2
    assert outcome(both, "00").tape == ["1", "1"]
    assert sequence(Machine(start="x"), one).start == "a"


def test_the_second_machine_says_what_accepts():
    yes, no = Machine.read("accept: y\na 0 -> y 0 S"), Machine.read("reject: n\na 0 -> n 1 S")
    assert sequence(yes, no).accept == ()
    assert outcome(sequence(yes, no), "0").accepted is False
    assert outcome(sequence(no, yes), "0").accepted is False  # the first wrote 1, which the second does not accept
    assert sequence(yes, Machine(start="z", decides=True)).decides


@given(inputs)
def test_a_branch(input):
    test = library.load("divisible_by_3")
    erase = Machine.read("accept: done\nb * -> done _ S")
    mark = Machine.read("reject: done\nb * -> done x S")
    both = branched(test, accept=erase, reject=mark)
    alone, result = outcome(test, input), outcome(both, input)
    assert result.accepted is bool(alone.accepted)
    assert ("x" in result.tape) is not alone.accepted


def test_a_branch_left_out_ends_the_run():
    test = Machine.read("states: a end\naccept: yes\nreject: no\na 0 -> no 0 S\na 1 -> yes 1 S\na 2 -> end 2 S")
    both = branched(test, accept=Machine.read("y 1 -> z 7 S"))
    assert outcome(both, "1").tape == ["7"]
    assert (outcome(both, "0").state, outcome(both, "0").accepted) == ("no", False)
    assert outcome(both, "2").state == "end"


def test_machines_that_do_not_fit_are_refused_with_every_reason():
    with pytest.raises(MachineError) as caught:
        sequence(Machine(start="a"), Machine(start="a", tapes=2, blank="0"))
    assert [problem.message for problem in caught.value.problems] == [
        "the machines have different numbers of tapes",
        "the machines have different blanks",
    ]


@given(st.integers(0, 10**6), inputs)
def test_composition_of_random_machines(seed, input):
    rng = Random(seed)
    first, second = random_machine(rng), random_machine(rng)
    one = outcome(first, list(input), max_steps=50)
    both = outcome(sequence(first, second), list(input), max_steps=110)
    if not one.halted:
        return
    known = declared(second, first.symbols)
    cells = list(simulate(first, list(input), max_steps=50))[-1].tapes[0]
    two = outcome(known, cells.cells(), head=one.head - cells.first, max_steps=50)
    if two.halted:
        assert (both.halted, both.tape, both.accepted) == (True, two.tape, two.accepted)


def test_equivalent():
    machine = library.load("increment")
    assert equivalent(machine, renamed(machine, {"carry": "c"}), ["", "0", "1011"])
    assert equivalent(machine, renamed(library.load("increment"), symbols={"_": "blank"}), [["1", "0"]])
    assert not equivalent(machine, library.load("decrement"), ["1011"])
    runs = Machine.read("a _ -> a _ R")
    assert equivalent(runs, Machine.read("b _ -> b _ L"), [""], max_steps=100)
    assert not equivalent(runs, Machine(start="a"), [""], max_steps=100)
    coin = library.load("coin_flips")
    assert equivalent(coin, coin, ["???"], seed=1)


# ------------------------------------------------------------------------------------- symbols that nobody has named

COPY = Machine(
    start="a",
    rules=[Rule("a", ("0",), "a", ("1",), ("R",))],
    others=[Rule("a", ("",), "a", ("",), ("R",))],
)


def test_an_input_declares_symbols_and_with_them_rules():
    assert outcome(COPY, "0x0").tape == ["1", "x", "1"]
    assert outcome(COPY, ["0", "a b"]).tape == ["1", "a b"]
    assert declared(COPY, ["x"]).others == COPY.others
    assert declared(COPY, ["0"]) is COPY


def test_several_tapes():
    machine = Machine(tapes=2, start="a", symbols=["0"], others=[Rule("a", ("", ""), "b", ("_", ""), ("R", "S"))])
    assert {str(rule) for rule in declared(machine, ["x", "y"]).rules} == {
        f"a {a},{b} -> b _,{b} R,S" for a in "xy" for b in "xy"
    }


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (Rule("a", ("0",), "a", ("0",), ("R",)), "reads none of them"),
        (Rule("a", ("0",), "a", ("",), ("R",)), "that it does not read"),
        (Rule("a", ("",), "a", ("",), ("R",), 2), "has a weight"),
        (Rule("a", ("", ""), "a", ("", ""), ("R", "R")), "wrong number of symbols read"),
        (Rule("", ("",), "a", ("",), ("R",)), "state is no name"),
        ("rule", "no Rule"),
    ],
)
def test_wrong_rules_for_others_are_refused(other, message):
    with pytest.raises(MachineError, match=message):
        Machine(start="a", others=[other])


def test_two_rules_for_others_contradict_each_other_and_accept_states_have_none():
    with pytest.raises(MachineError, match="two different rules"):
        Machine(start="a", others=[Rule("a", ("",), "a", ("",), (move,)) for move in "LR"])
    with pytest.raises(MachineError, match="accept state a has a rule"):
        Machine(start="a", accept=["a"], others=COPY.others)


# -------------------------------------------------------------------------------------------------------- `decides`


def test_a_machine_may_reject_wherever_it_does_not_accept():
    machine = Machine.read("reject: *\na 0 -> b 1 R")
    assert machine.decides
    assert (machine.accepts("a"), machine.accepts("b")) == (False, False)
    assert Machine.read(machine.write()) == machine
    assert machine != Machine.read("a 0 -> b 1 R")
    assert Machine(start="a", accept=["b"]) == Machine(start="a", accept=["b"], decides=True)
    with pytest.raises(MachineError, match="cannot say it: rejecting"):
        Machine.read("blank: 0\nreject: *\nA 0 -> A 0 R").write("busy-beaver")

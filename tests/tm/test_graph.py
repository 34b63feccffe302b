"""A machine's graph of states, and what it shows: what stands out, and loops."""

from __future__ import annotations

from random import Random

import networkx
import pytest
from hypothesis import given

from tests.machines import TABLE, random_machine
from tests.strategies import machines
from tm import Machine, Rule, graph, simulate
from tm.diagnosis import diagnose, possible_situations, running_away, standing_still


def test_nodes_are_states_and_edges_rules():
    machine = Machine.read("start: a\naccept: y\nreject: n\na 0 -> y 1 R\na 1 -> n 1 L\na _ -> a 0 S\na 2 -> a 0 S")
    states = graph(machine)
    assert set(states) == {"a", "y", "n"}
    assert states.nodes["a"] == {"start": True, "accept": False, "reject": False, "halting": False}
    assert states.nodes["y"] == {"start": False, "accept": True, "reject": False, "halting": True}
    assert states.nodes["n"]["reject"]
    assert states.number_of_edges("a", "a") == 2
    assert states.edges["a", "y", 0]["rule"] == machine.rules_for("a", ("0",))[0]
    assert states.edges["a", "y", 0]["moves"] == ("R",)


@given(machines())
def test_the_graph_holds_every_rule(machine):
    states = graph(machine)
    assert tuple(states) == machine.states
    assert {rule for _, _, rule in states.edges(data="rule")} == set(machine.rules)
    assert isinstance(states, networkx.MultiDiGraph)


def test_a_diagnosis_names_what_stands_out():
    machine = Machine.read(
        "a 0 -> a 1 R x 1\na 0 -> loop 1 R x 1\na _ -> end _ S\nloop * -> loop 0 R x 1\nlost 0 -> a 0 R x 1".replace(
            "a _ -> end _ S", "a _ -> end _ S x 1"
        )
    )
    diagnosis = diagnose(machine)
    assert diagnosis.unreachable == ("lost",)
    assert diagnosis.without_rule == (("a", ("1",)), ("lost", ("_",)), ("lost", ("1",)))
    assert diagnosis.never_halting == ("loop",)
    assert diagnosis.drawn == (("a", ("0",)),)
    assert str(diagnosis).splitlines() == [
        "state lost is never reached from the start",
        "in state a no rule reads 1: the machine halts there",
        "in state lost no rule reads _: the machine halts there",
        "in state lost no rule reads 1: the machine halts there",
        "a run that enters state loop never halts",
        "in state a, reading 0, several rules apply",
    ]


@pytest.mark.parametrize("text", ["1RB1LB_1LA1RZ", "a * -> b _ S"])
def test_nothing_stands_out(text):
    assert str(diagnose(Machine.read(text))) == "nothing stands out"


def test_a_machine_that_cannot_halt():
    assert diagnose(Machine.read("a _ -> b _ R\nb _ -> a _ L")).never_halting == ("a", "b")


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_a_run_that_halts_never_enters_what_is_said_never_to_halt(case):
    run = list(simulate(case.machine, case.input, head=case.head, seed=case.seed, max_steps=case.max_steps))
    diagnosis = diagnose(case.machine)
    visited = {configuration.state for configuration in run}
    assert visited.isdisjoint(diagnosis.unreachable)
    if run[-1].step < case.max_steps:
        assert visited.isdisjoint(diagnosis.never_halting)


def test_fifty_tapes_and_one_rule():
    blank, one = ",".join("_" * 50), ",".join("1" * 50)
    diagnosis = diagnose(Machine.read(f"tapes: 50\na {blank} -> b {one} {','.join('R' * 50)}"))
    assert diagnosis.halts_in == (("a", 2**50 - 1),)
    assert diagnosis.without_rule[0] == ("a", (*"_" * 49, "1"))
    *_, last = str(diagnosis).splitlines()
    assert last == f"in state a no rule reads {2**50 - 4:,} more situations: the machine halts there"
    assert diagnosis.sound
    many = Machine(tapes=5_000, rules=[Rule("a", ("_",) * 5_000, "b", ("1",) * 5_000, ("R",) * 5_000)])
    assert "no rule reads more than 10^1504 more situations" in str(diagnose(many))


@pytest.mark.parametrize("move", ["R", "S"])
@pytest.mark.parametrize("order", [1, -1])
def test_thousands_of_rules_one_after_another(move, order):
    rules = [f"s{i} _ -> s{i + 1} _ {move}" for i in range(3_000)][::order]
    ending = diagnose(Machine.read("\n".join(["start: s0", *rules])))
    assert ending.sound
    assert ending.running_away == ()
    loop = diagnose(Machine.read("\n".join(["start: s0", *rules, f"s3000 _ -> s0 _ {move}"])))
    assert len(loop.never_halting) == 3_001
    assert len(loop.standing_still) == (3_001 if move == "S" else 0)


def test_what_is_listed_of_many_situations():
    machine = Machine(rules=[Rule("a", ("x", "x"), "b", ("x", "x"), ("R", "R"))], tapes=2, symbols=map(str, range(40)))
    diagnosis = diagnose(machine)
    assert diagnosis.halts_in == (("a", 42**2 - 1),)
    assert len(diagnosis.without_rule) == 100
    assert len(str(diagnosis).splitlines()) == 4
    few = diagnose(Machine(rules=[Rule("a", ("x",), "a", ("x",), ("R",))], symbols=["0", "1", "2"]))
    assert len(str(few).splitlines()) == 4
    assert "more" not in str(few)


# ---------------------------------------------------------------------------------------------------------------- loops


@pytest.mark.parametrize("seed", range(60))
def test_what_is_said_of_random_machines_is_true(seed):
    machine = random_machine(Random(seed), states=5, symbols=3)
    for state, way in running_away(machine):
        *_, last = simulate(Machine(start=state, rules=machine.rules), "", max_steps=60)
        assert last.step == 60
        assert (last.heads[0] > 0) is (way == "R")
    for state, symbols in standing_still(machine):
        *_, last = simulate(Machine(start=state, rules=machine.rules), [*symbols], max_steps=60)
        assert (last.step, last.heads) == (60, (0,))
    possible, applied = possible_situations(machine), set()
    for input in ("", "0", "10", "0101", "_1_0"):
        for now in simulate(machine, input, max_steps=60):
            applied.add(now.rule)
            assert all(a in seen for a, seen in zip(now.symbols, possible[now.state], strict=True))
    assert applied.isdisjoint(diagnose(machine).never_applied)


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_no_rule_of_the_library_that_applies_is_said_never_to(case):
    diagnosis = diagnose(case.machine)
    assert diagnosis.sound
    run = simulate(case.machine, case.input, head=case.head, seed=case.seed, max_steps=case.max_steps)
    assert {now.rule for now in run}.isdisjoint(diagnosis.never_applied)


def test_a_run_that_first_moves_and_then_stands_does_not_run_away():
    machine = Machine.read("a _ -> b _ R\nb _ -> b _ S")
    assert list(running_away(machine)) == []
    assert list(standing_still(machine)) == [("b", ("_",))]


def test_the_sentences():
    machine = Machine.read(
        "states: a b c end\naccept: y\na 0 -> b 1 S\na 1 -> y 1 S\na _ -> end _ R\n"
        "b 1 -> b 1 L\nb 0 -> y 0 R\nb _ -> b _ L\nc 0 -> c 0 S"
    )
    sentences = str(diagnose(machine)).splitlines()
    assert "state c is never reached from the start" in sentences
    assert not any("never applies" in sentence for sentence in sentences)
    assert "state end halts, but neither accepts nor rejects" in sentences
    assert "in state b, with only blanks to the left, the machine moves on for ever" in sentences
    assert not diagnose(machine).sound
    machine = Machine.read("states: a b end\na 0 -> b 1 S\nb 1 -> end 1 R\nb 0 -> end 0 R")
    assert [str(rule) for rule in diagnose(machine).never_applied] == ["b 0 -> end 0 R"]
    assert "the rule b 0 -> end 0 R never applies: in state b the machine only reads" in str(diagnose(machine))
    assert "goes on for ever without moving" in str(diagnose(Machine.read("a 0 -> a 0 S")))

from __future__ import annotations

from random import Random

import pytest

from tests.machines import TABLE, random_machine
from tm import Machine, simulate
from tm.diagnosis import diagnose, possible_situations, running_away, standing_still


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
    said = str(diagnose(machine)).splitlines()
    assert "state c is never reached from the start" in said
    assert not any("never applies" in sentence for sentence in said)
    assert "state end halts, but neither accepts nor rejects" in said
    assert "in state b, with only blanks to the left, the machine moves on for ever" in said
    assert not diagnose(machine).sound
    machine = Machine.read("states: a b end\na 0 -> b 1 S\nb 1 -> end 1 R\nb 0 -> end 0 R")
    assert [str(rule) for rule in diagnose(machine).never_applied] == ["b 0 -> end 0 R"]
    assert "the rule b 0 -> end 0 R never applies: in state b the machine only reads" in str(diagnose(machine))
    assert "goes on for ever without moving" in str(diagnose(Machine.read("a 0 -> a 0 S")))

from __future__ import annotations

import networkx
import pytest
from hypothesis import given

from tests.machines import TABLE
from tests.strategies import machines
from tm import Machine, simulate
from tm.graph import diagnose


def test_nodes_are_states_and_edges_rules():
    machine = Machine.read("start: a\naccept: y\nreject: n\na 0 -> y 1 R\na 1 -> n 1 L\na _ -> a 0 S\na 2 -> a 0 S")
    graph = machine.graph()
    assert set(graph) == {"a", "y", "n"}
    assert graph.nodes["a"] == {"start": True, "accept": False, "reject": False, "halting": False}
    assert graph.nodes["y"] == {"start": False, "accept": True, "reject": False, "halting": True}
    assert graph.nodes["n"]["reject"]
    assert graph.number_of_edges("a", "a") == 2
    assert graph.edges["a", "y", 0]["rule"] == machine.rules_for("a", ("0",))[0]
    assert graph.edges["a", "y", 0]["moves"] == ("R",)


@given(machines())
def test_the_graph_holds_every_rule(machine):
    graph = machine.graph()
    assert tuple(graph) == machine.states
    assert {rule for _, _, rule in graph.edges(data="rule")} == set(machine.rules)
    assert isinstance(graph, networkx.MultiDiGraph)


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
        "in state a, reading 0, the machine draws between rules",
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

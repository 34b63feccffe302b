"""The search for a run that accepts, beside one that is as plain as can be, and what a nondeterministic machine is."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from tests.machines import random_machine
from tm import InputError, Machine, MachineError, Rule, outcome, search, simulate
from tm.registry import write, writers

GUESS = Machine.read("nondeterministic: yes\naccept: end\na 1 -> a 1 R\na 1 -> b 1 R\nb _ -> end _ S")
ENDLESS = Machine.read("nondeterministic: yes\naccept: end\na _ -> a 1 R\na _ -> a 0 R\nb _ -> end _ S")
CIRCLE = Machine.read(
    "nondeterministic: yes\naccept: end\na _ -> b _ S\na _ -> c _ S\nb _ -> a _ S\nc _ -> a _ S\nd _ -> end _ S"
)
HALTS = Machine.read("nondeterministic: yes\na _ -> a _ S\na _ -> b 1 R\nb _ -> c 1 S")


def plain_search(machine: Machine, input: str, depth: int) -> tuple[bool | None, int | None]:
    """Whether a run accepts and how short it is, from all runs one by one; None where some go on."""
    best, goes_on = None, False
    runs = [(machine.start, dict(enumerate(input)), 0, 0)]
    while runs:
        state, cells, head, steps = runs.pop()
        here = cells.get(head, machine.blank)
        rules = [rule for rule in machine.rules if rule.state == state and rule.read == (here,)]
        if not rules and state in machine.accept:
            best = steps if best is None else min(best, steps)
        if steps == depth:
            goes_on |= bool(rules)
            continue
        for rule in rules:
            moved = head + {"L": -1, "S": 0, "R": 1}[rule.moves[0]]
            runs.append((rule.next_state, {**cells, head: rule.write[0]}, moved, steps + 1))
    return (True if best is not None else None if goes_on else False), best


def random_choices(seed: int) -> Machine:
    """A small machine with choices that accepts in its last state."""
    machine = random_machine(Random(seed), 1, 4, 3, stochastic=True)
    rules = [Rule(r.state, r.read, r.next_state, r.write, r.moves) for r in machine.rules if r.state != "q3"]
    return Machine(start="q0", rules=rules, accept=["q3"], states=machine.states, nondeterministic=True)


@pytest.mark.parametrize("seed", range(150))
def test_random_machines_are_searched_as_the_plain_search_has_it(seed):
    machine = random_choices(seed)
    input = "".join(Random(seed).choices("_01", k=seed % 4))
    wanted, shortest = plain_search(machine, input, 7)
    result = search(machine, list(input), max_steps=7)
    if wanted is not None:  # where all runs end, or one accepts, loops make no difference
        assert result.accepted is wanted
    else:
        assert result.accepted is not True
    assert result.accepted is not True or len(result.run) - 1 == shortest
    assert result.run[0].step == 0
    for before, after in pairwise(result.run):
        assert after.rule in machine.rules_for(before.state, before.symbols)
        assert after.step == before.step + 1
    last = result.run[-1]
    assert result.halted is (not machine.rules_for(last.state, last.symbols))


def test_the_random_machines_cover_what_they_promise():
    verdicts = [search(random_choices(seed), max_steps=7).accepted for seed in range(150)]
    assert min(verdicts.count(verdict) for verdict in (True, False, None)) >= 10


def test_rejected_only_once_the_whole_tree_was_searched():
    rejected = search(GUESS, ["1", "x"], max_steps=50)
    assert (rejected.accepted, rejected.complete, rejected.halted) == (False, True, True)
    cut = search(ENDLESS, max_steps=5)
    assert (cut.accepted, cut.complete, cut.halted, cut.steps, len(cut.run)) == (None, False, False, 5, 6)
    assert str(cut).startswith("undecided: no run accepts among 63 configurations, up to 5 steps deep")
    few = search(ENDLESS, max_configurations=20)
    assert (few.accepted, few.complete) == (None, False)
    circle = search(CIRCLE)
    assert (circle.accepted, circle.complete, circle.halted, circle.configurations) == (False, True, False, 3)


def test_a_run_that_accepts_with_its_last_permitted_step_is_found():
    assert search(GUESS, "11", max_steps=3).accepted is True
    assert search(GUESS, "11", max_steps=2).accepted is None


def test_where_nothing_accepts_a_run_is_looked_for_that_halts():
    result = search(HALTS)
    assert (result.accepted, result.halted, result.run[-1].state, result.found) == (None, True, "c", True)
    assert str(result) == "this run halts: found among 3 configurations, up to 2 steps deep"
    rejecting = Machine(rules=HALTS.rules, reject=["c"], nondeterministic=True)
    assert search(rejecting).accepted is False
    assert not search(rejecting).found
    never = search(Machine.read("nondeterministic: yes\na _ -> a _ S\na _ -> b _ S\nb _ -> a _ S"))
    assert (never.accepted, never.halted, never.complete) == (None, False, True)
    assert "no run halts" in str(never)


def test_a_drawn_run_never_says_that_the_machine_rejects():
    verdicts = {outcome(GUESS, "11", seed=seed).accepted for seed in range(20)}
    assert verdicts == {True, None}
    with pytest.raises(InputError, match=r"tm\.search"):
        simulate(GUESS, "11")


def test_a_machine_without_a_choice_is_deterministic():
    rules = [Rule("a", ("0",), "b", ("1",), ("R",))]
    assert Machine(rules=rules, nondeterministic=True) == Machine(rules=rules)
    assert not Machine(rules=rules * 2, nondeterministic=True).stochastic
    assert Machine.read("accept: end\na 1 -> a 1 R x 1\na 1 -> b 1 R x 1\nb _ -> end _ S") != GUESS
    assert GUESS.rules[2].weight is None
    with pytest.raises(MachineError, match="no weights"):
        Machine(rules=[Rule("a", ("0",), "b", ("1",), ("R",), 2)], nondeterministic=True)


def test_a_long_run_without_choices_is_searched_in_time_that_its_tape_does_not_multiply():
    machine = Machine.read("nondeterministic: yes\naccept: e\na 1 -> a 0 R\na _ -> e _ S\na _ -> a _ L")
    result = search(machine, "1" * 20_000, max_steps=100_000)
    assert (result.accepted, result.run[-1].step) == (True, 20_001)


@pytest.mark.parametrize("notation", ["graphviz", "mermaid"])
def test_a_choice_is_drawn_without_weights(notation):
    assert notation in writers()
    assert " x 1" not in write(GUESS, notation)


@pytest.mark.parametrize("limits", [{"max_steps": 0}, {"max_configurations": True}, {"max_steps": 1.5}])
def test_a_bad_limit_is_refused(limits):
    with pytest.raises(InputError, match="limit of a search"):
        search(GUESS, **limits)

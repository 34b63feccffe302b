from __future__ import annotations

import copy
import pickle
from itertools import islice, pairwise

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.machines import TABLE, Case, random_case
from tests.tm.oracle import plain_run
from tm import Configuration, InputError, Machine, Tape, outcome, simulate

BEAVER = Machine.read("1RB1LB_1LA1RZ")
WALK = Machine.read("go . -> go . L x 1\ngo . -> go . R x 2")
TWO = Machine(start="a", tapes=2, symbols=["0", "1"])
ONE = Machine(start="a", symbols=["0", "1", "ab"])


def run(case: Case) -> list[Configuration]:
    return list(simulate(case.machine, case.input, head=case.head, max_steps=case.max_steps, seed=case.seed))


def agree(case: Case) -> None:
    """The simulator and the plain one go through the same configurations."""
    configurations = run(case)
    plain = list(plain_run(case))
    assert len(configurations) == len(plain)
    for step, (configuration, (state, heads, cells)) in enumerate(zip(configurations, plain, strict=True)):
        assert (configuration.step, configuration.state, configuration.heads) == (step, state, heads)
        for tape, known in zip(configuration.tapes, cells, strict=True):
            assert {tape.first + i: s for i, s in enumerate(tape.cells()) if s != case.machine.blank} == known


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_the_table_runs_as_the_plain_simulator_has_it(case):
    agree(case)


@pytest.mark.parametrize("stochastic", [False, True])
@pytest.mark.parametrize("seed", range(150))
def test_random_machines_run_as_the_plain_simulator_has_it(seed, stochastic):
    agree(random_case(seed, stochastic))


def test_random_cases_cover_what_they_promise():
    cases = [random_case(seed) for seed in range(150)]
    assert {case.machine.tapes for case in cases} == {1, 2, 3}
    heads = [run(case)[0].heads for case in cases]
    assert any(min(cells) < 0 for cells in heads)
    assert any("_" in symbols[1:-1] for case in cases for symbols in case.input)
    assert any(rule.moves == ("S",) for case in cases for rule in case.machine.rules)
    lengths = [len(run(case)) - 1 for case in cases]
    assert lengths.count(120) > 20
    assert sum(0 < length < 120 for length in lengths) > 20


def test_each_configuration_says_which_rule_led_to_it_and_stays_valid():
    configurations = list(simulate(BEAVER))
    assert configurations[0].rule is None
    for before, after in pairwise(configurations):
        assert after.rule in BEAVER.rules_for(before.state, before.symbols)
    assert [len(configuration.tapes[0].cells()) for configuration in configurations] == [0, 1, 2, 2, 3, 4, 4]


def test_a_machine_without_rules_halts_at_once():
    assert [c.step for c in simulate(ONE, "01")] == [0]
    assert outcome(ONE, "01", head=7).tape == ["0", "1"]


def test_a_run_that_halts_with_its_last_permitted_step_has_halted():
    assert outcome(BEAVER, max_steps=6).reason == "no rule"
    stopped = outcome(BEAVER, max_steps=5)
    assert (stopped.halted, stopped.reason, stopped.steps, stopped.accepted) == (False, "step limit", 5, None)


def test_a_run_without_a_limit_can_be_taken_as_far_as_one_likes():
    forever = Machine.read("a _ -> a _ R")
    assert [c.heads for c in islice(simulate(forever), 4)] == [(0,), (1,), (2,), (3,)]


def test_the_outcome_has_lists_for_several_tapes():
    result = outcome(TWO, ["10", ""], head=[2, -1])
    assert (result.tape, result.head) == ([["1", "0"], []], [2, -1])


def test_the_tape_goes_from_the_first_to_the_last_cell_that_is_not_blank():
    assert outcome(ONE, "__0__1__").tape == ["0", "_", "_", "1"]


def test_a_seed_gives_one_run_and_weights_their_shares():
    runs = [outcome(WALK, "." * 41, head=20, max_steps=20, seed=seed) for seed in range(200)]
    assert runs == [outcome(WALK, "." * 41, head=20, max_steps=20, seed=seed) for seed in range(200)]
    right = numpy.mean([result.head for result in runs]) / 40  # after 20 steps: cell 40 if all went right, 0 if none
    assert abs(right - 2 / 3) < 0.03  # four standard deviations of 4,000 draws


def test_a_draw_is_made_in_every_step_also_where_there_is_no_choice():
    once = Machine.read("a . -> b 0 R x 1\na . -> b 1 R x 1\nb . -> a . R")
    drawn = outcome(once, "." * 8, seed=5).tape
    always = Machine.read("a . -> a 0 R x 1\na . -> a 1 R x 1")
    assert drawn[::2] == outcome(always, "." * 8, seed=5).tape[::2]


def test_equal_machines_drawn_in_another_order_of_rules_run_alike():
    again = Machine(rules=reversed(WALK.rules), start="go")
    assert again == WALK
    assert outcome(again, "...", head=1, max_steps=9, seed=1) == outcome(WALK, "...", head=1, max_steps=9, seed=1)


@pytest.mark.parametrize("limit", [0, -1, 1.0, "5", True])
def test_a_bad_limit_is_refused_at_the_call(limit):
    with pytest.raises(InputError, match="step limit"):
        simulate(BEAVER, max_steps=limit)


@pytest.mark.parametrize("seed", [None, -1, 1.5, True])
def test_a_stochastic_machine_needs_a_seed(seed):
    with pytest.raises(InputError, match="seed="):
        simulate(WALK, seed=seed)
    assert list(simulate(BEAVER, seed=seed))  # the others need none


# ------------------------------------------------------------------------------------------------------------ the start


@pytest.mark.parametrize(
    ("machine", "input", "tapes"),
    [
        (ONE, "", [[]]),
        (ONE, "01", [["0", "1"]]),
        (ONE, ["0", "ab"], [["0", "ab"]]),
        (ONE, ("0", "1"), [["0", "1"]]),
        (ONE, [["0", "1"]], [["0", "1"]]),
        (TWO, "", [[], []]),
        (TWO, "01", [["0", "1"], []]),
        (TWO, ["01", "1"], [["0", "1"], ["1"]]),
        (TWO, [["0"], ["1", "1"]], [["0"], ["1", "1"]]),
        (TWO, ["", ""], [[], []]),
    ],
)
def test_an_input_is_a_string_or_a_list_for_each_tape(machine, input, tapes):
    (start,) = simulate(machine, input)
    assert [tape.cells() for tape in start.tapes] == tapes


@pytest.mark.parametrize(
    ("machine", "input", "reason"),
    [
        (ONE, "0a2a", "no symbol a"),
        (ONE, [["0"], ["1"]], "wrong number of inputs"),
        (ONE, 5, "a string or a list"),
        (ONE, [5], "no symbol 5"),
        (TWO, ["0", "1", "0"], "wrong number of inputs"),
        (TWO, ["0", 5], "tape 2 is a string or a list"),
        (TWO, [], "wrong number of inputs"),
    ],
)
def test_a_bad_input_is_refused(machine, input, reason):
    with pytest.raises(InputError, match=reason):
        simulate(machine, input)


def test_a_list_may_hold_a_symbol_that_no_rule_mentions():
    """A list names its symbols outright; on one without rules the machine halts. In a string it is taken for a slip."""
    machine = Machine.read("a 0 -> a 1 R")
    end = outcome(machine, ["0", "new"])
    assert (end.halted, end.steps, end.tape) == (True, 1, ["1", "new"])
    with pytest.raises(InputError, match="no symbol n"):
        outcome(machine, "0n")


def test_all_unknown_symbols_are_named_at_once_with_their_cells():
    with pytest.raises(InputError) as caught:
        simulate(TWO, ["0a1a", "#"])
    assert [problem.found for problem in caught.value.problems] == [
        "a on cells 1, 3 of tape 1",
        '"#" on cell 0 of tape 2',
    ]
    assert "one of _ 0 1" in str(caught.value)


def test_one_head_stands_for_all():
    (start,) = simulate(TWO, head=-3)
    assert start.heads == (-3, -3)


@pytest.mark.parametrize("head", [1.0, None, "0", [0], [0, 1, 2], [0, None], True])
def test_a_bad_head_is_refused(head):
    with pytest.raises(InputError, match="head"):
        simulate(TWO, head=head)


# ------------------------------------------------------------------------------------------------------------- the tape


@given(st.text("_01", max_size=6), st.integers(-3, 3), st.integers(-9, 9))
def test_a_tape_holds_what_it_is_made_of(symbols, first, head):
    tape = Tape.of(symbols, blank="_", first=first, head=head)
    for cell in range(-12, 13):
        expected = symbols[cell - first] if 0 <= cell - first < len(symbols) else "_"
        assert tape[cell] == expected
    assert "".join(tape.cells()) == symbols.strip("_")
    assert tape.symbol == tape[head]
    assert pickle.loads(pickle.dumps(tape)) == copy.deepcopy(tape) == tape  # noqa: S301


def test_tapes_are_equal_when_they_read_alike_wherever_the_head_has_been():
    tape = Tape.of("1", blank="_")
    there_and_back = tape.step("1", "R").step("_", "L")
    assert there_and_back == tape
    assert hash(there_and_back) == hash(tape)
    assert tape != tape.step("1", "R")
    assert tape != "1"


def test_a_tape_cannot_be_changed():
    with pytest.raises(AttributeError):
        Tape.of("1", blank="_").symbol = "0"  # type: ignore[misc]


def test_a_tape_takes_no_more_room_than_it_needs_and_any_length():
    assert Tape.of("", blank="_", head=10**12).cells() == []
    tape = Tape.of("", blank="_")
    for _ in range(100_000):
        tape = tape.step("1", "R")
    assert len(tape.cells()) == 100_000
    assert tape == pickle.loads(pickle.dumps(tape))  # noqa: S301

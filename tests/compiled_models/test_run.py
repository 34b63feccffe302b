"""`run`: results, edge cases, and what it refuses."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from compiled_models import run
from construction import base_network, compile_machine
from tests.emulation import base_for, tuned_for
from tests.machines import TABLE
from tm import InputError, Machine, library, outcome

NETWORK = base_network(states=8, symbols=4)


def same(result, expected) -> bool:
    names = ("halted", "reason", "steps", "state", "accepted", "tape", "head")
    return all(getattr(result, name) == getattr(expected, name) for name in names)


@pytest.mark.parametrize("case", TABLE[::2], ids=str)
@pytest.mark.parametrize("kind", ["base", "tuned"])
def test_a_result_is_the_simulators_outcome(case, kind):
    base = base_for(case)
    network = base if kind == "base" else tuned_for(case, base)
    result = run(network, case.machine, case.input, head=case.head, seed=case.seed, max_steps=150)
    assert same(result, outcome(case.machine, case.input, head=case.head, seed=case.seed, max_steps=150))


@pytest.mark.parametrize(
    ("machine", "input"),
    [
        (library.load("increment"), ""),
        (Machine(start="only", symbols=["1"]), "11"),
        (Machine.read("start: b\na 0 -> b 1 R"), "0"),
        (Machine.read("q _ -> q _ S"), ""),
        (Machine.read("q _ -> q _ R\nq 1 -> q _ L"), "1_1"),
    ],
    ids=["empty input", "no rules", "start without rules", "one state that stays", "one state, blanks in the input"],
)
def test_the_smallest_runs(machine, input):
    for network in (NETWORK, compile_machine(machine, states=8, symbols=4)):
        assert same(run(network, machine, input, max_steps=9), outcome(machine, input, max_steps=9))


def test_a_run_that_halts_with_its_last_permitted_step_has_halted():
    bb2 = Machine.read("1RB1LB_1LA1RZ")
    assert run(NETWORK, bb2, max_steps=6).reason == "no rule"
    stopped = run(NETWORK, bb2, max_steps=5)
    assert (stopped.reason, stopped.steps, stopped.halted, stopped.accepted) == ("step limit", 5, False, None)


def test_an_unseen_situation_is_told_from_a_missing_rule():
    machine = library.load("increment")
    examples = [rule for rule in machine.rules if rule.state == "right"]
    result = run(NETWORK, machine, "1011", examples=examples)
    assert (result.halted, result.reason, result.steps, result.state) == (False, "unseen situation", 5, "carry")
    assert run(NETWORK, machine, "1011", examples=[]).reason == "unseen situation"


def test_a_machine_with_fewer_tapes_runs_on_a_network_with_more():
    wide = base_network(states=8, symbols=4, tapes=3)
    result = run(wide, library.load("increment"), "1011")
    assert (result.tape, result.head, result.steps) == (["1", "1", "0", "0"], 1, 8)


def test_several_tapes_give_lists():
    result = run(base_network(4, 4, 2), library.load("two_tape_copy"), ["101", ""])
    assert (result.tape, result.head) == ([["1", "0", "1"], ["1", "0", "1"]], [3, 3])


def test_trace_has_a_step_a_token():
    result = run(NETWORK, library.load("increment"), "11")
    steps = list(result.trace())
    assert [step.number for step in steps] == list(range(1, result.steps + 2))
    assert steps[-1].text == "<stop>"
    assert [token.text for token in steps[-1].decide] == ["<bos>"]
    for before, after in pairwise(steps):
        assert before.after == after.before
    for step in steps[:-1]:
        assert sum(token.weight for token in step.decide) == pytest.approx(1, abs=1e-9)
        assert step.decide[0].text == step.text.replace(">", ":")
    cut = run(NETWORK, library.load("increment"), "11", max_steps=2)
    assert len(list(cut.trace())) == 2


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, "10"])
def test_a_step_limit_is_a_positive_integer(limit):
    with pytest.raises(InputError, match="the step limit is a positive integer"):
        run(NETWORK, library.load("increment"), "1", max_steps=limit)


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(InputError) as error:
        run(NETWORK, library.load("increment"), "1", max_steps=0, seed=-1, decoder="magic")
    assert [problem.message for problem in error.value.problems] == [
        "the step limit is a positive integer",
        "a seed is an integer of 0 or more",
        "no such decoder",
    ]


def test_an_unknown_symbol_is_an_error():
    with pytest.raises(InputError, match="the machine has no symbol 2"):
        run(NETWORK, library.load("increment"), "12")


def test_a_stochastic_machine_needs_a_seed():
    with pytest.raises(InputError, match="draws its steps from a seed"):
        run(base_network(states=4, symbols=2), Machine.read("a _ -> b _ S x 1\na _ -> c _ S x 1"))


def test_a_network_tuned_to_another_machine_is_refused():
    with pytest.raises(InputError, match="tuned to bb2, not to this machine"):
        run(compile_machine(library.load("bb2"), states=8, symbols=4), library.load("increment"), "1")


@pytest.mark.parametrize(
    "make",
    [
        lambda device: run(NETWORK, library.load("increment"), "1", device=device),
        lambda device: base_network(2, 2, device=device),
        lambda device: compile_machine(library.load("increment"), device=device),
    ],
    ids=["run", "base_network", "compile_machine"],
)
def test_a_device_that_is_not_there_is_said(make):
    with pytest.raises(InputError, match="no such device"):
        make("tpu")
    if not torch.cuda.is_available():
        with pytest.raises(InputError, match="no CUDA device on this machine"):
            make("cuda")


def test_a_tuned_network_takes_no_examples():
    machine = library.load("increment")
    with pytest.raises(InputError, match="takes no examples"):
        run(compile_machine(machine), machine, "1", examples=machine.rules)


@pytest.mark.parametrize("arguments", [(None, library.load("increment")), (NETWORK, "increment")])
def test_run_takes_a_network_and_a_machine(arguments):
    with pytest.raises(InputError, match="a network and a machine"):
        run(*arguments)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_cuda_runs_the_same(dtype):
    network = base_network(states=16, symbols=8, dtype=dtype)
    for name in ("increment", "brackets", "bb4"):
        machine, text = library.load(name), library.examples(name)[0].input
        result = run(network, machine, text, decoder="dense", device="cuda")
        assert same(result, outcome(machine, text))

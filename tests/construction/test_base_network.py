"""The base network is fixed: its weights know the capacity, never the policy."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from compiled_models import fingerprint, load, run, save
from compiled_models.decoding import DenseDecoder
from construction import CapacityError, Codec, Example, base_network, compile_machine
from construction.base_network import BLOCKS
from construction.number_format import Constants
from tests.effort import THOROUGH, some
from tests.emulation import network_for, run_of
from tests.machines import TABLE, Case, random_case
from tm import Machine, Rule, library, outcome, simulate


def test_weights_depend_on_the_capacity_alone():
    network = base_network(states=8, symbols=8)
    before = fingerprint(network)
    for name in ("increment", "brackets", "bb3"):
        run(network, library.load(name), library.examples(name)[0].input, max_steps=50)
        assert fingerprint(network) == before
    assert fingerprint(base_network(states=8, symbols=8)) == before


@pytest.mark.parametrize(
    "other",
    [{"states": 9}, {"symbols": 5}, {"tapes": 2}, {"code": "factored"}, {"dtype": torch.float32}],
    ids=str,
)
def test_every_part_of_the_capacity_matters(other):
    capacity: dict[str, Any] = {"states": 8, "symbols": 4, "tapes": 1}
    assert fingerprint(base_network(**capacity)) != fingerprint(base_network(**{**capacity, **other}))


def test_tuned_and_base_differ_in_one_layer_only():
    machine = library.load("increment")
    base, tuned = base_network(states=8, symbols=4), compile_machine(machine, states=8, symbols=4)
    theirs = dict(base.named_parameters())
    for name, weight in tuned.named_parameters():
        if name.startswith(f"blocks.{BLOCKS.index('DECIDE')}.mlp"):
            assert len(tuned.get_parameter("blocks.3.mlp.W_out")) == len(machine.rules)
        else:
            assert torch.equal(weight, theirs[name])


def tokens_shown(case: Case, examples: Iterable[Rule]) -> list[list[int]]:
    """What the base network generates when it is shown these examples."""
    network = network_for(8, 4, case.machine.tapes)
    codec = Codec(network.config, case.machine)
    prompt = codec.prompt(case.input, head=case.head, examples=examples)
    decoder = DenseDecoder(network, codec.vocabulary, prompt)
    return np.concatenate(list(decoder.generate(case.max_steps))).tolist()


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_examples_changes_no_token(seed):
    case = random_case(seed, max_steps=60)
    shuffled = list(case.machine.rules)
    random.Random(seed).shuffle(shuffled)
    assert tokens_shown(case, shuffled) == tokens_shown(case, case.machine.rules)


def with_a_wrong_rule(case: Case, seed: int) -> Case | None:
    """The case with a rule that its run uses made wrong, so that it takes another course; None if it uses none."""
    machine = case.machine
    visited = [now.rule for now in simulate(machine, case.input, head=case.head, max_steps=60) if now.rule]
    if not visited:
        return None
    rng = random.Random(seed)
    old = rng.choice(visited)
    state = rng.choice([q for q in machine.states if q != old.next_state])
    wrong = replace(old, next_state=state, write=tuple(rng.choices(machine.symbols, k=machine.tapes)))
    fields = {name: getattr(machine, name) for name in ("tapes", "start", "accept", "reject", "states", "symbols")}
    rules = [wrong if rule == old else rule for rule in machine.rules]
    return replace(case, machine=Machine(**fields, rules=rules))


def test_a_wrong_example_is_followed_as_the_wrong_rule_would_be():
    tried = 0
    for seed in some(range(60), every=3):
        case = random_case(seed, max_steps=60)
        if (wrong := with_a_wrong_rule(case, seed)) is None:
            continue
        tried += 1
        codec = Codec(network_for(8, 4, case.machine.tapes).config, case.machine)
        expected = run_of(codec, replace(case, machine=wrong.machine)).tolist()
        assert tokens_shown(case, wrong.machine.rules) == expected[:60]
        assert expected != run_of(codec, case).tolist()
    assert tried > (30 if THOROUGH else 10)


def test_float32_runs_the_table_too():
    network = base_network(states=16, symbols=8, dtype=torch.float32)
    for case in TABLE[::4]:
        if case.machine.tapes == 1 and case.seed is None:
            result = run(network, case.machine, case.input, head=case.head, max_steps=100)
            expected = outcome(case.machine, case.input, head=case.head, max_steps=100)
            assert (result.steps, result.tape, result.state) == (expected.steps, expected.tape, expected.state)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_every_weight_is_exactly_what_the_blueprint_says(dtype):
    """Filling checks representability; the constants are whole or powers of two."""
    constants = Constants.of(dtype)
    network = base_network(states=3, symbols=3, tapes=2, dtype=dtype)
    written = network.get_parameter("blocks.0.mlp.W_out").detach().unique()
    assert {float(weight) for weight in written} == {0.0, 1.0, float(constants.M)}


@pytest.mark.parametrize(
    ("capacity", "said"),
    [
        ({"states": 0, "symbols": 2}, "states is 0"),
        ({"states": 2, "symbols": 1}, "symbols is 1, expected 2 or more"),
        ({"states": 2, "symbols": 2, "tapes": 0}, "tapes is 0"),
        ({"states": 10**23, "symbols": 2}, r"takes? about 10\^\d+ GB, and this machine has"),
        ({"states": 2, "symbols": 2, "tapes": 10**15}, "and this machine has"),
        ({"states": 2, "symbols": 2, "tapes": 10**9, "code": "joint"}, "and this machine has"),
        ({"states": 500_000, "symbols": 2}, "GB of memory"),
        ({"states": 2.0, "symbols": 2}, "states is 2.0"),
        ({"states": 2, "symbols": 2, "code": "morse"}, "morse"),
        ({"states": 2, "symbols": 2, "dtype": torch.float16}, "float16"),
    ],
    ids=str,
)
def test_no_such_network(capacity, said):
    with pytest.raises(CapacityError, match=said):
        base_network(**capacity)


def test_all_that_is_wrong_with_a_capacity_is_said_at_once():
    with pytest.raises(CapacityError) as error:
        base_network(states=0, symbols=0)
    assert "states is 0" in str(error.value)
    assert "symbols is 0" in str(error.value)


def test_a_machine_too_large_names_the_capacity_and_the_call():
    with pytest.raises(CapacityError, match=r"base_network\(states=8, symbols=6, tapes=2\).*--states 8") as error:
        Codec(base_network(states=2, symbols=2, tapes=2).config, library.load("copy"))
    assert "needs 8 states, the network has 2" in str(error.value)


def test_too_few_tapes_is_said():
    with pytest.raises(CapacityError, match="needs 2 tapes, the network has 1"):
        run(base_network(states=8, symbols=4), library.load("two_tape_copy"), ["1", ""])


def test_a_stochastic_policy_needs_joint_code():
    coin = Machine.read("toss _ -> heads _ S x 3\ntoss _ -> tails _ S x 1")
    with pytest.raises(CapacityError, match="64 states, 8 symbols and 1 tape, so 1,536 actions"):
        run(base_network(states=64, symbols=8), coin, seed=1)
    with pytest.raises(CapacityError, match="joint"):
        compile_machine(coin, code="factored")


@pytest.mark.parametrize(
    "shown",
    [
        [("a", ("0",), "a", ("0",), ("R",)), ("a", ("0",), "b", ("0",), ("R",))],
        [("a", ("0",), "a", ("0",), ("R",)), (None, (None,), "b", ("0",), ("R",))],
        [(None, ("0",), "a", ("0",), ("R",)), ("a", (None,), "b", ("0",), ("R",))],
    ],
    ids=["one situation", "a wildcard", "two wildcards that meet"],
)
def test_examples_that_differ_need_joint_code(shown):
    machine = Machine.read("a 0 -> b 0 R")
    examples = [Example(*example) for example in shown]
    assert run(base_network(4, 4), machine, "0", examples=examples, seed=1, max_steps=20).steps > 0
    with pytest.raises(CapacityError, match="several actions for one situation"):
        run(base_network(4, 4, code="factored"), machine, "0", examples=examples, seed=1)
    agreeing = [example._replace(next_state="b") for example in examples]
    assert run(base_network(4, 4, code="factored"), machine, "0", examples=agreeing, max_steps=20).steps > 0


@pytest.mark.parametrize("seed", range(12))
def test_a_tuned_network_knows_its_machine_however_its_rules_are_ordered(seed, tmp_path):
    case = random_case(seed, max_steps=60)
    machine, rng = case.machine, random.Random(seed)
    fields = {name: getattr(machine, name) for name in ("tapes", "start", "accept", "reject")}
    shuffled = Machine(
        **fields,
        rules=rng.sample(machine.rules, len(machine.rules)),
        states=rng.sample(machine.states, len(machine.states)),
        symbols=rng.sample(machine.symbols, len(machine.symbols)),
    )
    save(compile_machine(machine), tmp_path / "tuned")
    result = run(load(tmp_path / "tuned"), shuffled, case.input, head=case.head, max_steps=60)
    expected = outcome(machine, case.input, head=case.head, max_steps=60)
    assert shuffled == machine
    assert (result.steps, result.tape, result.state) == (expected.steps, expected.tape, expected.state)

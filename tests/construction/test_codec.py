"""Names to slots and back; prompts."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from construction import Codec, Example, NetworkConfig
from construction.codec import MANY
from construction.tuned_network import tuned_to
from tests.machines import random_case
from tm import InputError, Machine, Start, library


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("code", ["joint", "factored"])
def test_every_rule_comes_back_from_its_tokens(seed, code):
    machine = random_case(seed).machine
    codec = Codec(NetworkConfig.of(states=7, symbols=4, tapes=3, code=code), machine)
    for rule in machine.rules:
        expected = (rule.state, rule.read, rule.next_state, rule.write, rule.moves)
        assert codec.rule(codec.step(rule))[:5] == expected
        assert codec.rule(codec.example(rule))[:5] == expected


def test_a_prompt_is_bos_examples_cells_shifts_run():
    machine = library.load("increment")
    codec = Codec(NetworkConfig.of(states=8, symbols=4), machine)
    kinds = [codec.vocabulary.parse(token)[0] for token in codec.prompt("10", head=-2).tokens]
    assert kinds == ["BOS"] + ["EXAMPLE"] * len(machine.rules) + ["CELL"] * 2 + ["SHIFT"] * 2 + ["RUN"]


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("kind", ["base", "tuned"])
def test_a_prompt_is_its_tokens_one_after_another(seed, kind):
    case = random_case(seed)
    config = NetworkConfig.of(states=7, symbols=4, tapes=3)
    codec = Codec(config if kind == "base" else tuned_to(config, case.machine), case.machine)
    start, token = codec.start(case.input, case.head), codec.vocabulary.token
    tokens = [token("BOS"), *codec.examples(case.machine.rules if kind == "base" else ())]
    for tape, symbols in enumerate(start.input):
        tokens += [token("CELL", 4 * tape + codec.machine.symbols.index(symbol)) for symbol in symbols]
    for tape, cell in enumerate(start.head):
        tokens += [token("SHIFT", 2 * tape + (cell > 0))] * abs(cell)
    tokens.append(token("RUN", codec.machine.states.index(codec.machine.start)))
    prompt = codec.prompt(case.input, head=case.head)
    assert prompt.tokens.dtype == np.int64
    assert prompt.tokens.tolist() == [list(each) for each in tokens]


@pytest.mark.parametrize(
    ("machine", "texts"),
    [
        ("A 0 -> B 1 R", ["<bos>", "A0:1RB", "[0]", "<right>", "<run A>"]),
        ('"a b" 0 -> B 1 R', ["<bos>", '"a b"/0:1/R/B', "[0]", "<right>", '<run "a b">']),
        ("tapes: 2\nA 0,1 -> B 1,0 R,S", ["<bos>", "A/0,1:1,0/R,S/B", "[1 0]", "<right 1>", "<right 2>", "<run A>"]),
    ],
)
def test_texts(machine, texts):
    read = Machine.read(machine)
    codec = Codec(NetworkConfig.of(states=2, symbols=3, tapes=2), read)
    prompt = codec.prompt([["0"], []] if read.tapes == 2 else "0", head=1)
    assert [codec.text(token) for token in prompt.tokens] == texts


def test_a_rule_of_weight_n_is_n_examples_and_a_wildcard_is_one():
    coin = Machine.read("toss _ -> heads _ S x 3\ntoss _ -> tails _ S x 1")
    codec = Codec(NetworkConfig.of(states=3, symbols=2), coin)
    assert len(codec.examples(coin.rules)) == 4
    assert codec.text(codec.example(Example(None, (None,), "heads", ("_",), ("S",)))) == "*/*:_/S/heads"


GOOD: Any = Example("right", ("1",), "done", ("0",), ("S",))


@pytest.mark.parametrize(
    ("example", "said"),
    [
        (GOOD._replace(state="carryy"), "names state 'carryy'"),
        (GOOD._replace(next_state=None), "names state None"),
        (GOOD._replace(read=("7",)), "names symbol '7'"),
        (GOOD._replace(write=(None,)), "names symbol None"),
        (GOOD._replace(moves=("X",)), "no such move: 'X'"),
        (GOOD._replace(write=("0", "1")), "write is a tuple with one for each tape"),
        (GOOD._replace(moves="S"), "moves is a tuple"),
        (GOOD._replace(weight=0), "weight is a positive integer"),
        (GOOD._replace(weight=-1), "weight is a positive integer"),
        (GOOD._replace(weight=2.5), "weight is a positive integer"),
        ("right 1 -> done 0 S", "an example is a Rule or an Example"),
    ],
)
def test_a_bad_example_is_an_error(example, said):
    codec = Codec(NetworkConfig.of(states=3, symbols=3), library.load("increment"))
    assert len(codec.prompt(examples=[GOOD]).tokens) == 3
    with pytest.raises(InputError, match=said):
        codec.prompt(examples=[GOOD, example])


def test_every_bad_example_is_said_at_once():
    codec = Codec(NetworkConfig.of(states=3, symbols=3), library.load("increment"))
    with pytest.raises(InputError) as error:
        codec.prompt(examples=[GOOD._replace(state="x", read=("7",)), GOOD._replace(weight=0)])
    assert len(error.value.problems) == 3


def test_a_prompt_that_is_too_long_is_refused_before_it_is_made():
    codec = Codec(NetworkConfig.of(states=3, symbols=3), library.load("increment"))
    for long in ({"head": 10**20}, {"head": -(10**8)}, {"examples": [GOOD._replace(weight=10**9)]}):
        with pytest.raises(InputError, match="the prompt is too long"):
            codec.prompt(**long)


def test_a_state_named_like_a_wildcard_is_told_from_one():
    machine = Machine.read('"*" 0 -> "*" 1 R')
    codec = Codec(NetworkConfig.of(states=2, symbols=3), machine)
    wild = Example(None, ("0",), "*", ("1",), ("R",))
    assert [codec.text(codec.example(shown)) for shown in (machine.rules[0], wild)] == ['"*"/0:1/R/"*"', '*/0:1/R/"*"']


def test_bad_inputs_and_heads_are_errors():
    codec = Codec(NetworkConfig.of(states=3, symbols=3), library.load("increment"))
    with pytest.raises(InputError, match="no symbol 2"):
        codec.prompt("12")
    with pytest.raises(InputError, match="a head starts on a cell"):
        codec.prompt("1", head="first")  # type: ignore[arg-type]


@pytest.mark.parametrize("symbols", ["01", "0é𝕏", ["0", "ten"]])
def test_the_slots_of_a_long_tape_are_those_of_its_symbols_one_by_one(symbols):
    machine = Machine(start="a", blank="0", symbols=[*symbols])
    codec = Codec(NetworkConfig.of(states=2, symbols=4), machine)
    tape = [symbols[i * i % len(symbols)] for i in range(3 * MANY)]
    expected = [machine.symbols.index(symbol) for symbol in tape]
    assert codec.symbol_slots(tape).tolist() == expected
    assert codec.symbol_slots(tape[:9]).tolist() == expected[:9]
    for unknown in ("1" if "1" not in symbols else "2", "\U0010ffff", "\ud800", "", "01"):
        with pytest.raises(KeyError):
            codec.symbol_slots([*tape, unknown])
    for split in itertools.product(["", *symbols, "".join(symbols)], repeat=2):  # together as long as two symbols are
        if not {*split} <= {*symbols}:
            with pytest.raises(KeyError):
                codec.symbol_slots([*tape, *split])


@pytest.mark.parametrize("kind", ["base", "tuned"])
def test_a_start_is_what_it_was_made_of(kind):
    machine = library.load("two_tape_add")
    config = NetworkConfig.of(states=16, symbols=8, tapes=2)
    start = Start.of(machine, ["1011", "110"], [2, -1])
    codec = Codec(config if kind == "base" else tuned_to(config, machine), start.machine)
    prompt = codec.prompt(["1011", "110"], head=[2, -1])
    assert (codec.prompt(start).tokens == prompt.tokens).all()
    assert (codec.start(start).input, codec.start(start).head) == (start.input, start.head)
    other = Codec(config, library.load("increment"))
    with pytest.raises(InputError, match="wrong number of inputs"):
        other.prompt(start)

"""A tabulated policy does what its function says: held against a direct interpreter of the function."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tm import ANY, SAME, Machine, MachineError, Rule, library, simulate, tabulate
from tm.state_name import state_name
from tm.tabulate import Step

ROOT = Path(__file__).parents[2]


def interpreted(
    step: Step, state: Any, inputs: list[list[str]], limit: int
) -> Iterator[tuple[Any, list[dict[int, str]], list[int]]]:
    """State, tapes and heads of a run of the function itself, as plain as can be."""
    tapes, heads = [dict(enumerate(cells)) for cells in inputs], [0] * len(inputs)
    for _ in range(limit + 1):
        yield state, [{cell: s for cell, s in tape.items() if s != "_"} for tape in tapes], list(heads)
        read = tuple(tape.get(head, "_") for tape, head in zip(tapes, heads, strict=True))
        action = step(state, read)
        if action is None:
            return
        state, written, moves = action
        for i, move in enumerate(moves):
            new = read[i] if written is SAME or written[i] is SAME else written[i]
            tapes[i][heads[i]] = new
            heads[i] += "LSR".index(move) - 1


class State(NamedTuple):
    number: int
    flag: bool


def random_step(seed: int, tapes: int, alphabets: list[str]) -> Step:
    """A policy that is drawn as it is asked; the same answer each time."""

    def step(state: State, symbols: tuple[str, ...]) -> tuple[Any, Any, Any] | None:
        rng = Random(f"{seed} {state} {symbols}")
        if rng.random() < 0.1:
            return None
        write = [rng.choice([SAME, rng.choice(alphabet)]) for alphabet in alphabets]
        same = rng.random() < 0.2
        return (
            State(rng.randrange(3), rng.random() < 0.5),
            SAME if same else tuple(write),
            "".join(rng.choices("LSR", k=tapes)),
        )

    return step


@given(st.integers(0, 10**9), st.integers(1, 3))
def test_a_tabulated_policy_runs_as_its_function(seed: int, tapes: int):
    rng = Random(seed)
    alphabets = ["".join(rng.sample("_01ab", rng.randint(1, 3))) + "_" for _ in range(tapes)]
    brought = ["".join(rng.sample(alphabet, rng.randint(0, len(set(alphabet))))) for alphabet in alphabets]
    step = random_step(seed, tapes, alphabets)
    machine = tabulate(
        step,
        start=State(0, False),
        symbols=alphabets if tapes > 1 else alphabets[0],
        inputs=brought if tapes > 1 else brought[0],
        tapes=tapes,
    )
    inputs = [[rng.choice(part) for _ in range(rng.randrange(6))] if part else [] for part in brought]
    run = simulate(machine, inputs, max_steps=60)
    for configuration, (state, tapes_then, heads) in zip(
        run, interpreted(step, State(0, False), inputs, 60), strict=True
    ):
        assert configuration.state == state_name(state)
        assert list(configuration.heads) == heads
        for tape, cells in zip(configuration.tapes, tapes_then, strict=True):
            placed = {tape.first + i: s for i, s in enumerate(tape.cells()) if s != "_"}
            assert placed == cells


@given(st.integers(0, 10**9))
def test_no_rule_reads_what_cannot_be_read(seed: int):
    """A head that stays reads what it wrote; a tape holds what was brought or written there, and the blank."""
    machine = tabulate(
        random_step(seed, 2, ["01_", "ab_"]), start=State(0, False), symbols=["01", "ab"], inputs=["0", ""], tapes=2
    )
    written = [{"_", "0"}, {"_"}]
    for rule in machine.rules:
        for i in range(2):
            written[i].add(rule.write[i])
    pairs = {(rule.next_state, rule.write, rule.moves) for rule in machine.rules}
    for rule in machine.rules:
        assert all(rule.read[i] in written[i] for i in range(2))
        reached = rule.state == "state(number=0;flag=no)" or any(
            state == rule.state and all(m != "S" or w == r for w, m, r in zip(write, moves, rule.read, strict=True))
            for state, write, moves in pairs
        )
        assert reached


def test_the_function_is_asked_once_for_a_situation():
    asked: list[tuple[object, tuple[str, ...]]] = []

    def step(state: int, symbols: tuple[str, ...]) -> tuple[int, object, str]:
        asked.append((state, symbols))
        return (state + 1) % 3, "1" if symbols == ("0",) else SAME, "RS"[state % 2]

    tabulate(step, start=0, symbols="01_")
    assert len(asked) == len(set(asked)) == 8  # after "S" (in state 1) the symbol is known: 0 never stands there


@pytest.mark.parametrize("name", ["two_tape_add", "three_tape_xor", "two_tape_palindrome"])
def test_library_machines_as_functions_are_equal_to_the_files(name: str):
    machines = runpy.run_path(str(ROOT / "examples" / "policies_as_functions.py"))["machines"]()
    (machine,) = (machine for machine in machines if machine.name == name)
    assert machine == library.load(name)


# ----------------------------------------------------------------------------------------------------------- shorthand


def test_symbols_as_one_alphabet_or_one_a_tape_and_long_names():
    def step(state: str, symbols: tuple[str, ...]) -> tuple[str, object, str] | None:
        return ("a", SAME, "RR") if symbols == ("one", ANY) else None

    machine = tabulate(step, start="a", symbols=[["one", "two"], "xy"], tapes=2)
    assert [str(rule) for rule in machine.rules] == [
        "a one,_ -> a one,_ R,R",
        "a one,x -> a one,x R,R",
        "a one,y -> a one,y R,R",
    ]
    assert set(machine.symbols) == {"_", "one", "two", "x", "y"}


def test_on_one_tape_a_string_is_one_symbol():
    machine = tabulate(lambda s, r: ("b", "long", "R") if s == "a" else None, start="a", symbols=["long", "x"])
    assert {rule.write for rule in machine.rules} == {("long",)}


def test_any_equals_every_symbol_and_nothing_else():
    assert ("1", ANY) == ("1", "x")
    assert ("1", ANY) != ("0", "x")
    assert ANY != 1
    with pytest.raises(TypeError, match="comparisons only"):
        hash(ANY)


class Colour(Enum):
    RED = 1


@dataclass(frozen=True)
class Halted:
    pass


@dataclass(frozen=True)
class CallBack:
    then: object
    count: int = 0


@pytest.mark.parametrize(
    ("state", "name"),
    [
        ("as it is", "as it is"),
        (Halted(), "halted"),
        (CallBack(Halted()), "call_back(then=halted;count=0)"),
        (CallBack(Colour.RED, 2), "call_back(then=red;count=2)"),
        ((1, True, None), "1;yes;none"),
        (State(1, False), "state(number=1;flag=no)"),
    ],
)
def test_names_of_states(state: object, name: str):
    assert state_name(state) == name
    machine = tabulate(lambda s, r: None, start=state, symbols="0", accept=[state])
    assert machine.accept == (name,)
    assert Machine.parse(machine.write()) == machine


# -------------------------------------------------------------------------------------------------------------- errors


def refused(answer: Any, **options: Any) -> str:
    with pytest.raises(MachineError) as error:
        tabulate(lambda state, symbols: answer, start="a", symbols="01", tapes=2, inputs=["", ""], **options)
    return str(error.value)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("a", "what is no action"),
        (("a", SAME), "what is no action"),
        ((["a"], SAME, "RR"), "next state that cannot be told apart"),
        ((("a", ["b"]), SAME, "RR"), "next state that cannot be told apart"),
        (("a", "0", "RR"), "wrong number of symbols to write"),
        (("a", None, "RR"), "wrong number of symbols to write"),
        (("a", ("0", "2"), "RR"), "no symbol of tape 2"),
        (("a", (SAME, 1), "RR"), "no symbol of tape 2"),
        (("a", SAME, "R"), "wrong moves"),
        (("a", SAME, "RX"), "wrong moves"),
        (("a", SAME, None), "wrong moves"),
    ],
)
def test_a_wrong_answer_names_the_situation(answer: object, said: str):
    text = refused(answer)
    assert "in state a, reading _,_, the policy answers" in text
    assert said in text
    assert "found: " in text


def test_every_reason_at_once_up_to_ten():
    oops: Any = lambda state, symbols: "oops"  # noqa: E731

    with pytest.raises(MachineError) as error:
        tabulate(oops, start="a", symbols=[str(i) for i in range(30)])
    assert len(error.value.problems) == 10
    text = refused(("a", ("2", "3"), "XY"))
    assert "3 problems" in text


def test_what_the_function_raises_says_where():
    def step(state: str, symbols: tuple[str, ...]) -> None:
        raise KeyError("z")

    with pytest.raises(KeyError) as error:
        tabulate(step, start="go on", symbols="0")
    assert error.value.__notes__ == ['the policy was asked for its action in state "go on", reading _,']


def test_a_policy_without_end_is_refused():
    with pytest.raises(MachineError, match="too many situations") as error:
        tabulate(lambda n, symbols: (n + 1, SAME, "R"), start=0, symbols="01", max_rules=100)
    assert "100 rules at most" in str(error.value)
    assert "inputs=" in str(error.value)
    assert len(tabulate(lambda n, s: (min(n + 1, 24), SAME, "R"), start=0, symbols="012", max_rules=100).rules) == 100


def test_two_states_of_one_name():
    with pytest.raises(MachineError, match="two states have the name 1"):
        tabulate(lambda state, symbols: ("1", SAME, "R") if state == 1 else None, start=1, symbols="0")
    with pytest.raises(MachineError, match="a state has no name"):
        tabulate(lambda state, symbols: None, start=1, symbols="0", named=lambda state: "")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"tapes": 0}, "the number of tapes is a positive integer"),
        ({"symbols": 7}, "symbols are a string or a list of names"),
        ({"symbols": ["0", 1]}, "symbols hold something that is no name"),
        ({"symbols": ["01", "01", "01"], "tapes": 2}, "symbols for each tape"),
        ({"inputs": "2"}, "an input brings 2, which is no symbol of tape 1"),
        ({"blank": ""}, "the blank is a symbol's name"),
        ({"accept": [1], "reject": [1]}, "both accepts and rejects"),
    ],
)
def test_arguments_that_make_no_machine(options: dict[str, Any], said: str):
    arguments: dict[str, Any] = {"step": lambda state, symbols: None, "start": 1, "symbols": "01"}
    with pytest.raises(MachineError, match=said):
        tabulate(**arguments | options)


def test_rules_are_plain_rules():
    machine = tabulate(lambda s, r: ("b", SAME, "S") if s == "a" else None, start="a", symbols="0", name="one step")
    assert machine.rules == (Rule("a", ("_",), "b", ("_",), ("S",)), Rule("a", ("0",), "b", ("0",), ("S",)))
    assert machine.name == "one step"

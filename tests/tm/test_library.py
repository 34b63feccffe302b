"""Every machine of the library does what its examples say, and what a few lines of Python say, on many inputs."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from random import Random

import pytest

from tm import Machine, MachineError, library, outcome
from tm.diagnosis import diagnose
from tm.library import RunExample
from tm.notation.tapehead.example import examples_in

SHORT = 100_000
"""Longer runs are left to faster decoders: a few machines run for millions of steps."""

EXAMPLES = [(name, example) for name in library.names() for example in library.examples(name)]


def joined(tape) -> str:
    return "".join(tape)


@pytest.mark.parametrize(("name", "example"), [e for e in EXAMPLES if (e[1].steps or 0) < SHORT])
def test_a_machine_does_what_its_example_says(name, example):
    machine = library.load(name)
    result = outcome(machine, example.input, head=example.head, seed=example.seed, max_steps=SHORT)
    assert result.halted
    if example.tape is not None:
        tapes = result.tape if machine.tapes > 1 else [result.tape]
        assert tuple(map(joined, tapes)) == example.tape
    if example.accepted is not None:
        assert result.accepted == example.accepted
    if example.steps is not None:
        assert result.steps == example.steps


@pytest.mark.parametrize("name", library.names())
def test_a_file_is_in_order(name):
    machine = library.load(name)
    assert machine.name == name
    assert library.examples(name)
    assert library.text(name).startswith("# ")
    assert not diagnose(machine).unreachable
    assert not diagnose(machine).never_halting
    assert Machine.read(machine.write()) == machine


def test_the_library_has_machines_of_every_kind():
    machines = [library.load(name) for name in library.names()]
    assert len(machines) >= 24
    tapes = [machine.tapes for machine in machines]
    assert tapes.count(2) >= 3
    assert tapes.count(3) >= 2
    assert any(machine.stochastic for machine in machines)
    assert any(example.accepted is False for _, example in EXAMPLES)


def binary(number: int) -> str:
    return f"{number:b}"


def words(letters: str, longest: int) -> list[str]:
    return ["".join(word) for length in range(longest + 1) for word in product(letters, repeat=length)]


def balanced(word: str) -> bool:
    while "()" in word:
        word = word.replace("()", "")
    return not word


COMPUTES = {
    "increment": lambda w: binary(int(w or "0", 2) + 1).rjust(len(w), "0"),
    "complement": lambda w: w.translate(str.maketrans("01", "10")),
    "reverse": lambda w: w[::-1],
    "sort_bits": lambda w: "".join(sorted(w)),
    "copy": lambda w: f"{w}:{w}",
}
ACCEPTS = {
    "palindrome": ("01", 7, lambda w: w == w[::-1]),
    "divisible_by_3": ("01", 7, lambda w: int(w or "0", 2) % 3 == 0),
    "brackets": ("()", 8, balanced),
    "anbncn": ("abc", 6, lambda w: w == "a" * (len(w) // 3) + "b" * (len(w) // 3) + "c" * (len(w) // 3)),
    "power_of_two": ("1", 33, lambda w: len(w) in (1, 2, 4, 8, 16, 32)),
    "two_tape_palindrome": ("01", 7, lambda w: w == w[::-1]),
}
NUMBERS = list(product([0, 1, 2, 3, 5, 8, 13, 21], repeat=2))


@pytest.mark.parametrize("name", COMPUTES)
def test_a_transformer_computes_its_function(name):
    for word in words("01", 6):
        assert joined(outcome(library.load(name), word).tape) == COMPUTES[name](word)


@pytest.mark.parametrize("name", ACCEPTS)
def test_a_recogniser_accepts_its_language(name):
    letters, longest, belongs = ACCEPTS[name]
    for word in words(letters, longest):
        assert outcome(library.load(name), word).accepted == belongs(word), word


def test_decrement():
    for word in words("01", 6):
        result = outcome(library.load("decrement"), word)
        assert result.accepted == ("1" in word)
        if "1" in word:
            assert int(joined(result.tape), 2) == int(word, 2) - 1


@pytest.mark.parametrize(("a", "b"), NUMBERS)
def test_arithmetic(a, b):
    def given(name, *input):
        result = outcome(library.load(name), *input)
        return result.accepted, result.tape

    assert given("add", f"{a:b}+{b:b}") == (True, [*binary(a + b)])
    accepted, difference = given("subtract", f"{a:b}-{b:b}")
    assert accepted == (a >= b)
    assert not accepted or int(joined(difference), 2) == a - b
    assert given("two_tape_add", [binary(a), binary(b)])[1][0] == [*binary(a + b)]
    assert given("three_tape_add", [binary(a), binary(b), ""])[1][2] == [*binary(a + b)]
    assert given("multiply", f"{'1' * a}x{'1' * b}") == (True, ["1"] * (a * b))
    assert given("three_tape_multiply", ["1" * a, "1" * b, ""])[1][2] == ["1"] * (a * b)


@pytest.mark.parametrize("number", [*range(20), 64, 100])
def test_unary_numbers(number):
    assert joined(outcome(library.load("unary_to_binary"), "1" * number).tape) == binary(number)
    assert outcome(library.load("double"), "1" * number).tape == ["1"] * (2 * number)


def test_machines_of_several_tapes():
    for a, b in product(words("01", 4), repeat=2):
        assert outcome(library.load("two_tape_equal"), [a, b]).accepted == (a == b)
        result = outcome(library.load("three_tape_xor"), [a, b, ""])
        assert result.accepted == (len(a) == len(b))
        if result.accepted:
            assert joined(result.tape[2]) == "".join("01"[x != y] for x, y in zip(a, b, strict=True))
    for word in words("01", 5):
        assert outcome(library.load("two_tape_copy"), word).tape == [[*word], [*word]]
        assert outcome(library.load("two_tape_reverse"), word).tape == [[*word], [*word[::-1]]]


def test_coin_flips_come_up_in_their_shares():
    tape = joined(outcome(library.load("coin_flips"), "?" * 4000, seed=11).tape)
    assert abs(tape.count("1") / 4000 - 3 / 4) < 4 * (3 / 16 / 4000) ** 0.5


def test_a_gambler_wins_in_proportion_to_the_stake():
    rng = Random(0)
    wins = [outcome(library.load("gambler"), "<...>", head=1, seed=rng.getrandbits(32)).accepted for _ in range(800)]
    assert abs(wins.count(True) / 800 - 1 / 4) < 4 * (3 / 16 / 800) ** 0.5


def test_an_unknown_machine_is_refused_with_a_guess():
    for what in (library.load, library.text, library.examples):
        with pytest.raises(MachineError, match="did you mean palindrome"):
            what("palindrom")
        with pytest.raises(MachineError, match="no such machine"):
            what("../increment")


# --------------------------------------------------------------------------------------------------------- the examples


@pytest.mark.parametrize(
    ("line", "example"),
    [
        ("# example: 10 -> 11", RunExample("10", tape=("11",))),
        ("# example: 10 -> accept", RunExample("10", accepted=True)),
        ("# example: -> reject in 1 step", RunExample(accepted=False, steps=1)),
        ("# example: -> in 0 steps", RunExample(steps=0)),
        ('# example: "accept" at -2 seed 0 -> "" reject', RunExample("accept", -2, 0, ("",), False)),
        ('# example: 1,"" at 0,3 -> 1,"a b" # and so on', RunExample(("1", ""), (0, 3), tape=("1", "a b"))),
        ("  #example: 1 ->", RunExample("1")),
    ],
)
def test_an_example_can_be_read(line, example):
    if isinstance(example.head, int) and "at" in line:
        example = replace(example, head=(example.head,))
    assert examples_in(line) == (example,)


@pytest.mark.parametrize(
    "line",
    [
        "# example: 10",
        "# example: 10 -> 11 -> 12",
        "# example: 10 11 -> 12",
        "# example: 10 -> 11 12",
        "# example: 10 -> 11 accept reject",
        "# example: 10 -> 11 in some steps",
        "# example: 10 -> in",
        "# example: 10 at -> 11",
        "# example: 10 at x -> 11",
        "# example: 10 seed -1 -> 11",
        "# example: 10, -> 11",
        '# example: "10 -> 11',
    ],
)
def test_what_is_no_example_is_refused_with_its_place(line):
    with pytest.raises(MachineError) as caught:
        examples_in(f"\n{line}", "wrong.tm")
    assert caught.value.problems[0].line == 2
    assert "wrong.tm:2" in str(caught.value)


def test_other_comments_are_no_examples():
    assert examples_in("# for example: this\na 0 -> b 1 R # example: 0 -> 1") == ()

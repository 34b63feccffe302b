"""Machines of our own in the notations of other tools, as their users write them, against what each computes.

What is expected is worked out from the function that a machine computes, never from a run of it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import islice, product
from pathlib import Path

import pytest

from compiled_models import run
from construction import base_network
from construction.transformer import Transformer
from tm import Machine, NotationWarning, outcome, search
from tm.registry import detect

FOLDER = Path(__file__).parent / "machines"
FLIP = str.maketrans("01", "10")

Word = str | tuple[str, ...]
"""An input: the first tape's symbols, or each tape's."""


@dataclass(frozen=True)
class Expected:
    """What a run gives: the verdict (None: left open), and the tapes and the steps, where they were worked out."""

    accepted: bool | None = None
    tape: Word | None = None
    steps: int | None = None


@dataclass(frozen=True)
class Own:
    """A file, the notation that it is in, the inputs (all words of an alphabet up to a length) and what they give."""

    file: str
    notation: str
    words: list[Word]
    expected: Callable[..., Expected]

    def __str__(self) -> str:
        return self.file


def words(alphabet: str, longest: int) -> list[Word]:
    return ["".join(word) for length in range(longest + 1) for word in product(alphabet, repeat=length)]


def trailing(word: str, digit: str) -> int:
    return len(word) - len(word.rstrip(digit))


# ------------------------------------------------------------------------------------------- what each machine computes


def decrement(word: str) -> Expected:
    less = (int(word or "0", 2) - 1) % 2 ** len(word)
    digits = f"{less:0{len(word)}b}" if word else ""
    return Expected(None, digits, len(word) + trailing(word, "0") + 2)


def even(word: str) -> Expected:
    return Expected(word.count("b") % 2 == 0, word, len(word) + 1)


def double(word: str) -> Expected:
    n = len(word)
    return Expected(None, 2 * word, n * (2 * n + 1) + 3 * n + 3)  # a turn for each stroke, and wiping


def complement(word: str) -> Expected:
    return Expected(None, word.translate(FLIP), 2 * len(word) + 2)


def palindrome(word: str) -> Expected:
    same = word == word[::-1]
    turns = sum(2 * n + 1 for n in range(len(word), 0, -2))
    return Expected(same, "" if same else None, turns + (len(word) + 1) % 2 if same else None)


def difference(word: str) -> Expected:
    m, n = map(len, word.split("-"))
    return Expected(None, "1" * max(m - n, 0))


def sorted_bits(word: str) -> Expected:
    return Expected(None, "".join(sorted(word)))


def third_from_the_end(word: str) -> Expected:
    accepted = word[-3:-2] == "1"
    return Expected(accepted, word if accepted else None, len(word) + 1 if accepted else None)


def repeated_letter(word: str) -> Expected:
    second = next((at for at, letter in enumerate(word) if letter in word[:at]), None)
    if second is None:
        return Expected(False)
    first, letter = word.index(word[second]), word[second]
    marked = [*word]
    marked[first] = marked[second] = letter.upper()
    return Expected(True, "".join(marked), second + 1)


def same_word_twice(word: str) -> Expected:
    left, sign, right = word.partition("#")
    accepted = bool(sign) and left == right
    return Expected(accepted, (word, left) if accepted else None, 3 * len(left) + 3 if accepted else None)


def is_product(word: str) -> Expected:
    a, b = map(word.count, "ab")
    accepted = a > 0 and b > 0 and word == "a" * a + "b" * b + "c" * (a * b)
    return Expected(accepted, (word, "", "b" * b) if accepted else None, a * (2 * b + 3) + b + 3 if accepted else None)


def binary_sum(tapes: tuple[str, str, str]) -> Expected:
    first, second, _ = tapes
    longer = max(len(first), len(second))
    total = sum(int(word[::-1] or "0", 2) for word in (first, second))
    low_first = f"{total:0{longer}b}"[::-1] if total or longer else ""
    return Expected(True, (first, second, low_first), longer + 1)


def as_many_b_after_a(word: str) -> Expected:
    half = len(word) // 2
    accepted = word == "a" * half + "b" * half
    return Expected(accepted, "" if accepted else None, 2 * half**2 + 3 * half + 1 if accepted else None)


def rotation(word: str) -> Expected:
    return Expected(True, word[1:] + word[:1], len(word) + 1)


def as_many_a_as_b(word: str) -> Expected:
    return Expected(word.count("a") == word.count("b"), None, len(word) + 2 - (word.count("a") != word.count("b")))


def contains_abba(word: str) -> Expected:
    at = word.find("abba")
    return Expected(at >= 0, word if at >= 0 else None, at + 4 if at >= 0 else None)


def framed(word: str) -> Expected:
    return Expected(True, f"1{word}0", 2 * len(word) + 2)


def ternary_increment(word: str) -> Expected:
    number, digits = int(word or "0", 3) + 1, ""
    while number or len(digits) < len(word):
        number, digit = divmod(number, 3)
        digits = f"{digit}{digits}"
    return Expected(True, digits, len(word) + trailing(word, "2") + 2)


def square_word(word: str) -> Expected:
    half = len(word) // 2
    accepted = word[:half] == word[half:]
    return Expected(accepted, (word, word[:half]) if accepted else None, 3 * half + 3 if accepted else None)


def divides(word: str) -> Expected:
    m, n = map(len, word.split("/"))
    return Expected(n > 0 and m % n == 0)


def last_letter_again(word: str) -> Expected:
    accepted = word[-1:] in [*word[:-1]]
    return Expected(accepted, word if accepted else None, len(word) + 1 if accepted else None)


def reversed_copy(word: str) -> Expected:
    return Expected(True, (word, word[::-1]), 2 * len(word) + 2)


def stripped(word: str) -> Expected:
    rest = word.lstrip("0")
    return Expected(True, rest, len(word) - len(rest) + 1)


def comb(word: str) -> Expected:
    return Expected(None, "10101", 5)  # one entry for each of the five cells


def two_cells(word: str) -> Expected:
    return Expected(None, "11", 5)  # worked out by hand in the file


def flipped(word: str) -> Expected:
    return Expected(None, word.translate(FLIP), len(word))


PAIRS: list[Word] = [(str(a), str(b), "") for a in words("01", 3) for b in words("01", 2)]
MORPHETT, CHOICES, SIMULATOR = "morphett", "morphett-nondeterministic", "turingmachinesimulator"
MACHINES = [
    Own("decrement.yaml", "turingmachine.io", words("01", 6), decrement),
    Own("even_ones.yaml", "turingmachine.io", words("ab", 6), even),
    Own("double_unary.yaml", "turingmachine.io", words("|", 8), double),
    Own("complement_document.yaml", "turingmachine.io", words("01", 5), complement),
    Own("palindrome_ab.txt", MORPHETT, words("ab", 6), palindrome),
    Own("subtract_unary.txt", MORPHETT, [f"{'1' * m}-{'1' * n}" for m in range(6) for n in range(6)], difference),
    Own("sort_bits.txt", MORPHETT, words("01", 6), sorted_bits),
    Own("third_from_the_end.txt", CHOICES, words("01", 5), third_from_the_end),
    Own("repeated_letter.txt", CHOICES, words("abc", 4), repeated_letter),
    Own("copy_and_compare.txt", SIMULATOR, words("01#", 5), same_word_twice),
    Own("unary_product_check.txt", SIMULATOR, [*words("abc", 5), "aabbcccc", "aabbccc", "aaabbcccccc"], is_product),
    Own("binary_sum.txt", SIMULATOR, PAIRS, binary_sum),
    Own("anbn.jff", "jflap", words("ab", 6), as_many_b_after_a),
    Own("rotate.jff", "jflap", words("abc", 4), rotation),
    Own("as_many_as.jff", "jflap", words("ab", 6), as_many_a_as_b),
    Own("contains_abba.jff", "jflap", words("ab", 6), contains_abba),
    Own("frame_blocks.jff", "jflap", words("01", 4), framed),
    Own("ternary_increment_8.jff", "jflap8", words("012", 4), ternary_increment),
    Own("square_word_8.jff", "jflap8", words("ab", 6), square_word),
    Own("divides.py", "automata-lib", [f"{'1' * m}/{'1' * n}" for m in range(8) for n in range(4)], divides),
    Own("last_letter_again.py", "automata-lib", words("ab", 5), last_letter_again),
    Own("reverse_two_tapes.py", "automata-lib", words("01", 5), reversed_copy),
    Own("strip_zeros.json", "automata-lib", words("01", 5), stripped),
    Own("comb.txt", "busy-beaver", [""], comb),
    Own("two_cells.txt", "busy-beaver", [""], two_cells),
    Own("flip_table.json", "table", words("01", 5), flipped),
]

# ---------------------------------------------------------------------------------------------------------------- tests


@cache
def machine_of(own: str) -> Machine:
    """The machine of a file, which reads without a word of warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", NotationWarning)
        return Machine.read(FOLDER / own)


def input_of(machine: Machine, word: Word) -> list[str] | list[list[str]]:
    tapes = [word] if isinstance(word, str) else [*word]
    tapes += [""] * (machine.tapes - len(tapes))
    return [[*tape] for tape in tapes] if machine.tapes > 1 else [*tapes[0]]


def text(tape: list[str] | list[list[str]], blank: str) -> Word:
    """A tape, or several, as a text without the blanks around it."""
    if tape and isinstance(tape[0], list):
        return tuple("".join(each).strip(blank) for each in tape)
    return "".join(str(symbol) for symbol in tape).strip(blank)


def check(expected: Expected, accepted: bool | None, tape: Word, steps: int) -> None:
    assert accepted is expected.accepted
    assert expected.tape in (None, tape)
    assert expected.steps in (None, steps)


def test_every_file_of_the_folder_is_in_the_table():
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(own.file for own in MACHINES)


@pytest.mark.parametrize("own", MACHINES, ids=str)
def test_a_machine_of_our_own_in_the_simulator(own):
    assert detect((FOLDER / own.file).read_text(encoding="utf-8")) == own.notation
    machine = machine_of(own.file)
    verdicts = set()
    for word in own.words:
        expected = own.expected(word)
        verdicts.add(expected.accepted)
        if machine.nondeterministic:
            tree = search(machine, input_of(machine, word))
            last = tree.run[-1]
            tapes = [tape.cells() for tape in last.tapes]
            assert tree.complete
            check(expected, tree.accepted, text(tapes if machine.tapes > 1 else tapes[0], machine.blank), last.step)
        else:
            result = outcome(machine, input_of(machine, word))
            assert result.halted
            check(expected, result.accepted, text(result.tape, machine.blank), result.steps)
    assert verdicts in ({None}, {True}, {True, False})  # a machine that decides is seen to do both


SAMPLES = {"decrement.yaml": "10100", "complement_document.yaml": "1001", "subtract_unary.txt": "11111-11"}


@pytest.mark.parametrize("file", SAMPLES)
def test_a_file_of_our_own_brings_its_input_along(file):
    sample = machine_of(file).inputs.sample
    assert sample is not None
    assert sample.tapes == (tuple(SAMPLES[file]),)


@cache
def network(states: int, symbols: int, tapes: int, code: str) -> Transformer:
    return base_network(states=states, symbols=symbols, tapes=tapes, code=code)


def few(own: Own) -> list[Word]:
    """Three of its inputs, the longest first, with each verdict that there is."""
    by_verdict: dict[bool | None, list[Word]] = {}
    for word in reversed(own.words):
        by_verdict.setdefault(own.expected(word).accepted, []).append(word)
    return [word for some in by_verdict.values() for word in islice(some, 3 if len(by_verdict) == 1 else 2)]


@pytest.mark.parametrize("own", MACHINES, ids=str)
def test_a_machine_of_our_own_on_the_base_network(own):
    machine = machine_of(own.file)
    sizes = [max(4, 1 << (len(names) - 1).bit_length()) for names in (machine.states, machine.symbols)]
    code = "joint" if machine.nondeterministic else "auto"
    for word in few(own):
        result = run(network(*sizes, machine.tapes, code), machine, input_of(machine, word))
        assert result.halted
        check(own.expected(word), result.accepted, text(result.tape, machine.blank), result.steps)

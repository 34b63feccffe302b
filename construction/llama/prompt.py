"""`require_prompt`: the grammar of prompts that people write, stricter than what the network says `<error>` to.

    prompt = (situation action | address symbol)*  state address  (situation action address)*  [situation [action]]

The network compares each word with the one before it (`construction.llama.network.grammar`), which is nearly this
grammar, and not quite: tests/construction/llama/test_prompt.py tries all short rows of words, and says what it lets
pass. Nothing that passes here is an `<error>` there.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from construction.llama.codec import words_in
from construction.llama.config import LlamaConfig
from construction.llama.vocabulary import SPECIAL, llama_vocabulary
from tm import InputError, Problem

__all__ = ["require_prompt"]

RULES = "rules and cells"
FOLLOWS = {
    RULES: {"situation": "a rule", "address": "a cell", "state": "a start"},
    "a rule": {"action": RULES},
    "a cell": {"symbol": RULES},
    "a start": {"address": "a run"},
    "a run": {"situation": "a step"},
    "a step": {"action": "a move"},
    "a move": {"address": "a run"},
}
"""Where a prompt stands, and where each kind of word takes it to."""
STARTED = ("a run", "a step", "a move")
"""Where a prompt may end: at a start, or within a run that goes on from one."""
RESUMED = {place: next_ for kinds in FOLLOWS.values() for place, next_ in kinds.items() if next_ not in STARTED}
RESUMED_IN_RUN = RESUMED | FOLLOWS["a run"] | FOLLOWS["a step"] | FOLLOWS["a move"]
"""Where a prompt stands behind a word that is out of place, in its head and in its run."""
SUCH_AS = {
    "situation": "a situation such as A0",
    "action": "an action such as 1RB",
    "address": "an address such as @3",
    "symbol": "a symbol such as 1",
    "state": "a start such as A @0",
}


def require_prompt(config: LlamaConfig, text: str) -> None:
    """Check a prompt that somebody wrote, for what the network would answer with `<error>` and for what it lets pass.

    Whether the steps of a run at its end are what the machine does is not checked.

    Raises:
        InputError: for unknown words, words that may not follow one another, a cell given twice, rules that contradict
            one another, and a prompt without a start; with every reason, and the line of each.

    >>> require_prompt(LlamaConfig(), "A0 1RB\\nA @0\\nA0 1RB @1")
    >>> require_prompt(LlamaConfig(), "A0 1RB\\n@0 1\\n@0 2\\nA @0")
    Traceback (most recent call last):
    tm.errors.InputError: line 3: a cell is given twice
        found: @0 1 and @0 2
    """
    words = list(_words(config, text))
    problems = [*_unknown(config, words), *_out_of_place(words)]
    problems += _given_twice(words, "address", "symbol", "a cell is given twice", always=True)
    problems += _given_twice(words, "situation", "action", "two rules contradict one another", always=False)
    if problems:
        raise InputError(*problems)


class _Word(NamedTuple):
    """A word of a prompt, its kind ("" for an unknown one), and its line."""

    text: str
    kind: str
    line: int


def _words(config: LlamaConfig, text: str) -> Iterator[_Word]:
    vocabulary = llama_vocabulary(config)
    for number, line in enumerate(text.split("\n"), 1):
        for word in words_in(line):
            known = word in vocabulary.ids and word not in SPECIAL
            yield _Word(word, vocabulary.words[vocabulary.ids[word]].kind if known else "", number)


def _unknown(config: LlamaConfig, words: list[_Word]) -> Iterator[Problem]:
    letters, cells = llama_vocabulary(config), f"@{config.first_cell} to @{-config.first_cell - 1}"
    states, symbols = (f"{names[0]} to {names[-1]}" for names in (letters.states, letters.symbols))
    for word in words:
        if word.text in SPECIAL:
            hint = "leave it out: the tokenizer adds <bos>, the network writes the others"
            yield Problem("this word belongs in no prompt", found=word.text, hint=hint, line=word.line)
        elif not word.kind:
            expected = f"such as A0, 1RB, @-3, 1 or A; states {states}, symbols {symbols}, addresses {cells}"
            yield Problem("no such word", expected, word.text, line=word.line)


def _out_of_place(words: list[_Word]) -> Iterator[Problem]:
    """Words that may not stand where they do, and an end before the start; what comes after one is read on from it."""
    place: str | None = RULES
    before, running, right = "", False, True
    for word in words:
        if place is not None and word.kind and word.kind not in FOLLOWS[place]:
            expected = f"{' or '.join(SUCH_AS[kind] for kind in FOLLOWS[place])}, in {place}"
            said = f"{before} {word.text}" if before else f"{word.text} at the beginning"
            yield Problem("these words may not follow one another", expected, said, line=word.line)
            place = None
        right = right and bool(word.kind) and place is not None
        if not word.kind:
            place = None
        elif place is None:
            place = (RESUMED_IN_RUN if running else RESUMED)[word.kind]
        else:
            place = FOLLOWS[place][word.kind]
        before, running = word.text, place in STARTED or (running and place is None)
    if right and place not in STARTED:
        expected = "a state and an address at the end, such as A @0, or a run that goes on from there"
        yield Problem("the prompt has no start", expected, before or "no words", line=words[-1].line if words else None)


def _given_twice(words: list[_Word], key: str, value: str, what: str, *, always: bool) -> Iterator[Problem]:
    """Pairs of words of two kinds whose first word stands before another second word too; `always`: before the same."""
    given: dict[str, str] = {}
    for one, other in pairwise(words):
        if (one.kind, other.kind) == (key, value):
            earlier = given.get(one.text)
            given.setdefault(one.text, other.text)
            if earlier is not None and (always or earlier != other.text):
                said = f"{one.text} {earlier} and {one.text} {other.text}"
                yield Problem(what, found=said, line=other.line)

"""Prompts that people write: what is wrong with one, and that the network says so too, but for what the docs list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product
from random import Random

import pytest
import torch

from construction.llama import (
    LlamaConfig,
    LlamaTransformer,
    llama_network,
    llama_vocabulary,
    require_prompt,
)
from construction.llama.vocabulary import BOS, SPECIAL
from tests.effort import THOROUGH
from tm import InputError

CONFIG = LlamaConfig()
SMALL = LlamaConfig(states=2, symbols=2, cells=16)
WORDS = {"s": "A0", "a": "0RA", "@": "@0", "y": "0", "q": "A"}
"""A word of each kind of a prompt, such that no rule contradicts another and all situations have a rule or none has."""
ENDS = {"H": "<halt>", "E": "<edge>", "R": "<error>", "p": "<pad>", "b": "<bos>", "u": "<unk>"}
LET_PASS = {
    "an address right behind a rule": "sa@(?!y)",
    "a start before the last one": "q@.*q@",
    "a start with a symbol behind its address": "q@y",
    "a situation at the end where no start was": "^[^q]*s$",
    "a word that is no word of prompts": "[HERp]",
    "a second <bos> at the beginning": "^b",
}
"""What is refused here and is no `<error>` there, as docs/llama.md and the model card list it."""


def rows(kinds: str, longest: int, random: int = 0) -> Iterator[str]:
    """All rows of kinds up to a length, and some that are random and longer."""
    for length in range(longest + 1):
        yield from map("".join, product(kinds, repeat=length))
    rng = Random(7)
    yield from {"".join(rng.choices(kinds, k=rng.randint(longest + 1, 9))) for _ in range(random)}
    for _ in range(random):  # and some that are nearly right
        row = "".join(rng.choices(("sa", "@y"), k=rng.randint(0, 2))) + "q@" + "sa@" * rng.randint(0, 2)
        place = rng.randrange(len(row))
        yield row[:place] + rng.choice(kinds) + row[place + rng.randint(0, 1) :]


@torch.no_grad()
def answers(network: LlamaTransformer, prompts: Sequence[str]) -> list[list[str]]:
    """The four words that follow each prompt, all of one length."""
    vocabulary = llama_vocabulary(network.config)
    tokens = torch.tensor([[BOS, *(vocabulary.ids[word] for word in prompt.split())] for prompt in prompts])
    found = tokens[:, :0]
    for _ in range(4):
        best = network(tokens, logits_from=-1).argmax(-1)
        tokens, found = torch.cat([tokens, best], 1), torch.cat([found, best], 1)
    return [[vocabulary.texts[number] for number in row] for row in found.tolist()]


@pytest.mark.parametrize(
    ("words", "longest", "random"),
    [(WORDS, 5 if THOROUGH else 4, 400), (WORDS | ENDS, 3 if THOROUGH else 2, 300)],
    ids=["words of prompts", "all words"],
)
def test_the_network_says_error_to_whatever_is_refused_but_for_what_is_listed(words, longest: int, random: int):
    network, met = llama_network(SMALL), set[str]()
    by_length: dict[int, list[str]] = {}
    for row in rows("".join(words), longest, random):
        by_length.setdefault(len(row), []).append(row)
    assert sum(map(len, by_length.values())) > 400
    for group in by_length.values():
        prompts = [" ".join(words[kind] for kind in row) for row in group]
        for row, prompt, answer in zip(group, prompts, answers(network, prompts), strict=True):
            try:
                require_prompt(SMALL, prompt)
            except InputError as refused:
                reasons = {name for name, pattern in LET_PASS.items() if re.search(pattern, row)}
                twice = all("a cell is given twice" in str(problem) for problem in refused.problems)
                assert "<error>" in answer or reasons or twice, (prompt, answer)
                met |= set() if "<error>" in answer else reasons | ({"a cell twice"} if twice else set())
            else:
                assert re.fullmatch("(sa|@y)*q@(sa@)*(sa?)?", row)
                assert "<error>" not in answer, (prompt, answer)
    assert met == (set(LET_PASS) if "H" in words else set(LET_PASS) - set([*LET_PASS][4:])) | {"a cell twice"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A0 1RB\nhello\nA @0", "line 2: no such word"),
        ("A0 1RB\nA0 A1 1RB\nA @0", "line 2: these words may not follow one another"),
        ("@0 1\n@0 1\nA @0", "line 2: a cell is given twice"),
        ("@0 1\n@1 1\n@0 2\nA @0", "line 3: a cell is given twice"),
        ("A0 1RB\nA0 1LB\nA @0", "line 2: two rules contradict one another"),
        ("A0 1RB\nA @0\nA0 1LB @-1", "line 3: two rules contradict one another"),
        ("A0 1RB", "line 1: the prompt has no start"),
        ("A0 1RB\nA", "line 2: the prompt has no start"),
        ("", "the prompt has no start"),
        ("@0\nA @0", "may not follow"),
        ("A @4096", r"no such word\n.*states A to Z, symbols 0 to 3, addresses @-2048 to @2047"),
        ("A @0\nA0 1RB\nB0 1LA", r"line 3: these words may not follow.*\n.*an address such as @3, in a move"),
        ("A0 1RB @0", "the prompt has no start"),
        ("A0 1RB\n@0\nA @0", "line 3: these words may not follow"),
        ("A @0 1\nA @0", "line 1: these words may not follow"),
        ("A @0 A0 1RB\nA @0", "line 2: these words may not follow"),
        ("A0 1RB\nA0", "the prompt has no start"),
        *[(f"A0 1RB {word} A @0", f"belongs in no prompt\n.*{word}\n.*leave it out") for word in SPECIAL],
        ("A @0\nA0 1RB @1\nB0 <halt>", "line 3: this word belongs in no prompt"),
    ],
)
def test_what_is_wrong_with_a_prompt_is_said(text: str, words: str):
    with pytest.raises(InputError, match=words) as caught:
        require_prompt(CONFIG, text)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    "end", ["", "\nA0", "\nA0 1RB", "\nA0 1RB @1", "\nA0 1RB @1\nB0", "\nA0:1RB;@1, B0 1LA\n@0 A1"]
)
def test_a_run_may_be_cut_off_anywhere(end: str):
    prompt = "A0 1RB A1 1LB\n\n@0 1\nB0 1LA\nA @0"
    require_prompt(CONFIG, prompt + end)
    with pytest.raises(InputError):  # it was looked at to its end
        require_prompt(CONFIG, prompt + end + " ?")


def test_all_of_it_at_once():
    with pytest.raises(InputError) as caught:
        require_prompt(CONFIG, "A0 B1\n@0 1\n@0 2\nx\nA @0")
    assert len(caught.value.problems) == 4

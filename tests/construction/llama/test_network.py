"""The stock Llama runs machines: every word of the simulator's, with the margins that are promised."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from compiled_models.llama_run import generated, run_llama
from construction.config import CapacityError
from construction.llama import LlamaConfig, tokens_of
from construction.llama.transformer import FORMATS
from tests.construction.llama.runs import OTHER, RIGHT, blueprint, library_runs, margins, random_runs
from tests.effort import THOROUGH, some
from tm import InputError, Machine, library

CONFIG = LlamaConfig()


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("dtype", FORMATS)
def test_every_word_is_the_simulators(dtype: str, attention: str):
    network = blueprint().network(dtype=FORMATS[dtype], attention=attention)
    runs = random_runs(CONFIG, 200 if THOROUGH else 8) + list(some(library_runs(CONFIG), 6))
    assert len(runs) > 10
    found = [margins(network, run) for run in runs]
    assert sum(wrong for wrong, _, _ in found) == 0
    assert min(right for _, right, _ in found) >= RIGHT
    assert max(other for _, _, other in found) <= OTHER


def test_a_wrong_word_would_be_seen():
    run = next(run for run in random_runs(CONFIG, 9) if len(run.words) > 60)
    run.words[3:5] = run.words[4:2:-1]
    assert margins(blueprint().network(), run)[0] >= 1


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ({"states": 2, "symbols": 2, "cells": 32}, 128),
        ({"states": 16, "symbols": 8}, 128),
        ({"states": 40, "symbols": 8, "cells": 512}, 128),
        ({"states": 26, "symbols": 16, "cells": 16384}, 256),
    ],
)
def test_other_capacities(sizes: dict[str, Any], hidden: int):
    config = LlamaConfig(**sizes)
    network = blueprint(config).network(dtype=torch.bfloat16)
    assert config.hidden == hidden
    for run in random_runs(config, 3, steps=40):
        wrong, right, other = margins(network, run)
        assert (wrong, right >= RIGHT, other <= OTHER) == (0, True, True)


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ({"cells": 5000}, "power of two"),
        ({"states": 0}, "states"),
        ({"symbols": 37}, "symbols"),
        ({"hidden": 100}, "hidden is 128"),
        ({"states": 1024, "symbols": 16}, "bits of state and symbol at most"),
        ({"cells": 1 << 17}, "65,536 cells at most"),
        ({"states": 64, "symbols": 16, "hidden": 128}, "too narrow"),
    ],
)
def test_what_does_not_fit_is_said(sizes: dict[str, Any], words: str):
    with pytest.raises(CapacityError, match=words):
        LlamaConfig(**sizes)


@pytest.mark.parametrize("text", ["two_tape_add", "a 0 -> b 1 R x 2\na 0 -> a 1 R x 1"])
def test_a_machine_that_does_not_fit(text: str):
    machine = library.load(text) if text in library.names() else Machine.read(text)
    with pytest.raises(CapacityError, match="stock Llama"):
        run_llama(blueprint().network(), machine, seedless_input(machine))


def seedless_input(machine: Machine) -> Any:
    """A blank input."""
    return [[]] * machine.tapes if machine.tapes > 1 else []


RULES = "A0 1RB A1 1LB B0 1LA B1 0LC C0 1RZ C1 1LD D0 1RD D1 0RA "
PROMPTS = {
    "good": (RULES + "A @0", "A0 1RB @1"),
    "unknown state in a rule": (RULES + "X0 1RB A @0", "A0 <error> <halt>"),
    "unknown symbol": (RULES + "A7 1RB A @0", "A0 <error> <halt>"),
    "an address out of range": (RULES + "A @99999", "<error> <halt>"),
    "an input cell out of range": (RULES + "@5000 1 A @0", "A0 <error> <halt>"),
    "a word that is none": ("please run this machine", "<error> <halt>"),
    "two situations in a row": ("A0 " + RULES + "A @0", "A0 <error> <halt>"),
    "two actions in a row": ("A0 1RB 1RB A @0", "A0 <error> <halt>"),
    "no start": (RULES, "<error> <halt>"),
    "no address after the start": (RULES + "A", "<error> <halt>"),
    "an address without a symbol": (RULES + "@0 @1 1 A @0", "A0 <error> <halt>"),
    "an address without a symbol before the rules": ("@0 " + RULES + "A @0", "A1 <error> <halt>"),
    "an address without a symbol before more rules": ("@0 1 @1 " + RULES + "A @0", "A1 <error> <halt>"),
    "contradictory rules, used": (RULES + "A0 0LB A @0", "A0 <error> <halt>"),
    "contradictory rules, in one bit": (RULES + "A0 1LB A @0", "A0 <error> <halt>"),
    "contradictory rules, not used at once": (RULES + "D0 0LA A @0", "A0 1RB @1"),
    "the same rule twice": (RULES + "A0 1RB A @0", "A0 1RB @1"),
    "no rules": ("A @0", "A0 <halt>"),
    "a missing rule is met": ("A0 1RB B0 1LA A @0", "A0 1RB @1 B0 1LA @0 A1 <halt>"),
    "the right edge": ("A0 1RA A @2046", "A0 1RA @2047 A0 1RA <edge> <halt>"),
    "the left edge": ("A0 1LA A @-2047", "A0 1LA @-2048 A0 1LA <edge> <halt>"),
    "staying at the edge": ("A0 1SB A @2047", "A0 1SB @2047 B1 <halt>"),
    "an input cell twice": (RULES + "@0 1 @0 1 A @0", "A1 1LB @-1"),
    "rules after the cells": ("@0 1 @1 1 " + RULES + "A @0", "A1 1LB @-1"),
    "a run that goes on": (RULES + "A @0 A0 1RB @1 B0 1LA @0", "A1 1LB @-1"),
    "a demonstration instead of rules": ("A0 1RB B0 1LA A1 1LB A @5", "A0 1RB @6 B0 1LA @5"),
    "<bos> pasted too": ("<bos> " + RULES + "A @0", "A0 1RB @1"),
}


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("dtype", FORMATS)
def test_bad_prompts_are_answered_by_the_network(dtype: str, attention: str):
    network = blueprint().network(dtype=FORMATS[dtype], attention=attention)
    texts, answers = blueprint().vocabulary.texts, {}
    for name, (prompt, answer) in PROMPTS.items():
        words = generated(network, tokens_of(CONFIG, prompt), len(answer.split()))
        answers[name] = " ".join(texts[word] for word in words)
    assert answers == {name: answer for name, (_, answer) in PROMPTS.items()}


def test_a_run_read_back_into_names():
    result = run_llama(blueprint().network(), library.load("increment"), "1011")
    assert (result.accepted, result.steps, "".join(result.tape), result.first_cell, result.head) == (
        True, 8, "1100", 0, 1,
    )  # fmt: skip
    assert result.difference is None
    assert list(result.lines)[-2:] == ["B2 1SZ @1", "Z1 <halt>"]


def test_limits_and_edges():
    network, machine = blueprint().network(), Machine.read("a _ -> a 1 R")
    result = run_llama(network, machine, max_steps=5)
    assert (result.reason, result.steps, result.difference) == ("step limit", 5, None)
    result = run_llama(network, machine, head=2046, max_steps=5)
    assert (result.reason, result.steps, result.head, result.difference) == ("edge of the tape", 2, 2048, None)
    with pytest.raises(InputError, match="tape is too short"):
        run_llama(network, machine, head=2048)
    with pytest.raises(InputError, match="step limit"):
        run_llama(network, machine, max_steps=0)
    with pytest.raises(InputError, match="llama_network"):
        run_llama(object(), machine)  # type: ignore[arg-type]

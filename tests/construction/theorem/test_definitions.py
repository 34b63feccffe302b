"""The definitions that the theorem is stated in are the library's: the prover evaluates them, and gets what it gets."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from itertools import product
from random import Random

import pytest
import torch

from construction import Codec, Example, NetworkConfig, Transformer, base_network
from construction.certificate.rational import RationalNetwork
from construction.theorem.export import exported
from construction.theorem.proof import HEADER
from construction.theorem.prover import check, check_sources
from construction.transformer import BlockShape, Shape
from construction.vocabulary import machine_vocabulary
from tests.construction.theorem.prover import FOLDER, lists_of, needs_prover, rule_term, words_term
from tests.machines import random_machine
from tm import Heads, Input, Machine, Rule, Start, library

pytestmark = needs_prover

Run = tuple[str, Machine, Input, Heads, list[Example] | None]
WILD = Machine.read("blank: _\na 0 -> b 1 R\nb 0 -> a 1 L\nb 1 -> a _ S\nb _ -> a _ L")
ANY_SYMBOL = [Example("a", (None,), "b", ("1",), ("R",)), Example("b", (None,), "a", ("_",), ("L",))]
ANY_STATE = [Example(None, ("0",), "b", ("1",), ("R",)), Example(None, ("_",), "a", ("1",), ("L",))]
CASES: list[Run] = [
    *((name, library.load(name), text, head, None) for name, text, head in [("increment", "1011", 0), ("bb2", "", 0)]),
    ("palindrome", library.load("palindrome"), "0110", 0, None),
    ("left of the input", library.load("complement"), "10", -2, None),
    ("two tapes", library.load("two_tape_copy"), ["101", ""], (0, 1), None),
    ("any symbol", WILD, "0", 0, ANY_SYMBOL),
    ("any state", WILD, "00", 1, ANY_STATE),
    *((f"random {seed}", random_machine(Random(seed), states=3, symbols=3), "", 0, None) for seed in range(3)),
]
TOKENS = 12


def _numbers(printed: str) -> list[Fraction]:
    """A list of pairs of numbers that the prover has printed, as fractions."""
    (text,) = re.findall(r"=\s*\[(.*?)\]\s*:\s*list", printed, re.DOTALL)
    numbers = [int(number) for number in re.findall(r"-?\d+", text)]
    return [Fraction(*pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)]


def _any_transformer(rng: Random) -> Transformer:
    """Small whole weights at random, so that scores tie and gates close; blocks of different sizes."""
    shape = Shape(d_vocab=4, d_model=2, blocks=(BlockShape(heads=2, d_head=1, d_mlp=2), BlockShape(1, 2, 1)))
    network = Transformer(shape, dtype=torch.float64)
    for weight in network.parameters():
        weight.data = (
            torch.tensor([rng.choice((-1, 0, 1, 1, 2)) for _ in range(weight.numel())]).to(weight).view_as(weight)
        )
    return network


def _logits_are_the_exact_networks(
    name: str, network: Transformer, tokens: list[list[int]], asked: list[list[int]]
) -> None:
    """Evaluate.v proves that what it computes is `Tensors.logit`: after the tokens, of those asked for."""
    check_sources(FOLDER)
    exact = RationalNetwork(network)
    logits = [exact.advance(token) for token in tokens][-1]
    each = f"map (evaluated (tensors_of weights) {words_term(tokens)}) {words_term(asked)}"
    text = f"""{HEADER}From Tapehead Require Import Evaluate.
Definition weights := {exported(network)}.
Eval vm_compute in map (fun x => (Qnum x, Zpos (Qden x))) ({each}).
"""
    expected = [sum((logits[row] for row in token), Fraction(0)) for token in asked]
    assert _numbers(check(FOLDER, name, text)) == expected
    assert len(set(expected)) > 2


@pytest.mark.parametrize("seed", range(3))
def test_the_transformer_is_the_librarys(seed):
    """`Tensors.logit` of arbitrary weights, evaluated in the prover: the logits of the exact network."""
    rng = Random(seed)
    tokens = [[rng.randrange(4) for _ in range(2)] for _ in range(4)]
    _logits_are_the_exact_networks(
        f"Logits_{seed}", _any_transformer(rng), tokens, [[0], [1], [2], [3], [3, 2], [2, 2, 1]]
    )


@pytest.mark.parametrize("code", ["joint", "factored"])
def test_the_networks_logits_are_the_librarys(code):
    """The same of the base network, on a prompt with two examples of which one matches."""
    network = base_network(1, 2, 1, code=code)
    codec = Codec(network.config, Machine.read("blank: _\na _ -> a 1 R\na 1 -> a _ S"))
    prompt = codec.prompt("1").tokens.tolist()
    rows = [[row] for row in range(1, codec.vocabulary.rows, 3)]
    _logits_are_the_exact_networks(f"Base_{code}", network, prompt, rows)


@pytest.mark.parametrize(("states", "symbols", "tapes", "code"), [(2, 2, 1, "joint"), (1, 2, 2, "factored")])
def test_the_tokens_of_the_vocabulary_are_the_librarys(states, symbols, tapes, code):
    """What Decoder.v lists, and proves to be all `valid` tokens: every kind with every choice of its fields."""
    check_sources(FOLDER)
    capacity = f"{states} {symbols} {tapes}"
    (printed,) = lists_of(
        check(
            FOLDER,
            f"Tokens_{code}",
            f"{HEADER}From Tapehead Require Import Decoder.\n"
            f"Eval vm_compute in map (encode {capacity} {code.capitalize()}) (all_tokens {capacity}).\n",
        )
    )
    vocabulary = machine_vocabulary(states, symbols, tapes, code)
    tokens = {
        vocabulary.token(kind.name, *values)
        for kind in vocabulary.kinds.values()
        for values in product(*(range(len(field.labels)) for field in kind.fields))
    }
    assert len(tokens) == vocabulary.size() == len(printed)
    assert {tuple(token) for token in printed} == tokens


def test_prompts_and_runs_are_the_librarys():
    """In both codes, also with idle tapes: the codec's prompt, the exact network's run."""
    check_sources(FOLDER)
    texts, expected, names = [], [], []
    for name, machine, input, head, examples in CASES:
        start = Start.of(machine, input, head)
        for code in ("joint", "factored") if machine.tapes == 1 else ("factored",):
            tapes = machine.tapes + (code == "factored")
            config = NetworkConfig.of(
                states=len(machine.states), symbols=len(start.machine.symbols), tapes=tapes, code=code
            )
            codec = Codec(config, start.machine)
            prompt = codec.prompt(input, head=head, examples=examples)
            shown: list[Rule | Example] = list(start.machine.rules if examples is None else examples)
            capacity = f"{config.states} {config.symbols} {config.tapes}"
            rules = "[" + "; ".join(rule_term(codec, rule) for rule in shown) + "]"
            cells = words_term([[codec.machine.symbols.index(a) for a in word] for word in start.input])
            heads = "[" + "; ".join(f"({x})%Z" for x in start.head) + "]"
            first = codec.machine.states.index(codec.machine.start)
            text = f"(prompt {rules} {cells} {heads} {first})"
            run = f"(run {config.tapes} (decision {rules}) (start_config {cells} {heads} {first}) {TOKENS})"
            encoded = f"map (encode {capacity} {code.capitalize()})"
            texts += [f"Eval vm_compute in {encoded} {text}.", f"Eval vm_compute in {encoded} {run}."]
            network = RationalNetwork(base_network(config.states, config.symbols, config.tapes, code=code))
            tokens = network.generate(prompt.tokens, codec.vocabulary.best, codec.stop, TOKENS)
            expected += [prompt.tokens.tolist(), [list(token) for token in tokens]]
            names += [f"{name}, {code}: the prompt", f"{name}, {code}: the run"]
            if idle := tapes - machine.tapes:  # the rules as they are, padded in the prover
                narrow = Codec(replace(config, tapes=machine.tapes), start.machine)
                rules = "[" + "; ".join(rule_term(narrow, rule) for rule in shown) + "]"
                text = f"(prompt (map (pad_rule {idle}) {rules}) {cells} {heads} {first})"
                run = f"(run {machine.tapes} (decision {rules}) (start_config {cells} {heads} {first}) {TOKENS})"
                texts.append(f"Eval vm_compute in {encoded} {text}.")
                texts.append(f"Eval vm_compute in {encoded} (map (pad_token {idle}) {run}).")
                expected += expected[-2:]
                names += [f"{name}, {code}: the padded prompt", f"{name}, {code}: the padded run"]
    printed = lists_of(
        check(FOLDER, "Definitions", f"{HEADER}From Tapehead Require Import Policies.\n" + "\n".join(texts))
    )
    assert len(printed) == len(expected)
    assert [name for name, one, other in zip(names, printed, expected, strict=True) if one != other] == []

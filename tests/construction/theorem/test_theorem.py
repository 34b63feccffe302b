"""The prover accepts the library's tensors, and no others; and its definitions are the library's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

import pytest
import torch

from construction import Codec, Example, NetworkConfig, Transformer, base_network, compile_machine
from construction.certificate.rational import RationalNetwork
from construction.theorem import ProverError, accepted, prove
from construction.theorem.proof import CLOSED, HEADER
from construction.theorem.prover import check, check_sources
from tests.construction.theorem.prover import FOLDER, lists_of, needs_prover, rule_term, words_term
from tests.machines import random_machine
from tm import Heads, Input, Machine, Rule, Start, library

pytestmark = needs_prover


def test_the_smallest_network_is_proved_and_says_so():
    network = base_network(2, 2, 1)
    proof = prove(network, FOLDER, "Smallest")
    assert str(proof).startswith("proved: base network, 2 states, 2 symbols, 1 tape, joint, float64, sha256 ")
    assert str(proof).endswith(", no axioms")
    assert proof.tokens == 2**27


def test_an_axiom_would_be_seen():
    check_sources(FOLDER)
    text = "Axiom absurd : False.\nTheorem proved : 1 = 2.\nProof. destruct absurd. Qed.\nPrint Assumptions proved.\n"
    assert check(FOLDER, "Axiomatic", text).strip() != CLOSED


def _changed(network: Transformer) -> Iterator[tuple[str, Transformer]]:
    """Each tensor with one non-zero weight changed, and with one zero weight changed."""
    rng = Random(0)
    for name, tensor in network.named_parameters():
        for zero in (False, True):
            places = ((tensor == 0) if zero else (tensor != 0)).nonzero().tolist()
            if places:
                other = base_network(1, 2, 1)
                weight = dict(other.named_parameters())[name].data
                place = tuple(rng.choice(places))
                weight[place] = 1 if zero else 2 * weight[place]
                yield f"{name} {place}", other


def test_each_tensor_with_one_weight_changed_is_rejected():
    network = base_network(1, 2, 1)
    changed = dict(_changed(network))
    assert {name.split()[0] for name in changed} == set(dict(network.named_parameters())) - _empty(network)
    first, *rest = accepted([network, *changed.values()], FOLDER)
    assert first
    assert [name for name, verdict in zip(changed, rest, strict=True) if verdict] == []


def _empty(network: Transformer) -> set[str]:
    return {name for name, tensor in network.named_parameters() if not tensor.numel()}


def test_a_wrong_weight_is_one_clear_error():
    network = base_network(2, 2, 1)
    dict(network.named_parameters())["blocks.2.attn.W_Q"].data[0, 0, 0] *= 2
    with pytest.raises(ProverError, match="not proved: the weights are not the theorem's"):
        prove(network, FOLDER, "Wrong")


def test_a_stochastic_tuned_network_is_refused():
    with pytest.raises(ProverError, match="tuned to deterministic machines"):
        prove(compile_machine(library.load("coin_flips")), FOLDER)


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
    printed = lists_of(check(FOLDER, "Definitions", HEADER + "\n".join(texts)))
    assert len(printed) == len(expected)
    assert [name for name, one, other in zip(names, printed, expected, strict=True) if one != other] == []


def test_float32_reaches_as_far_as_its_constants():
    proof = prove(base_network(2, 2, 1, dtype=torch.float32), FOLDER, "Float32")
    assert (proof.tokens, proof.axioms) == (2**12, "")


REALS = {"sig_not_dec", "sig_forall_dec", "functional_extensionality_dep", "classic"}
"""What the prover's real numbers may rest on, in one version or another."""


def test_only_softmax_uses_axioms_and_only_those_of_the_reals():
    check_sources(FOLDER)
    required = "From Tapehead Require Import Statements Softmax.\n"
    exact = "Print Assumptions base_network_proved.\nPrint Assumptions tuned_network_proved.\n"
    assert check(FOLDER, "Exact", required + exact).split("\n") == [CLOSED, CLOSED, ""]
    printed = check(FOLDER, "Real", required + "Print Assumptions next_token_softmax.\n")
    axioms = {name.split(".")[-1] for name in re.findall(r"^([\w.]+)(?= *:|$)", printed, re.MULTILINE)} - {"Axioms"}
    assert axioms
    assert axioms <= REALS

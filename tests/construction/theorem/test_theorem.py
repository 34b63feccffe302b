"""The prover accepts the library's tensors, and no others, and says what that rests on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

import pytest
import torch

from compiled_models import save
from construction import Transformer, base_network, compile_machine
from construction.theorem import ProverError, accepted, prove
from construction.theorem.proof import CLOSED
from construction.theorem.prover import check, check_sources, prover_version, warnings_of
from tests.commands import tapehead
from tests.construction.theorem.prover import FOLDER, needs_prover
from tm import InputError, Machine, library

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


def test_a_wrong_weight_is_one_clear_error(tmp_path, capsys):
    network = base_network(2, 2, 1)
    dict(network.named_parameters())["blocks.2.attn.W_Q"].data[0, 0, 0] *= 2
    with pytest.raises(ProverError, match="not proved: the weights are not the theorem's"):
        prove(network, FOLDER, "Wrong")
    save(network, tmp_path / "wrong.safetensors")
    status, out, err = tapehead(capsys, "prove", str(tmp_path / "wrong.safetensors"), "--folder", str(FOLDER))
    assert (status, out) == (1, "")
    assert "not proved: the weights are not the theorem's" in err


def test_a_tuned_network_with_another_rule_in_its_weights_is_rejected():
    machine = Machine.read("blank: _\na _ -> a 1 R\na 1 -> b _ L")
    network = compile_machine(machine, states=2, symbols=2)
    weight = dict(network.named_parameters())["blocks.3.mlp.W_in"]
    weight.data *= 2
    with pytest.raises(ProverError, match="not proved: the weights are not the theorem's"):
        prove(network, FOLDER, "Wrongly_tuned")


def test_a_stochastic_tuned_network_is_refused():
    with pytest.raises(InputError, match="tuned to deterministic machines"):
        prove(compile_machine(library.load("coin_flips")), FOLDER)


def test_what_is_proved_of_a_network_says_what_one_machine_does():
    """No hypothesis of the theorem is left: Example.v meets them, for a network that has been proved."""
    proof = prove(base_network(2, 2, 1), FOLDER, "Instance")
    text = f"""From Coq Require Import ZArith.
From Tapehead Require Import Instance Example.
Lemma room : (11 <= {proof.tokens})%Z. Proof. discriminate. Qed.
Lemma more_room : (8 <= {proof.tokens})%Z. Proof. discriminate. Qed.
Definition ran := it_runs _ _ (proj1 proved) room.
Definition drew := it_draws _ _ (proj1 (proj2 (proj2 (proj2 proved)))) more_room.
Print Assumptions ran. Print Assumptions drew.
"""
    assert check(FOLDER, "Instantiated", text).split("\n") == [CLOSED, CLOSED, ""]


KEYWORDS = {"deprecated-from-Coq", "notation-for-abbreviation"}
"""What Rocq 9 calls by other words, "From Stdlib" and "Abbreviation", that older versions do not know."""


def test_the_prover_warns_of_nothing_that_could_be_mended():
    check_sources(FOLDER)
    known = KEYWORDS if prover_version().startswith("9.") else set()
    said = warnings_of(FOLDER)
    assert set(re.findall(r"\[([\w-]+)", said)) <= known
    assert said == "" or known


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

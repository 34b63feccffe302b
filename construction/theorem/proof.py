"""A network's proof: the file that says of its tensors what Statements.v proves of all that pass one computation."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from construction.base_network import base_network
from construction.certificate import read_frame
from construction.codec import Codec
from construction.example import Example
from construction.fingerprint import fingerprint
from construction.number_format import Constants
from construction.theorem.export import exported
from construction.theorem.process import ProverError
from construction.theorem.prover import check, check_sources
from construction.transformer import Transformer
from tm import InputError, Problem, Rule

__all__ = [
    "Proof",
    "accepted",
    "action_term",
    "largest_context",
    "parameters_term",
    "prove",
    "rules_term",
    "theorem_of",
]

HEADER = """From Coq Require Import List QArith ZArith.
From Tapehead Require Import Transformer Machine Vocabulary BaseNetwork Prefix Statements.
Import ListNotations.
Open Scope Q_scope.
"""
REFUSED = 'Unable to unify "true" with "false"'
"""What the prover says where the computation comes out false: the tensors are not the network of BaseNetwork.v."""
CLOSED = "Closed under the global context"
BASE = (
    "runs_every_machine",
    "runs_every_function",
    "runs_machines_with_fewer_tapes",
    "samples_from_its_examples",
    "follows_its_examples",
)
"""Statements 1 to 5 of Statements.v; a tuned network has statement 6."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What the prover has checked of one network.

    Attributes:
        network: what it is, in words.
        sha256: the fingerprint of its tensors.
        tokens: the most tokens of a context that the statements reach to.
        axioms: what the prover says that they rest on beside its own rules; none, if it says so.
    """

    network: str
    sha256: str
    tokens: int
    axioms: str

    def __str__(self) -> str:
        return f"proved: {self.network}, sha256 {self.sha256}, {self.axioms or 'no axioms'}"


def prove(network: Transformer, folder: Path, name: str = "Network") -> Proof:
    """Have the prover check the theorem for the tensors of a network, base or tuned to a deterministic machine.

    Args:
        network: from `base_network`, `compile_machine` or `load`.
        folder: where the prover's files go; what it has checked there is not checked again.
        name: of the file about this network.

    Raises:
        InputError: if the network is tuned to a stochastic machine.
        ProverMissing: if there is no prover on this machine.
        ProverError: if it rejects the tensors, as not the theorem's, or the theorem itself.
        ProverUnfinished: if it ended without a verdict.
    """
    machine = network.config.machine()
    if machine is not None and machine.stochastic:
        raise InputError(
            Problem("the theorem is about networks tuned to deterministic machines", found=str(machine.name))
        )
    check_sources(folder)
    try:
        printed = check(folder, name, theorem_of(network))
    except ProverError as error:
        if REFUSED not in str(error):
            raise
        raise ProverError(
            Problem(
                "not proved: the weights are not the theorem's",
                found=str(error).splitlines()[-1].strip(),
                hint="`tapehead certify` names the weights that differ",
            )
        ) from error
    axioms = "" if printed.strip() == CLOSED else " ".join(printed.split())
    return Proof(_words(network), fingerprint(network).sha256, largest_context(_constants(network)), axioms)


def accepted(networks: list[Transformer], folder: Path, name: str = "Verdicts") -> list[bool]:
    """Of each network whether its tensors pass the computation that the theorem asks for. (For base networks.)"""
    check_sources(folder)
    terms = [f"({_computation(network, '[]', f'({exported(network)})')})" for network in networks]
    printed = check(folder, name, HEADER + "".join(f"Eval vm_compute in {term}.\n" for term in terms))
    return [line.split()[-1] == "true" for line in printed.splitlines() if line.strip().startswith("=")]


def largest_context(constants: Constants) -> int:
    """min(L, K / 2): the most tokens of a context that the theorem reaches to, in exact arithmetic."""
    return int(min(constants.L, constants.K / 2))


def theorem_of(network: Transformer) -> str:
    """The file about a network: its tensors, the computation that they pass, the theorem, what it rests on."""
    config, bound = network.config, largest_context(_constants(network))
    capacity = f"{config.states} {config.symbols} {config.tapes} {config.code.capitalize()}"
    lines = [HEADER, f"Definition weights : exported := {exported(network)}.\n"]
    if config.kind == "base":
        lines += [_checked("checked", _computation(network, "[]", "weights"))]
        statement = " /\\\n  ".join(f"{each} {capacity} (tensors_of weights) {bound}" for each in BASE)
        proof = "exact (base_network_proved _ _ _ _ _ _ _ _ _ _ _ _ checked eq_refl)"
    else:
        base = base_network(config.states, config.symbols, config.tapes, code=config.code, dtype=config.dtype)
        rules = rules_term(Codec(config, config.machine()))
        lines += [
            f"Definition base : exported := {exported(base)}.\n",
            f"Definition rules : list exact_rule := {rules}.\n",
        ]
        lines += [_checked("base_checked", _computation(base, "[]", "base"))]
        lines += [_checked("checked", _computation(network, "rules", "weights"))]
        statement = (
            f"runs_its_rules {capacity} (tensors_of weights) {bound} rules /\\\n"
            f"  base_with_examples_is_tuned_without {capacity} (tensors_of base) (tensors_of weights) {bound} rules"
        )
        proof = "exact (tuned_network_proved _ _ _ _ _ _ _ _ _ _ _ _ _ base_checked checked)"
    lines += [f"Theorem proved :\n  {statement}.\nProof. {proof}. Qed.\nPrint Assumptions proved.\n"]
    return "\n".join(lines)


def _checked(name: str, computation: str) -> str:
    return f"Lemma {name} : {computation} = true.\nProof. vm_compute. reflexivity. Qed.\n"


def _computation(network: Transformer, rules: str, weights: str) -> str:
    config, constants = network.config, _constants(network)
    capacity = f"{config.states} {config.symbols} {config.tapes} {config.code.capitalize()}"
    bound = largest_context(constants)
    return f"is_network {capacity} {parameters_term(constants)} {bound} {rules} {weights}"


def parameters_term(constants: Constants) -> str:
    """The five constants as rationals of the prover."""
    values = (Fraction(getattr(constants, name)) for name in ("beta", "M", "L", "K", "g"))
    return " ".join(f"({value.numerator} # {value.denominator})" for value in values)


def rules_term(codec: Codec) -> str:
    """The rules of a codec's machine as a list of `exact_rule`."""
    return (
        "["
        + ";\n".join(f"Exact {_situation(codec, rule)} {action_term(codec, rule)}" for rule in codec.machine.rules)
        + "]"
    )


def _situation(codec: Codec, rule: Rule) -> str:
    state, symbols, _ = codec.slots(rule)
    return f"{state} [{'; '.join(f'{symbol}%nat' for symbol in symbols)}]"


def action_term(codec: Codec, rule: Rule | Example) -> str:
    """What a rule does as an `action`."""
    next_state, writes, moves = codec.action(tuple(codec.slots(rule)[2].values()))
    signs = {-1: "L", 0: "S_", 1: "R"}
    written = "; ".join(f"{symbol}%nat" for symbol in writes)
    return f"(Action {next_state} [{written}] [{'; '.join(signs[move] for move in moves)}])"


def _constants(network: Transformer) -> Constants:
    return read_frame(network).constants


def _words(network: Transformer) -> str:
    config, count = network.config, {"states": 0, "symbols": 0, "tapes": 0}
    sizes = (f"{n} {name if n != 1 else name[:-1]}" for name in count if (n := getattr(config, name)))
    return ", ".join([f"{config.kind} network", *sizes, config.code, str(config.dtype).removeprefix("torch.")])

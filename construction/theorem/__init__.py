"""The theorem, machine-checked: in exact arithmetic these very weights run every deterministic machine; in Coq.

README.md here says where LOCATE, ADDRESS, READ and DECIDE are proved; docs/proof.md what is claimed, and what is
trusted.
"""

from construction.theorem.capacities import CAPACITIES, capacities
from construction.theorem.proof import Proof, accepted, prove
from construction.theorem.prover import ProverError, ProverMissing, recheck

__all__ = ["CAPACITIES", "Proof", "ProverError", "ProverMissing", "accepted", "capacities", "prove", "recheck"]

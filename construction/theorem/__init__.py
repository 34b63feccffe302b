"""The theorem, machine-checked: in exact arithmetic these very weights run every deterministic machine; in Coq.

README.md here says where LOCATE, ADDRESS, READ and DECIDE are proved; docs/proof.md what is claimed, and what is
trusted.
"""

from construction.theorem.capacities import CAPACITIES, capacities
from construction.theorem.process import ProverError, ProverMissing, ProverUnfinished
from construction.theorem.proof import Proof, accepted, prove
from construction.theorem.prover import recheck

__all__ = [
    "CAPACITIES",
    "Proof",
    "ProverError",
    "ProverMissing",
    "ProverUnfinished",
    "accepted",
    "capacities",
    "prove",
    "recheck",
]

"""Certificates: exact for every machine and every input, up to a budget that is derived from the actual weights.

>>> from construction import base_network
>>> certificate = certify(base_network(states=8, symbols=4), tokens=10**7, radius=10**5)
>>> certificate.holds, certificate.lemmas[0].name
(True, 'frame')
"""

from construction.certificate.arithmetic import Arithmetic
from construction.certificate.bounds import Definition
from construction.certificate.budget import Budget
from construction.certificate.certificate import Certificate, certified_budget, certify
from construction.certificate.frame import Frame, Violation, read_frame
from construction.certificate.lemmas import Lemma

__all__ = [
    "Arithmetic",
    "Budget",
    "Certificate",
    "Definition",
    "Frame",
    "Lemma",
    "Violation",
    "certified_budget",
    "certify",
    "read_frame",
]

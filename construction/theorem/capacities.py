"""The networks that `make proof` has the prover check: each code, one to three tapes, two number formats, one tuned."""

from __future__ import annotations

from collections.abc import Iterator

from construction.config import NetworkConfig
from construction.number_format import FORMATS
from construction.transformer import Transformer
from construction.tuned_network import construct, tuned_to
from tm import library

__all__ = ["CAPACITIES", "capacities"]

CAPACITIES = (
    (2, 2, 1, "joint", "float64"),
    (8, 4, 1, "joint", "float64"),
    (4, 3, 2, "factored", "float64"),
    (16, 8, 2, "factored", "float64"),
    (2, 2, 3, "factored", "float64"),
    (4, 3, 1, "joint", "float32"),
)
"""States, symbols, tapes, code and number format of base networks; the fourth is the one that README.md begins with."""
TUNED = "increment"
"""The machine of the library whose tuned network is checked too."""


def capacities() -> Iterator[Transformer]:
    """Build the networks, one after the other.

    >>> [str(network.config) for network in capacities()][-1]
    'tuned, 4 states, 3 symbols, 1 tape, joint code'
    """
    for states, symbols, tapes, code, dtype in CAPACITIES:
        yield construct(NetworkConfig.of(states=states, symbols=symbols, tapes=tapes, code=code, dtype=FORMATS[dtype]))
    yield construct(tuned_to(NetworkConfig.of(states=4, symbols=3), library.load(TUNED)))

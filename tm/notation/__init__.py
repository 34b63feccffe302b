"""How machines are written down: one place a notation, each with a reader and a writer of the same shape.

What several notations share is in `common`; `tm.registry` knows them all by name, and imports this package when the
first machine is read.
"""

from tm.notation import (
    automata_lib,
    busy_beaver,
    drawings,
    jflap,
    jflap8,
    morphett,
    table,
    tapehead,
    turing_machine_simulator,
    turingmachine_io,
)
from tm.registry import register

register(
    busy_beaver.NOTATION,
    table.NOTATION,
    drawings.GRAPHML,
    jflap8.NOTATION,
    jflap.NOTATION,
    drawings.GRAPHVIZ,
    drawings.MERMAID,
    automata_lib.NOTATION,
    turing_machine_simulator.NOTATION,
    turingmachine_io.NOTATION,
    morphett.CHOICES,
    morphett.NOTATION,
    morphett.ONE_WAY,
    tapehead.NOTATION,
)

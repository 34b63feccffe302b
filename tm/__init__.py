"""What a policy is: Turing machines, what they do, and how they are written down.

>>> from tm import Machine, outcome
>>> outcome(Machine.read("1RB1LB_1LA1RZ")).steps
6
"""

from tm.composition import branched, equivalent, renamed, sequence
from tm.errors import (
    FileError,
    FileWarning,
    InputError,
    MachineError,
    NotationWarning,
    Problem,
    TapeheadError,
    TapeheadWarning,
)
from tm.inputs import Inputs, Sample
from tm.machine import Machine
from tm.rule import MOVES, Rule, Situation
from tm.run_tree import Search, search
from tm.simulator import Configuration, Outcome, outcome, simulate
from tm.start import Heads, Input, Start
from tm.state_graph import graph
from tm.tabulate import ANY, SAME, Step, tabulate
from tm.tape import Tape

__all__ = [
    "ANY",
    "MOVES",
    "SAME",
    "Configuration",
    "FileError",
    "FileWarning",
    "Heads",
    "Input",
    "InputError",
    "Inputs",
    "Machine",
    "MachineError",
    "NotationWarning",
    "Outcome",
    "Problem",
    "Rule",
    "Sample",
    "Search",
    "Situation",
    "Start",
    "Step",
    "Tape",
    "TapeheadError",
    "TapeheadWarning",
    "branched",
    "equivalent",
    "graph",
    "outcome",
    "renamed",
    "search",
    "sequence",
    "simulate",
    "tabulate",
]

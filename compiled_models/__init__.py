"""Running the networks: decoders, checkpoints, `run`, and the command line.

>>> from tm import Machine
>>> from construction import base_network
>>> run(base_network(states=4, symbols=2), Machine.read("1RB1LB_1LA1RZ")).steps
6
"""

from compiled_models.checkpoint import CheckpointError, load, save
from compiled_models.decoding import teacher_forced
from compiled_models.emulation import assert_emulates
from compiled_models.fingerprint import fingerprint
from compiled_models.runner import Result, run
from compiled_models.transcript import GenerationError

__all__ = [
    "CheckpointError",
    "GenerationError",
    "Result",
    "assert_emulates",
    "fingerprint",
    "load",
    "run",
    "save",
    "teacher_forced",
]

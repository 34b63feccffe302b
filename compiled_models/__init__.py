"""Running the networks: decoders, checkpoints, `run`, and the command line.

What is listed here is imported when it is asked for: a command that needs no network does not wait for torch.

>>> from compiled_models import run
>>> from construction import base_network
>>> from tm import Machine
>>> run(base_network(states=4, symbols=2), Machine.read("1RB1LB_1LA1RZ")).steps
6
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tm.lazy import lazily

if TYPE_CHECKING:
    from compiled_models.checkpoint import CheckpointError, load, save
    from compiled_models.decoding import GenerationError, teacher_forced
    from compiled_models.emulation import assert_emulates
    from compiled_models.llama_run import LlamaResult, run_llama
    from compiled_models.runner import Result, run
    from construction.fingerprint import changed_weights, fingerprint

__all__ = [
    "CheckpointError",
    "GenerationError",
    "LlamaResult",
    "Result",
    "assert_emulates",
    "changed_weights",
    "fingerprint",
    "load",
    "run",
    "run_llama",
    "save",
    "teacher_forced",
]

_MODULES = {
    "compiled_models.checkpoint": ("CheckpointError", "load", "save"),
    "compiled_models.decoding": ("GenerationError", "teacher_forced"),
    "compiled_models.emulation": ("assert_emulates",),
    "compiled_models.llama_run": ("LlamaResult", "run_llama"),
    "compiled_models.runner": ("Result", "run"),
    "construction.fingerprint": ("changed_weights", "fingerprint"),
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazily(__name__, _MODULES, __all__)

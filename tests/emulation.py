"""What a network ought to generate on a run, from the simulator; used at every level."""

from __future__ import annotations

import functools

import numpy as np

from construction import Codec, Transformer, base_network, compile_machine
from construction.vocabulary import Tokens
from tests.machines import Case
from tm import simulate

__all__ = ["base_for", "network_for", "run_of", "tuned_for"]


def run_of(codec: Codec, case: Case) -> Tokens:
    """The tokens of a run [n w] as the simulator says them, STOP included where it halts."""
    tokens, halted = [], False
    for now in simulate(case.machine, case.input, head=case.head, max_steps=case.max_steps, seed=case.seed):
        if now.rule is not None:
            tokens.append(codec.step(now.rule))
        halted = not case.machine.rules_for(now.state, now.symbols)
    return np.array(tokens + [codec.stop] * halted, dtype=np.int64).reshape(-1, codec.vocabulary.width)


@functools.cache
def network_for(states: int, symbols: int, tapes: int, code: str = "auto") -> Transformer:
    """A base network, made once."""
    return base_network(states=states, symbols=symbols, tapes=tapes, code=code)


def base_for(case: Case, spare_tapes: int = 0, *, one_size: bool = False) -> Transformer:
    """A base network that the case fits, from a few sizes that all cases share.

    Args:
        case: The run.
        spare_tapes: Tapes that the network has beside those of the machine.
        one_size: One size for all but small machines of one tape, so fewer kernels: each takes its time to compile.
    """
    small, tapes = len(case.machine.states) <= 8 and len(case.machine.symbols) <= 4, case.machine.tapes
    if one_size and not (small and tapes == 1):
        small, spare_tapes = False, max(spare_tapes, 2 - tapes)
    states, symbols = (8, 4) if small else (16, 8)
    code = "joint" if case.machine.stochastic else "auto"
    return network_for(states, symbols, tapes + spare_tapes, code)


def tuned_for(case: Case, base: Transformer) -> Transformer:
    """The network of the base network's capacity that is tuned to the case's machine."""
    config = base.config
    sizes = {"states": config.states, "symbols": config.symbols, "tapes": config.tapes}
    return compile_machine(case.machine, **sizes, code=config.code, dtype=config.dtype)

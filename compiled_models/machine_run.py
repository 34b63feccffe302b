"""The machine's own run, as tokens: what a network is held against, or is given to check."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from construction.codec import Codec
from construction.vocabulary import Tokens
from tm import Configuration, Search, Start, search, simulate

__all__ = ["MachineRun"]


@dataclass(frozen=True, slots=True)
class MachineRun:
    """A run of a machine: the simulator's; of a nondeterministic machine, without a seed, the one that a search finds.

    Attributes:
        tokens: its STEPs [n w], and STOP if it halts.
        last: the configuration at its end.
        halted: whether it halts there.
        accepted: what it says of the input: as `Machine.accepts`, or as the search has it.
        search: what came of the search, if there was one.
    """

    tokens: Tokens
    last: Configuration
    halted: bool
    accepted: bool | None
    search: Search | None

    @classmethod
    def of(cls, codec: Codec, start: Start, *, max_steps: int, seed: int | None = None) -> MachineRun:
        """The run of a start, of `max_steps` steps at most.

        >>> from construction import NetworkConfig
        >>> from tm import Machine
        >>> start = Start.of(Machine.read("1RB1LB_1LA1RZ"))
        >>> codec = Codec(NetworkConfig.of(states=3, symbols=2), start.machine)
        >>> len(MachineRun.of(codec, start, max_steps=100).tokens)
        7
        """
        machine, input, head = start.machine, start.input, start.head
        searching = machine.nondeterministic and seed is None
        outcome = search(machine, input, head=head, max_steps=max_steps) if searching else None
        run = outcome.run if outcome else simulate(machine, input, head=head, max_steps=max_steps, seed=seed)
        steps: list[tuple[int, ...]] = []
        for last in run:
            if last.rule is not None:
                steps.append(codec.step(last.rule))
        halted = not machine.rules_for(last.state, last.symbols)
        tokens = np.array([*steps, codec.stop] if halted else steps, dtype=np.int64)
        accepted = machine.accepts(last.state) if halted else None
        return cls(tokens, last, halted, accepted if outcome is None else outcome.accepted, outcome)

    @property
    def to_be_checked(self) -> Tokens | None:
        """The tokens of a run that a search found, which a network checks instead of generating it; else None."""
        return None if self.search is None else self.tokens

"""Simulator, tuned network and base network side by side, token by token."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from compiled_models.decoding import choose
from compiled_models.machine_run import MachineRun
from construction.codec import Codec
from construction.fingerprint import Fingerprint, fingerprint
from construction.transformer import Transformer
from construction.tuned_network import construct, tuned_to
from tm import Heads, Input, Machine, Search, Start

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One run, three times.

    Attributes:
        simulator, tuned, base: the tokens of each as text, STOP included where the run halts.
        result: what the run leaves on the tapes, as the simulator has it.
        accepted: as `Machine.accepts`, None where the run did not halt.
        fingerprint: the base network's.
        search: of a nondeterministic machine without a seed, how the run was found that both networks check.
    """

    simulator: tuple[str, ...]
    tuned: tuple[str, ...]
    base: tuple[str, ...]
    result: tuple[tuple[str, ...], ...]
    accepted: bool | None
    fingerprint: Fingerprint
    search: Search | None = None

    @property
    def equal(self) -> bool:
        """Whether all three say the same, token by token."""
        return self.simulator == self.tuned == self.base

    @property
    def steps(self) -> int:
        """The simulator's steps."""
        return sum(text != "<stop>" for text in self.simulator)

    @property
    def halted(self) -> bool:
        """Whether the run came to its end."""
        return self.simulator[-1:] == ("<stop>",)


def compare(
    base: Transformer,
    machine: Machine,
    input: Input = "",
    *,
    head: Heads = 0,
    max_steps: int = 1_000,
    seed: int | None = None,
    decoder: str = "dense",
) -> Comparison:
    """Run a machine by the simulator, by a network tuned to it (as large as the base network), and by the base network.

    Raises:
        CapacityError, InputError: as `run` does.

    >>> from construction import base_network
    >>> compare(base_network(states=3, symbols=2), Machine.read("1RB1LB_1LA1RZ")).equal
    True
    """
    start, config = Start.of(machine, input, head), base.config
    machine, input, head = start.machine, start.input, start.head
    tuned = construct(tuned_to(config, machine), base.device)
    codec = Codec(config, machine)
    simulated = MachineRun.of(codec, start, max_steps=max_steps, seed=seed)
    most = max_steps + simulated.halted

    def generated(network: Transformer) -> Iterator[str]:
        own = Codec(network.config, machine)
        run = MachineRun.of(own, start, max_steps=max_steps, seed=seed)  # in the slots of this network
        prompt, reference = own.prompt(input, head=head), run.to_be_checked
        generator = choose(network, own.vocabulary, prompt, asked=decoder, seed=seed, known=reference)
        for chunk in generator.generate(most if run.search is None else len(run.tokens)):
            yield from (own.text(token) for token in chunk)

    return Comparison(
        tuple(codec.text(token) for token in simulated.tokens),
        tuple(islice(generated(tuned), most)),
        tuple(islice(generated(base), most)),
        tuple(tuple(tape.cells()) for tape in simulated.last.tapes),
        simulated.accepted,
        fingerprint(base),
        simulated.search,
    )

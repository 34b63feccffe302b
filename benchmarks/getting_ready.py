"""What comes before the first token and after it: loading, a long prompt, a large tuned network, the replay.

    python benchmarks/getting_ready.py

Seconds of CPU time, the least of several; docs/decisions/start.md says what they are made of.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from random import Random

from compiled_models import run
from compiled_models.machine_run import MachineRun
from compiled_models.transcript import Transcript
from construction import Codec, NetworkConfig, base_network, compile_machine
from tm import Input, Machine, Rule, Start, library

SHORT = ("-m", "compiled_models", "run", "increment", "1011")

__all__ = ["command", "compiling", "long_prompt", "replay"]


def least(work: Callable[[], object], times: int = 3) -> float:
    """The least CPU time of several."""
    seconds = []
    for _ in range(times):
        before = time.process_time()
        work()
        seconds.append(time.process_time() - before)
    return min(seconds)


def command(*arguments: str) -> float:
    """CPU seconds of a Python process with these arguments, start and end included."""

    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    seconds = []
    for _ in range(3):
        before = spent()
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=environment)
        seconds.append(spent() - before)
    return min(seconds)


def compiling(states: int) -> tuple[float, float]:
    """CPU seconds for the tuned network of a machine of so many states, none made before, and MB that it takes."""
    random, names = Random(states), [f"q{i}" for i in range(states)]
    rules = [
        Rule(state, (symbol,), random.choice(names), (random.choice("01"),), (random.choice("LR"),))
        for state in names
        for symbol in "01"
    ]
    machine = Machine(start="q0", blank="0", rules=rules)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = least(lambda: compile_machine(machine), times=1)
    return seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def long_prompt(cells: int) -> tuple[float, float]:
    """CPU seconds of the codec for an input of so many cells, and of a run of 8 steps on it, kernels."""
    network, machine, text = base_network(16, 8, 2), library.load("increment"), "10" * (cells // 2)
    run(network, machine, "1", max_steps=8, decoder="kernels")  # what is compiled once
    start = Start.of(machine, text)
    codec = Codec(network.config, start.machine)
    whole = least(lambda: run(network, machine, text, max_steps=8, decoder="kernels"))
    return least(lambda: codec.prompt(start.input)), whole


def replay(name: str, input: Input, **capacity: int) -> float:
    """Nanoseconds a step for the replay of a chunk of a run."""
    machine = library.load(name)
    start = Start.of(machine, input)
    codec = Codec(NetworkConfig.of(**capacity), start.machine)  # type: ignore[arg-type]
    tokens = MachineRun.of(codec, start, max_steps=40_000).tokens

    def whole() -> None:
        Transcript(codec, start.input, start.head).absorb(tokens)

    whole()
    nothing = least(lambda: Transcript(codec, start.input, start.head), times=10)
    return (least(whole, times=10) - nothing) / len(tokens) * 1e9


def main() -> int:
    """Measure and print."""
    import torch  # noqa: F401 (loaded before anything is measured: the first network would wait for it)

    for states in (3, 100, 1_000):
        seconds, megabytes = compiling(states)
        print(f"compile_machine, {states:,} states: {seconds:.3f} s, {megabytes:.0f} MB", flush=True)
    codec, whole = long_prompt(1_000_000)
    print(f"a prompt of 1,000,000 cells: codec {codec:.3f} s, a run of 8 steps on it {whole:.3f} s", flush=True)
    one = replay("bb5", "", states=8, symbols=4)
    three = replay("three_tape_multiply", ["1" * 200, "1" * 200, ""], states=16, symbols=8, tapes=3)
    print(f"replay: {one:.1f} ns a step, three tapes {three:.1f} ns", flush=True)
    print(f"tapehead run increment 1011: {command(*SHORT):.2f} s", flush=True)
    print(f"the same, dense: {command(*SHORT, '--decoder', 'dense'):.2f} s", flush=True)
    print(f"import torch: {command('-c', 'import torch'):.2f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

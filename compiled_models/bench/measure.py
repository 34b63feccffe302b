"""One measurement, in a process of its own: `python -m compiled_models.bench.measure CONTESTANT WORKLOAD STEPS`."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial

from compiled_models.bench.simulators import ArraySimulator, AutomataSimulator, CannotRunError, DictionarySimulator
from compiled_models.bench.workloads import WORKLOADS, Workload
from compiled_models.decoding import DECODERS, Decoder, KernelDecoder
from compiled_models.decoding.decoder import generated
from compiled_models.transcript import Transcript
from construction import Codec, base_network
from tm import Problem, TapeheadError

__all__ = ["CONTESTANTS", "BenchError", "Measurement", "measured_apart"]

CONTESTANTS: dict[str, type | None] = {
    "dense": None,
    "streaming": None,
    "kernels": None,
    "dictionary simulator": DictionarySimulator,
    "numba simulator": ArraySimulator,
    "automata-lib": AutomataSimulator,
}


READY = 1 << 11  # steps of a long run after which kernels draft: taken before the clock starts
CANNOT = 3  # the exit status of a contestant that cannot run the workload


class BenchError(TapeheadError, RuntimeError):
    """A contestant that breaks."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one contestant did.

    Attributes:
        steps: steps taken.
        ready: seconds until it could take its first: kernel loaded, prompt read.
        seconds: seconds for the steps; for networks with the replay of their tokens onto tapes.
        megabytes: the process's peak memory.
    """

    contestant: str
    workload: str
    steps: int
    ready: float
    seconds: float
    megabytes: float

    @property
    def rate(self) -> float:
        """Steps a second."""
        return self.steps / self.seconds if self.seconds else 0.0


def measured_apart(contestant: str, workload: str, steps: int) -> Measurement | None:
    """A measurement in a fresh process; None where the contestant cannot run the workload, or is not installed.

    Raises:
        BenchError: where it breaks.
    """
    command = [sys.executable, "-m", "compiled_models.bench.measure", contestant, workload, str(steps)]
    alone = os.environ | {"OMP_NUM_THREADS": "1"}  # the matrices are small
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=alone)
    if done.returncode == CANNOT:
        return None
    if done.returncode:
        raise BenchError(Problem(f"{contestant} breaks on {workload}", found=done.stderr.strip()))
    return Measurement(**json.loads(done.stdout))


def _measure(contestant: str, name: str, steps: int) -> Measurement:
    workload, began = WORKLOADS[name]().cut(steps), time.perf_counter()
    simulator = CONTESTANTS[contestant]
    run = _network(contestant, workload) if simulator is None else simulator(workload.machine, workload.input).run
    ready = time.perf_counter()
    count = run(steps)
    end = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    return Measurement(contestant, name, count, ready - began, end - ready, peak)


def _network(decoder: str, workload: Workload) -> Callable[[int], int]:
    """A base network of just the right size, its decoder past the prompt and its first token, machine code loaded."""
    machine = workload.machine
    network = base_network(len(machine.states), len(machine.symbols), machine.tapes)
    codec = Codec(network.config, machine)
    decode = partial(KernelDecoder, drafts="at once") if decoder == "kernels" else DECODERS[decoder]
    generating: Decoder = decode(network, codec.vocabulary, codec.prompt(workload.input))
    transcript = Transcript(codec, workload.input)
    begins = [1, *[READY] * 16] if decoder == "kernels" and workload.steps > 100 * READY else [1]
    for tokens in (tokens for first in begins for tokens in generated(generating, first)):
        transcript.absorb(tokens)

    def run(limit: int) -> int:
        before = transcript.steps
        for tokens in generated(generating, limit - before):
            transcript.absorb(tokens)
        return transcript.steps - before

    return run


def main(arguments: list[str]) -> int:
    """Measure, and print it as JSON; exit status 3: the contestant cannot run the workload."""
    try:
        measured = _measure(arguments[0], arguments[1], int(arguments[2]))
    except CannotRunError:
        return CANNOT
    print(json.dumps(asdict(measured)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

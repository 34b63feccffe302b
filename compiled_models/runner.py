"""`run`: a machine, an input and a network in; what the network generated, as a result, out.

machine -> examples -> prompt -> network -> decoder -> transcript -> result.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from compiled_models.decoding import DECODERS, Decoder, GenerationError, choose, usual
from compiled_models.decoding.choice import dense_alone, placed
from compiled_models.decoding.weights import not_finite
from compiled_models.generation import Limits, Reports, generate
from compiled_models.machine_run import MachineRun
from compiled_models.result import Result, Run
from compiled_models.snapshot import Snapshots
from compiled_models.transcript import Transcript
from construction.certificate import certified_budget
from construction.codec import Codec, policy_problems
from construction.config import NetworkConfig
from construction.example import Example
from construction.network import Network
from tm import Heads, Input, InputError, Machine, Problem, Rule, Start
from tm.integers import is_integer

__all__ = ["Result", "run"]


def run(
    network: Network,
    machine: Machine,
    input: Input = "",
    *,
    max_steps: int = 10_000,
    head: Heads = 0,
    examples: Iterable[Rule | Example] | None = None,
    seed: int | None = None,
    decoder: str | None = None,
    device: str | None = None,
    uncertified: bool = False,
    progress: Callable[[Transcript], None] | None = None,
    record: Callable[[Transcript], int] | None = None,
    snapshot: str | Path | None = None,
    resume: str | Path | None = None,
    force: bool = False,
) -> Result:
    """Run a machine on a network: the base network reads it from the prompt, a tuned one has it in its weights.

    Args:
        network: from `base_network`, `compile_machine` or `load`; or its numbers alone (`construct_weights`), of which
            PyTorch's module is made only for what needs it: the dense decoder, another device, a trace.
        machine: whose names the prompt and the result use, and whose rules are the examples.
        input: a string (a symbol per character) or a list of symbols; for several tapes a list of those. A character
            that the machine does not know is an error, unless `machine.inputs` says otherwise; a list may hold
            symbols that no rule mentions.
        max_steps: how many steps to generate at most.
        head: the start cell, or one for each tape.
        examples: the examples to show instead of the machine's rules (some of them, wrong ones, wildcards). Where
            they differ in one situation and there is no seed, the most frequent action is taken.
        seed: draw each step by its probability, as a stochastic machine needs. Of a nondeterministic machine without a
            seed, a run is searched for that accepts (`tm.search`), and the network checks it, token by token and by
            the dense decoder: each step has to have a positive probability. A network cannot guess, it can check. The
            draws are those of `tm.simulate`,
            in every decoder, as long as a situation has at most 353,000 examples in float64, 4,095 in float32 (with
            more, a draw within rounding of a boundary may differ from it; bfloat16 promises nothing): docs/proof.md.
        decoder: "kernels" (compiled from the weights), "streaming" (the same in plain numpy) or "dense" (the module's
            own forward pass: the reference, and the one for a GPU). All generate the same tokens. None: kernels, once a
            run is longer than it takes to compile them; dense on a GPU and in bfloat16. Always dense for a network
            with a hook or otherwise changed (`construction.plain.departure`): the others see the weights alone.
        device: "cpu" or "cuda"; None: where the network is.
        uncertified: go on where the network's certificate for the decoder ends (`construction.certificate.certify`).
            Otherwise the run stops there, with the reason "not certified": after too many tokens, too far from cell 0,
            or at once if the weights are not those of the construction, or not all that the network computes with.
        progress: called with the transcript every so often (ten times a second at most) between two tokens.
        record: called with the transcript at the start, and then after exactly as many steps as it returned the time
            before (1 or more): a `compiled_models.view.history.History`, say. Not with `resume`.
        snapshot: a file to which the state of the run is written about every second, and at its end; nobody else may
            write to it meanwhile. Where it cannot be written, on a full disk, say, there is a FileWarning, and the run
            goes on and tries again.
        resume: a snapshot of the same network, prompt and seed to go on from; `max_steps` counts from the start.
        force: let snapshots take the place of whatever file stands there, and not only of one of the same run.

    Raises:
        SnapshotError: for a file that no snapshot can be read from, or written to.
        CapacityError: if the machine does not fit the network.
        InputError: for anything else that cannot be run, with the reason.

    >>> from construction import base_network
    >>> result = run(base_network(states=4, symbols=2), Machine.read("1RB1LB_1LA1RZ"))
    >>> result.steps, result.state, "".join(result.tape)
    (6, 'Z', '1111')
    """
    start = _start(network, machine, input, head)
    searching = start.machine.nondeterministic and seed is None
    kind = decoder or ("dense" if searching else usual(network, device))
    if record is not None and resume is not None:
        raise InputError(Problem("a record is of a run from its first step on", hint="leave out the snapshot"))
    if searching:
        _require_checkable(kind, examples, snapshot, resume)
    options = {"max_steps": max_steps, "seed": seed, "examples": examples, "uncertified": uncertified}
    _require(network, start.machine, kind, device, **options)

    network = placed(network, device, kind)
    codec = Codec(network.config, start.machine)
    prompt = codec.prompt(start, examples=examples)
    machine_run = MachineRun.of(codec, start, max_steps=max_steps) if searching else None
    this = Run(network=network, codec=codec, prompt=prompt, start=start, seed=seed, machine_run=machine_run)
    transcript, started = this.transcript(record), time.perf_counter()
    tokens = None if machine_run is None else machine_run.tokens
    generator = choose(network, codec.vocabulary, prompt, asked=decoder, seed=seed, known=tokens)
    limits = None if uncertified else Limits.of(certified_budget(network, generator.name), prompt, start)
    limit = max_steps if machine_run is None else machine_run.last.step
    snapshots = Snapshots(network, prompt, seed)
    with snapshots.keeping(generator, transcript, limit, file=snapshot, resume=resume, force=force) as file:
        resumed = transcript.steps
        lemma = generate(generator, transcript, limit, limits, Reports(progress, file))
    _require_possible(generator, codec, machine_run)
    seconds = time.perf_counter() - started
    return Result.of(this, transcript, generator, lemma, seconds=seconds, resumed=resumed)


def _start(network: object, machine: object, input: Input, head: Heads) -> Start:
    if not isinstance(network, Network) or not isinstance(machine, Machine):
        types = f"{type(network).__name__} and {type(machine).__name__}"
        raise InputError(Problem("run takes a network and a machine", "a Transformer and a Machine", types))
    return Start.of(machine, input, head)


def _require(network: Network, machine: Machine, decoder: str, device: str | None, **options: Any) -> None:
    """Refuse what cannot be run, with every reason."""
    if not isinstance(network.config, NetworkConfig):
        raise InputError(Problem("the network has no configuration", "one from base_network, compile_machine or load"))
    problems = list(_number_problems(machine, options["max_steps"], options["seed"]))
    if decoder not in DECODERS:
        problems.append(Problem("no such decoder", " or ".join(DECODERS), repr(decoder)))
    elif decoder != "dense" and dense_alone(network, device):
        problems.append(Problem(f"the {decoder} decoder runs on the CPU, in float64 or float32", "the dense decoder"))
    if options["uncertified"] and (problem := not_finite(network)) is not None:  # else the certificate says it
        problems.append(problem)
    problems += policy_problems(network.config, machine)
    if network.config.policy is not None and options["examples"] is not None:
        hint = "show them to a base network"
        problems.append(Problem("a tuned network has its policy in its weights and takes no examples", hint=hint))
    if problems:
        raise InputError(*problems)


def _require_checkable(decoder: str, examples: object, *files: object) -> None:
    """Refuse what does not go with a run that is searched for and then checked."""
    hint = "give a seed (seed=1, or --seed 1) to draw a run instead"
    why = "a nondeterministic machine's run is searched for, without a seed, and checked"
    problems = []
    if decoder != "dense":
        problems.append(Problem(why, "the dense decoder", decoder, hint))
    if examples is not None:
        problems.append(Problem(why, "the machine's own rules as examples", "others", hint))
    if any(file is not None for file in files):
        problems.append(Problem(why, "no snapshot: there is nothing to go on from", "one", hint))
    if problems:
        raise InputError(*problems)


def _require_possible(decoder: Decoder, codec: Codec, machine_run: MachineRun | None) -> None:
    """Refuse a run that a search found and of which the network says that it is none."""
    number: int | None = getattr(decoder, "refused", None)  # a checking decoder says so
    if machine_run is not None and number is not None:
        token = codec.text(tuple(int(row) for row in machine_run.tokens[number]))
        raise GenerationError(f"token {number + 1} of the run that was found, {token}, has no chance by this network")


def _number_problems(machine: Machine, max_steps: object, seed: object) -> Iterator[Problem]:
    if not is_integer(max_steps, 1):
        yield Problem("the step limit is a positive integer", "1 or more", repr(max_steps))
    if seed is not None and not is_integer(seed, 0):
        yield Problem("a seed is an integer of 0 or more", found=repr(seed))
    if machine.stochastic and seed is None and not machine.nondeterministic:
        yield Problem("a stochastic machine draws its steps from a seed", "a seed (seed=1, or --seed 1)", "none")

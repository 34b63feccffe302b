"""The rows of a sweep: jobs in, what came of each out; many at once through one network, as far as they are short."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from compiled_models.capacity import Capacity
from compiled_models.decoding import usual
from compiled_models.decoding.batched import rows_of
from compiled_models.decoding.choice import placed
from compiled_models.decoding.kernels.kernel_rows import KernelRows, numbered
from compiled_models.input_text import input_of, text_of
from compiled_models.result import ending
from compiled_models.runner import run
from compiled_models.sweep.jobs import Job, Source, StartText
from compiled_models.transcript import Transcript
from construction.certificate import Budget, certified_budget
from construction.codec import Codec, Prompt
from construction.config import NetworkConfig
from construction.fingerprint import fingerprint
from construction.network import Network
from construction.tuned_network import construct_weights
from tm import Heads, Input, InputError, Machine, Problem, Start, TapeheadError, TapeheadWarning
from tm.registry import read

__all__ = ["Options", "Part", "Row", "rows_of_part"]

SHORT = 1_000
"""Tokens that all rows of a batch have room for; a run that is longer goes on by itself."""
USUAL_CAPACITY = Capacity()
LONG_PROMPT = 5_000  # tokens of a prompt that is not run in a batch


@dataclass(frozen=True, slots=True)
class Options:
    """What is the same for all jobs: how long they may run, on which networks, and where.

    Attributes:
        max_steps: of a run.
        capacity: of the networks: what is usual, grown to a machine that needs more.
        unknown: as in `tm.Inputs`, if it is given.
        seed: of stochastic machines whose job has none.
        device: "cpu" or "cuda".
    """

    max_steps: int
    capacity: Capacity = USUAL_CAPACITY
    unknown: str | None = None
    seed: int | None = None
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Part:
    """Jobs that are done together, and the number of the first of them.

    `many`: whether there are so many in all that it is worth while to compile a function over rows, and kernels.
    """

    first: int
    jobs: Sequence[Job]
    options: Options
    many: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What came of a job; a function of the job alone, the same whoever runs it, whenever.

    Attributes:
        number: of the job.
        machine, machine_sha256: its name, and the digest of the text that it was read from.
        input, start_head: what the tapes and the heads began with, as `tapehead run` takes them.
        seed: of the draws, if it was drawn.
        halted, reason, steps, state, accepted: as in `Result`.
        tape: symbols from the first to the last non-blank cell, as an input is written.
        first_cell, head: the cell of the tape's first symbol, and the head's; of several tapes with commas between.
        decoder: "merged", where equal keys are merged (streaming and kernels, which generate the same), or "dense".
        network_sha256: of the network's weights.
        error: why it was not run; then the rest is None.
    """

    number: int
    machine: str
    machine_sha256: str
    input: str | None
    start_head: str | None = None
    seed: int | None = None
    halted: bool | None = None
    reason: str | None = None
    steps: int | None = None
    state: str | None = None
    accepted: bool | None = None
    tape: str | None = None
    first_cell: str | None = None
    head: str | None = None
    decoder: str | None = None
    network_sha256: str | None = None
    error: str | None = None

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """The names of the fields, in their order."""
        return tuple(field.name for field in fields(cls))


@dataclass(frozen=True, slots=True)
class _Ready:
    """A job whose machine and input make sense: what the network is to be shown."""

    row: Row
    start: Start
    codec: Codec
    prompt: Prompt
    seed: int | None


def rows_of_part(part: Part) -> list[Row]:
    """What comes of each job of a part, in their order.

    >>> jobs = [Job(Source("bb2", "1RB1LB_1LA1RZ"), StartText()), Job(Source("none", "no machine"), StartText())]
    >>> good, bad = rows_of_part(Part(0, jobs, Options(100, Capacity(states=8, symbols=4, tapes=1))))
    >>> good.steps, good.tape, good.error, bad.steps, bad.error
    (6, '1111', None, None, 'no notation that is known here')
    """
    rows: dict[int, Row] = {}
    groups: dict[NetworkConfig, list[_Ready]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TapeheadWarning)  # of a thousand machines nobody reads them
        for number, job in enumerate(part.jobs, part.first):
            try:
                ready = _ready(number, job, part.options)
                groups.setdefault(ready.codec.config, []).append(ready)
            except TapeheadError as error:
                rows[number] = _failed(number, job, error)
        for config, group in groups.items():
            network = _network(config, part.options.device)
            for ready, row in _group_rows(network, group, part.options, many=part.many):
                rows[ready.row.number] = row
    return [rows[number] for number in sorted(rows)]


def _ready(number: int, job: Job, options: Options) -> _Ready:
    """A job, understood. Raises TapeheadError for one that makes no sense."""
    source = job.source
    if source.error:
        raise InputError(Problem(source.error))
    machine = _machine(source, options.unknown)
    start = Start.of(machine, *_input(machine, job.start))
    drawn = machine.stochastic or machine.nondeterministic
    seed = (options.seed if job.start.seed is None else job.start.seed) if drawn else None
    if machine.stochastic and not machine.nondeterministic and seed is None:
        raise InputError(Problem("a stochastic machine draws its steps from a seed", "a seed (--seed 1)", "none"))
    codec = Codec(options.capacity.config(start.machine), start.machine)
    prompt = codec.prompt(start.input, head=start.head)
    row = Row(**_named(number, source), input=text_of(start.input), start_head=_cells(start.head), seed=seed)
    return _Ready(row, start, codec, prompt, seed)


def _input(machine: Machine, written: StartText) -> tuple[Input, Heads]:
    sample, text = machine.inputs.sample, written.input
    if text is None:
        return ("", written.head) if sample is None else (sample.tapes, sample.heads)
    return (input_of(machine, text) if isinstance(text, str) else text), written.head


@lru_cache(maxsize=256)
def _machine(source: Source, unknown: str | None) -> Machine:
    machine = read(source.text, source.notation, source.file)
    name = machine.name or (Path(source.name).stem if source.file else "")
    inputs = machine.inputs if unknown is None else replace(machine.inputs, unknown=unknown)
    return replace(machine, name=name, inputs=inputs)


@lru_cache(maxsize=4)
def _network(config: NetworkConfig, device: str) -> Network:
    return placed(construct_weights(config), device)


def _group_rows(network: Network, group: list[_Ready], options: Options, *, many: bool) -> Iterator[tuple[_Ready, Row]]:
    """The rows of jobs on one network: of many all short ones at once, and then what is left of them one by one."""
    kind, sha256, left = usual(network, options.device), fingerprint(network).sha256, set(map(id, group))
    budget, limit = certified_budget(network, kind), min(options.max_steps + 1, SHORT)
    if together := [ready for ready in group if many and _is_short(ready, limit, budget)]:
        table, prompts = numbered([ready.prompt.tokens for ready in together])
        codec = together[0].codec
        batch = rows_of(network, codec.vocabulary, table, codec.stop, device=options.device)
        kind = "kernels" if isinstance(batch, KernelRows) else "dense"
        how = _arithmetic(kind)
        waiting = iter(together)
        for made in batch.generate([prompt.tolist() for prompt in prompts], limit):
            for number, stopped in enumerate(made.stopped.tolist()):
                ready, tokens = next(waiting), made.row(number)
                if not stopped and limit <= options.max_steps:
                    continue
                transcript = Transcript(ready.codec, ready.start.input, ready.start.head)
                transcript.absorb(tokens[: options.max_steps + stopped])
                left.discard(id(ready))
                yield ready, replace(ready.row, **_end(transcript), decoder=how, network_sha256=sha256)
    for ready in group:
        if id(ready) in left:
            at_once = many and ready.seed is None  # a kernel that draws is one more to be compiled
            yield ready, _alone(network, ready, options, kind if at_once or kind == "dense" else None, sha256)


def _arithmetic(decoder: str | None) -> str:
    """What a decoder works with: None is streaming, and kernels once a run is long."""
    return "dense" if decoder == "dense" else "merged"


def _is_short(ready: _Ready, limit: int, budget: Budget) -> bool:
    """Whether a run may go into a batch: nothing is drawn or searched for, and so many tokens of it are certified."""
    machine, start = ready.start.machine, ready.start
    if machine.stochastic or machine.nondeterministic or len(ready.prompt) > LONG_PROMPT:
        return False
    furthest = max(map(len, start.input)) + max(map(abs, start.head))
    return len(ready.prompt) + limit <= budget.tokens and furthest + limit <= budget.radius


def _alone(network: Network, ready: _Ready, options: Options, kind: str | None, sha256: str) -> Row:
    """The row of a run of its own."""
    start, searching = ready.start, ready.start.machine.nondeterministic and ready.seed is None
    decoder = "dense" if searching else kind
    try:
        result = run(
            network,
            start.machine,
            start.input,
            head=start.head,
            seed=ready.seed,
            max_steps=options.max_steps,
            decoder=decoder,
            device=options.device,
        )
    except TapeheadError as error:
        return replace(ready.row, error=_said(error))
    one = start.machine.tapes == 1
    ends: list[Any] = [result.tape, result.first_cell, result.head]
    tapes, firsts, heads = ([end] if one else end for end in ends)
    how: dict[str, Any] = {name: getattr(result, name) for name in ("halted", "reason", "steps", "state", "accepted")}
    return replace(ready.row, **how, **_ends(tapes, firsts, heads), decoder=_arithmetic(decoder), network_sha256=sha256)


def _end(transcript: Transcript) -> dict[str, Any]:
    """How a run ended of which the transcript is whole."""
    placed, (reason, accepted) = transcript.placed_tapes(), ending(transcript)
    how = {"halted": reason == "no rule", "reason": reason, "steps": transcript.steps, "state": transcript.state}
    firsts = [first if cells else None for first, cells in placed]
    return {**how, "accepted": accepted, **_ends([cells for _, cells in placed], firsts, transcript.heads)}


def _ends(tapes: list[list[str]], firsts: Sequence[int | None], heads: Sequence[int]) -> dict[str, Any]:
    return {"tape": text_of(tapes), "first_cell": _cells(firsts), "head": _cells(heads)}


def _named(number: int, source: Source) -> dict[str, Any]:
    digest = hashlib.sha256(source.text.encode("utf-8", "surrogatepass")).hexdigest()
    return {"number": number, "machine": source.name, "machine_sha256": digest}


def _failed(number: int, job: Job, error: TapeheadError) -> Row:
    text = job.start.input
    return Row(
        **_named(number, job.source), input=",".join(text) if isinstance(text, tuple) else text, error=_said(error)
    )


def _said(error: TapeheadError) -> str:
    """An error in a line: its first problem, and how many more there are."""
    first, *rest = error.problems
    place = f"line {first.line}: " if first.line else ""
    return f"{place}{first.message}" + (f" (and {len(rest)} more)" if rest else "")


def _cells(cells: Sequence[int | None]) -> str:
    """Cells as --head takes them; nothing for one of a tape that is blank."""
    return ",".join("" if cell is None else str(cell) for cell in cells)

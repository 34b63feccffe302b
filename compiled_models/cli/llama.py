"""What the commands say of the stock Llama: its size, a run on it, and what it is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from compiled_models.cli.arguments import print_json
from compiled_models.cli.capacity import Capacity
from compiled_models.cli.printing import say
from compiled_models.view.tape import marked_tape
from construction.fingerprint import fingerprint
from construction.llama.config import LlamaConfig
from tm import InputError, Machine, Problem, Start
from tm.text import counted, shown

if TYPE_CHECKING:
    from compiled_models.llama_run import LlamaResult
    from construction.llama.transformer import LlamaTransformer

__all__ = ["llama_config", "llama_json", "llama_sizes", "llama_text", "run_on_llama"]

F = TypeVar("F", bound=Callable[..., Any])


def llama_sizes(function: F) -> F:
    """The options --states, --symbols and --cells of a stock Llama, where no other network has any."""
    helps = {
        "states": (1, "Slots for states; default 8, or what MACHINE needs."),
        "symbols": (2, "Slots for symbols; default 4, or what MACHINE needs."),
        "cells": (1, "Cells of the tape, a power of two; default 4,096."),
    }
    for name, (least, text) in reversed(helps.items()):
        function = click.option(f"--{name}", type=click.IntRange(least), help=text)(function)
    return function


MOST_STEPS = 10_000  # as for the dense decoder
NOT_OF_A_LLAMA = ("decoder", "seed", "snapshot", "resume")


def llama_config(capacity: Capacity, cells: int | None, machine: Machine | None = None) -> LlamaConfig:
    """The configuration of the Llama that the options ask for, grown to a machine.

    Raises:
        InputError: for options that only the base network has.
        CapacityError: for sizes that make no network.
    """
    problems = []
    if capacity.tapes not in (None, 1):
        problems.append(Problem("the stock Llama has one tape", "--tapes 1", str(capacity.tapes)))
    if capacity.code != "auto":
        problems.append(Problem("the stock Llama has one code, of bits", "no --code", capacity.code))
    if problems:
        raise InputError(*problems)
    asked = {"states": capacity.states, "symbols": capacity.symbols, "cells": cells}
    sizes: dict[str, Any] = {name: size for name, size in asked.items() if size is not None}
    return LlamaConfig(**sizes) if machine is None else LlamaConfig.fitting(machine, **sizes)


def llama_dtype(capacity: Capacity) -> str:
    """The number format that the options ask for, by default float32.

    Raises:
        InputError: for one in which the Llama is not exact.
    """
    from construction.llama.transformer import FORMATS

    dtype = capacity.dtype or "float32"
    if dtype not in FORMATS:
        raise InputError(Problem("the stock Llama is not made for this number format", ", ".join(FORMATS), dtype))
    return dtype


def run_on_llama(
    machine: Machine,
    start: Start,
    capacity: Capacity,
    *,
    tuned: bool,
    cells: int | None,
    max_steps: int | None,
    trace: bool,
    as_json: bool,
    **options: Any,
) -> int:
    """Run a machine on a stock Llama, or on one tuned to it, and say what came of it; the exit status."""
    from compiled_models.llama_run import run_llama
    from construction.llama.network import llama_network
    from construction.llama.transformer import FORMATS

    given = [f"--{name}" for name in NOT_OF_A_LLAMA if options.get(name) is not None]
    given += ["--device cuda"] if options.get("device") == "cuda" else []
    if given:
        hint = "leave it out, or use --network base"
        raise InputError(Problem("a run on the stock Llama has no such option", "none", " ".join(given), hint))
    config, dtype = llama_config(capacity, cells, start.machine), llama_dtype(capacity)
    if tuned:
        config = config.tuned_to(start.machine.write())
    network = llama_network(config, dtype=FORMATS[dtype])
    limit = MOST_STEPS if max_steps is None else max_steps
    uncertified = bool(options.get("uncertified"))
    how: dict[str, Any] = {"head": start.head, "max_steps": limit, "uncertified": uncertified}
    result = run_llama(network, start.machine, start.input, **how)
    if as_json:
        print_json(_json(machine, network, result, trace=trace))
    else:
        _print(start.machine, network, result, trace=trace)
    failed = result.accepted is False or result.reason in ("not certified", "error") or result.difference is not None
    return int(failed)


def llama_json(network: LlamaTransformer) -> dict[str, object]:
    """A Llama as the JSON of a result has it."""
    config, identity = network.config, fingerprint(network)
    sizes = {"states": config.states, "symbols": config.symbols, "cells": config.cells, "hidden": config.hidden}
    weights = {"sha256": identity.sha256, "parameters": identity.parameters, "nonzero": identity.nonzero}
    kind = "llama" if config.policy is None else "tuned llama"
    return {"kind": kind, **sizes, "dtype": str(network.dtype).removeprefix("torch."), **weights}


def llama_text(network: LlamaTransformer) -> str:
    """A Llama in one line."""
    identity, dtype = fingerprint(network), str(network.dtype).removeprefix("torch.")
    weights = f"{identity.nonzero:,} non-zero of {identity.parameters:,} weights"
    return f"{network.config}, {dtype}, {weights}, sha256 {identity.sha256[:16]}…"


def _json(machine: Machine, network: LlamaTransformer, result: LlamaResult, *, trace: bool) -> dict[str, object]:
    names = ("halted", "reason", "steps", "state", "accepted", "tape", "first_cell", "head", "difference", "seconds")
    fields = {name: getattr(result, name) for name in names}
    fields |= {} if result.lemma is None else {"lemma": result.lemma}
    fields |= {"words": result.words} if trace else {}
    return {"machine": machine.name, "network": llama_json(network), **fields}


def _print(machine: Machine, network: LlamaTransformer, result: LlamaResult, *, trace: bool) -> None:
    for line in result.lines if trace else ():
        say(line)
    verdict = {True: "accepted", False: "rejected", None: "halted" if result.halted else "stopped"}[result.accepted]
    why = f"no rule applies in state {shown(result.state)}" if result.halted else f"in state {shown(result.state)}: "
    why += "" if result.halted else result.reason
    say(f"{verdict} after {counted(result.steps, 'step')}{': ' if result.halted else ' '}{why}")
    if result.lemma is not None:
        say(f"lemma      {result.lemma} (see `tapehead certify --network llama`)")
    where = f"head on cell {result.head}"
    where += "" if result.first_cell is None else f", first symbol on cell {result.first_cell}"
    say(f"tape       {marked_tape(result.tape, result.first_cell, result.head, machine.blank)}    {where}")
    number = result.difference
    same = f"the same {counted(len(result.words), 'word')}" if number is None else f"differs at word {number:,}"
    say(f"simulator  {same}")
    say(f"network    {llama_text(network)}")
    say(f"speed      {len(result.words) / max(result.seconds, 1e-9):,.0f} words/s, {result.seconds:.3g} s")

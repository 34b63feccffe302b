"""`tapehead beaver`: every machine of so many states and symbols, run by one network."""

from __future__ import annotations

import re
import time

import click
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.text import Text

from compiled_models.cli.arguments import json_option, print_json
from compiled_models.cli.capacity import network_json, network_text
from compiled_models.cli.printing import console, say
from compiled_models.cli.workers import workers_of, workers_options
from compiled_models.sweep.beaver import MOST_STATES, MOST_SYMBOLS, Survey
from compiled_models.sweep.survey import busy_beaver
from construction.config import NetworkConfig
from construction.tuned_network import construct_weights
from tm import InputError, Problem
from tm.text import counted

__all__ = ["command"]

LIMITS = {(2, 2): 50, (3, 2): 100, (4, 2): 200, (2, 3): 200}
"""Steps after which a machine is left, unless told otherwise; no record of these sizes is taken for granted."""
LINES = 10  # champions and open machines that are printed


@click.command()
@click.argument("size", metavar="STATES[xSYMBOLS]")
@click.option("--limit", type=click.IntRange(1, 100_000), help="Steps after which a machine is left; default: by size.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
@workers_options
@json_option
def command(size: str, limit: int | None, device: str, workers: int | None, dask: str | None, as_json: bool) -> None:
    """Run every machine of so many states (4) and symbols (2x3; default 2) as a prompt of one fixed network.

    Machines differ in more than names (tree normal form), and start on a blank tape. The tree branches where the
    network says that it lacks an example. Of those that halt, the most steps and the most ones are the busy beaver's
    values, as far as all others never halt: it is said how many are proven not to, by which decider, and how many are
    open.
    """
    states, symbols = _size(size)
    if device != "cpu" and (workers or 1, dask) != (1, None):
        expected = "--workers or --dask on the CPU, or --device cuda in one process"
        raise InputError(Problem("workers run their branches of the tree on the CPU", expected, f"--device {device}"))
    sizes = {"states": max(8, 1 << states.bit_length()), "symbols": max(4, 1 << (symbols - 1).bit_length())}
    network = construct_weights(NetworkConfig.of(states=sizes["states"], symbols=sizes["symbols"], code="joint"))
    limit = limit or LIMITS.get((states, symbols), 500)
    began = time.perf_counter()
    screen = console(error=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task("loading the kernel, or compiling it: once for a network")
        survey = busy_beaver(
            network,
            states,
            symbols,
            limit=limit,
            device=device,
            workers=workers_of(workers, dask) if device == "cpu" else None,
            progress=lambda survey, seconds: bar.update(task, description=_line(survey, seconds)),
        )
    seconds = time.perf_counter() - began
    if as_json:
        fields: dict[str, object] = {
            "machines": survey.machines,
            "halted": survey.halted,
            "limit": survey.running,
            "max_steps": limit,
        }
        fields |= {"proven": sum(survey.proven.values()), "deciders": survey.proven, "open": survey.undecided}
        fields |= {"steps": survey.steps, "ones": survey.ones}
        champions = {"steps": survey.longest, "ones": survey.fullest}
        tokens = {"prompts": survey.prompts, "tokens": survey.tokens, "seconds": round(seconds, 3)}
        network_of = {"network": network_json(network)}
        print_json({"states": states, "symbols": symbols, **fields, "champions": champions, **network_of, **tokens})
    else:
        _print(survey, limit)
        say(f"network  {network_text(network)}")
        say(f"         {counted(survey.prompts, 'prompt')}, {counted(survey.tokens, 'token')}, {seconds:.1f} s")


def _size(text: str) -> tuple[int, int]:
    """States and symbols: of 4, 4x2 or 2x3."""
    match = re.fullmatch(r"([1-9][0-9]?)(?:[x*]([1-9][0-9]?))?", text)
    if match is None or int(match[1]) > MOST_STATES or not 2 <= int(match[2] or 2) <= MOST_SYMBOLS:
        raise InputError(
            Problem(
                "no size of a busy beaver",
                f"STATES or STATESxSYMBOLS, as 4 or 2x3: up to {MOST_STATES} and 2 to {MOST_SYMBOLS}",
                repr(text),
            )
        )
    return int(match[1]), int(match[2] or 2)


def _line(survey: Survey, seconds: float) -> str:
    rate = f"{survey.machines / seconds:,.0f} machines/s, {survey.tokens / seconds / 1e6:.1f} M tokens/s"
    most = f"{counted(survey.steps, 'step')}, {counted(survey.ones, 'one')}"
    return f"{counted(survey.machines, 'machine')}, {rate}; {most}"


def _print(survey: Survey, limit: int) -> None:
    running = f"{survey.running:,} do not within {counted(limit, 'step')}"
    say(f"machines {survey.machines:,}: {survey.halted:,} halt, {running}")
    for name, count in sorted(survey.proven.items()):
        say(f"         {count:,} never halt ({name})")
    say(f"         {survey.undecided:,} open")
    champions = ((counted(survey.steps, "step"), survey.longest), (counted(survey.ones, "one"), survey.fullest))
    for most, lines in champions:
        for number, line in enumerate(lines[:LINES]):
            console().print(Text(f"{'most' if not number else '':<9}{most if not number else '':<11} {line}"))
        if len(lines) > LINES:
            say(f"{'':<20} and {len(lines) - LINES:,} more")
    for number, line in enumerate(survey.open[: LINES // 2]):
        say(f"{'open' if not number else '':<9}{line}")

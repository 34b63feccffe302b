"""`tapehead picture`: pictures for lectures, of what the network computed in a run and of its weights.

Options are named as the arguments of the functions in `compiled_models.view.pictures`. These are imported by the
command that draws, since matplotlib takes its time; while that goes on, Ctrl-C ends the process at once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from compiled_models.cli.arguments import (
    FileName,
    force_option,
    head_option,
    machine_argument,
    notation_option,
    read_machine,
    start_of,
    unknown_option,
)
from compiled_models.cli.capacity import Capacity, capacity_options
from compiled_models.cli.folder import CommandGroup
from compiled_models.cli.printing import say
from compiled_models.interrupt import stopping_at_once
from tm.text import shown

if TYPE_CHECKING:
    from compiled_models.view.pictures import Picture, Recording

__all__ = ["command"]

F = TypeVar("F", bound=Callable[..., Any])

output_option = click.option(
    "-o", "--output", required=True, type=FileName(dir_okay=False), help="The file: .svg, .png or .pdf."
)


@click.group(cls=CommandGroup)
def command() -> None:
    """Draw what the network computes in a run, or one of its weight matrices, with names on every axis.

    Everything drawn is read out of the network: its activations in one forward pass over the run, or its weights.
    """


def _of_a_run(function: F) -> F:
    """The arguments of a picture of a run, given to the command as one function that makes its recording."""

    @functools.wraps(function)
    def drawing(**options: Any) -> None:
        names = ("machine", "input", "choice", "max_steps", "seed", "head", "notation", "unknown", "capacity")
        run_options = {name: options.pop(name) for name in names}
        output, force = options.pop("output"), options.pop("force")
        with stopping_at_once():
            from compiled_models.view.pictures.picture import format_of
        format_of(output)
        picture: Picture = function(recording=_recording(**run_options), **options)
        _save(picture, output, force=force)

    drawing = capacity_options(drawing)
    for option in (unknown_option, notation_option, force_option, head_option):
        drawing = option(drawing)
    steps: Any = {"type": click.IntRange(1), "default": 1_000, "show_default": True}
    drawing = click.option("--max-steps", **steps, help="Steps to generate at most.")(drawing)
    drawing = click.option("--seed", type=int, help="Draw the steps of a stochastic or nondeterministic machine.")(
        drawing
    )
    network: Any = {"type": FileName(), "metavar": "NETWORK", "default": "base", "show_default": True}
    drawing = click.option("--network", "choice", **network, help="base, tuned, or a checkpoint file.")(drawing)
    return cast(F, machine_argument(click.argument("input", required=False)(output_option(drawing))))


def _recording(
    machine: str,
    input: str | None,
    choice: str,
    max_steps: int,
    seed: int | None,
    head: str | None,
    notation: str | None,
    unknown: str | None,
    capacity: Capacity,
) -> Recording:
    """The run that is drawn."""
    with stopping_at_once():
        from compiled_models.runner import run
        from compiled_models.view.pictures import Recording
    start = start_of(read_machine(machine, notation, unknown), input, head)
    network = capacity.network(choice, start.machine)
    result = run(network, start.machine, start.input, head=start.head, max_steps=max_steps, seed=seed)
    return Recording.of(result)


def _save(picture: Picture, output: str, *, force: bool) -> None:
    picture.save(output, force=force)
    width, height = picture.figure.get_size_inches()
    say(f"{shown(output)}: {width:.1f} × {height:.1f} inches")


@command.command()
@_of_a_run
def attention(recording: Recording) -> Picture:
    """Where READ and DECIDE looked: a row for each token that asks, a column for each token that it can see.

    MACHINE and INPUT as for `tapehead run`; at most 150 tokens, prompt included.
    """
    from compiled_models.view.pictures import attention_map

    return attention_map(recording)


@command.command()
@_of_a_run
@click.option("--step", type=int, help="The step, as `run --trace` numbers it; default: the one with most entries.")
@click.option("--tape", type=int, default=1, show_default=True, help="The tape whose head it is.")
def ledger(recording: Recording, step: int | None, tape: int) -> Picture:
    """How READ finds what is in the cell under the head: who wrote there, what each posts, and how that adds up.

    MACHINE and INPUT as for `tapehead run`; at most 150 tokens, prompt included.
    """
    from compiled_models.view.pictures import ledger as drawn

    return drawn(recording, step, tape)


@command.command()
@_of_a_run
@click.option("--at", metavar="ACTIVATION", help="Where: blocks.1.hook_resid_post, say; default: after the last block.")
@click.option(
    "--space", "spaces", multiple=True, metavar="NAME", help="Only this space, `head 1`, say; may be repeated."
)
@click.option("--prompt", is_flag=True, help="The tokens of the prompt as well.")
def residual(recording: Recording, at: str | None, spaces: tuple[str, ...], prompt: bool) -> Picture:
    """The residual stream by named direction, token by token, in the order in which the blocks write it.

    MACHINE and INPUT as for `tapehead run`; at most 150 tokens, prompt included.
    """
    from compiled_models.view.pictures import residual_map

    return residual_map(recording, at=at, spaces=spaces, prompt=prompt)


@command.command()
@click.argument("tensor")
@output_option
@click.option("--head", type=int, help="Of an attention matrix, which head's, from 1.  [default: the first]")
@click.option("--tuned", metavar="MACHINE", help="The network tuned to this machine, instead of the base network.")
@force_option
@notation_option
@capacity_options
def weights(
    tensor: str,
    output: str,
    head: int | None,
    tuned: str | None,
    force: bool,
    notation: str | None,
    capacity: Capacity,
) -> None:
    """One weight matrix, TENSOR, with the names of its rows and columns: blocks.2.attn.W_K, say.

    `tapehead explain` has the sentence behind each weight, `tapehead show --weights` all matrices on one page.
    """
    with stopping_at_once():
        from compiled_models.view.pictures import weight_map
        from compiled_models.view.pictures.picture import format_of
    format_of(output)
    network = capacity.base() if tuned is None else capacity.tuned(read_machine(tuned, notation))
    _save(weight_map(network, tensor, head=head), output, force=force)

"""`tapehead prompt`: the prompt of a run as text."""

from __future__ import annotations

import click

from compiled_models.cli.arguments import (
    head_of,
    head_option,
    input_of,
    json_option,
    machine_argument,
    notation_option,
    print_json,
    read_machine,
    unknown_option,
)
from compiled_models.cli.capacity import Capacity
from compiled_models.cli.printing import say
from construction.codec import Codec
from tm import Start

__all__ = ["command"]


@click.command()
@machine_argument
@click.argument("input", default="")
@head_option
@notation_option
@unknown_option
@json_option
def command(
    machine: str, input: str, head: str | None, notation: str | None, unknown: str | None, as_json: bool
) -> None:
    """Print the prompt that shows MACHINE and its INPUT to the base network, one line for each kind of token."""
    policy = read_machine(machine, notation, unknown)
    start = Start.of(policy, input_of(policy, input), head_of(head))
    codec = Codec(Capacity().config(start.machine), start.machine)
    prompt = codec.prompt(start.input, head=start.head)
    texts = [(codec.vocabulary.parse(token)[0], codec.text(token)) for token in prompt.tokens]
    if as_json:
        print_json({"machine": policy.name, "tokens": [text for _, text in texts]})
        return
    lines: dict[str, list[str]] = {}
    for kind, text in texts:
        lines.setdefault(kind, []).append(text)
    for line in lines.values():
        say(" ".join(line))

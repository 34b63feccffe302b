"""`tapehead prompt`: the prompt of a run as text."""

from __future__ import annotations

import click

from compiled_models.cli.arguments import (
    head_option,
    json_option,
    machine_argument,
    notation_option,
    own_input,
    print_json,
    read_machine,
    start_of,
    unknown_option,
)
from compiled_models.cli.capacity import Capacity
from compiled_models.cli.llama import llama_config
from compiled_models.cli.printing import say
from construction.codec import Codec
from construction.llama import LlamaCodec
from tm import Machine, Start

__all__ = ["command"]


@click.command()
@machine_argument
@click.argument("input", required=False)
@click.option(
    "--for",
    "network",
    type=click.Choice(["base", "llama"]),
    default="base",
    show_default=True,
    help="The network that the prompt is for; a stock Llama's is text that its tokenizer reads.",
)
@head_option
@notation_option
@unknown_option
@json_option
def command(
    machine: str,
    input: str | None,
    network: str,
    head: str | None,
    notation: str | None,
    unknown: str | None,
    as_json: bool,
) -> None:
    """Print the prompt that shows MACHINE and its INPUT to the base network, one line for each kind of token.

    With --for llama it is the text for a stock Llama (`tapehead export llama`), a rule and a cell a line; what its
    letters and digits stand for, where they are not the machine's own names, is said on stderr.

    Without INPUT it is the sample input of MACHINE's own file, if it has one.
    """
    policy = read_machine(machine, notation, unknown)
    start = start_of(policy, input, head)
    if input is None and policy.inputs.sample is not None:
        say(f"input {own_input(policy, start)}", error=True)
    if network == "llama":
        _print_for_llama(policy, start, as_json=as_json)
        return
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


def _print_for_llama(machine: Machine, start: Start, *, as_json: bool) -> None:
    codec = LlamaCodec(llama_config(Capacity(), None, start.machine), start.machine)
    text = codec.prompt(start.input, start.head)
    if as_json:
        slots = codec.slots
        names = {"states": slots.state_letters, "symbols": slots.symbol_digits}
        print_json({"machine": machine.name, "text": text, **names})
        return
    if legend := codec.slots.legend():
        say(", ".join(legend), error=True)
    say(text)

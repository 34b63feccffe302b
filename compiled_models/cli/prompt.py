"""`tapehead prompt`: the prompt of a run as text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TextIO

import click

from compiled_models.cli.arguments import (
    FileToRead,
    head_option,
    json_option,
    notation_option,
    own_input,
    print_json,
    read_machine,
    read_text,
    start_of,
    unknown_option,
)
from compiled_models.cli.capacity import LLAMAS, Capacity
from compiled_models.cli.llama import llama_sizes
from compiled_models.cli.printing import say
from construction.codec import Codec
from construction.llama.config import LlamaConfig
from tm import InputError, Machine, Problem, Start

__all__ = ["command"]


@click.command()
@click.argument("machine", required=False)
@click.argument("input", required=False)
@click.option(
    "--for",
    "network",
    type=click.Choice(["base", *LLAMAS]),
    default="base",
    show_default=True,
    help="The network that the prompt is for; a stock Llama's is text that its tokenizer reads.",
)
@click.option(
    "--check",
    "written",
    type=FileToRead(encoding="utf-8-sig"),
    metavar="FILE",
    help="Instead of MACHINE: a prompt for a stock Llama that somebody wrote; - is what is piped in.",
)
@head_option
@notation_option
@unknown_option
@llama_sizes
@json_option
def command(
    machine: str | None,
    input: str | None,
    network: str,
    written: TextIO | None,
    head: str | None,
    notation: str | None,
    unknown: str | None,
    as_json: bool,
    **sizes: int | None,
) -> None:
    """Print the prompt that shows MACHINE and its INPUT to the base network, one line for each kind of token.

    With --for llama it is the text for a stock Llama (`tapehead export llama`), a rule and a cell a line; what its
    letters and digits stand for, where they are not the machine's own names, is said on stderr. One that was tuned to
    MACHINE (`export llama --tuned`) is told the tape alone: --for tuned-llama.

    With --for llama --check FILE a prompt that somebody wrote is printed again if it is one: all words known and in
    their places, no cell given twice, no rules that contradict one another, a start. Else all that is wrong is said.

    Without INPUT it is the sample input of MACHINE's own file, if it has one.
    """
    asked: dict[str, Any] = {name: size for name, size in sizes.items() if size is not None}
    if network not in LLAMAS and (asked or written is not None):
        found = "--check" if written is not None else f"--{next(iter(asked))}"
        raise InputError(Problem("this is said of the prompt of a stock Llama", "--for llama beside it", found))
    if written is not None:
        if machine is not None:
            raise click.UsageError("MACHINE and --check name two prompts; give one of them")
        _check(read_text(written, "the prompt"), written.name, LlamaConfig(**asked), as_json=as_json)
        return
    if machine is None:
        raise click.UsageError("Missing argument 'MACHINE'.")
    policy = read_machine(machine, notation, unknown)
    start = start_of(policy, input, head)
    if input is None and policy.inputs.sample is not None:
        say(f"input {own_input(policy, start)}", error=True)
    if network in LLAMAS:
        _print_for_llama(policy, start, asked, tuned=network == "tuned-llama", as_json=as_json)
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


def _check(text: str, source: str, config: LlamaConfig, *, as_json: bool) -> None:
    """Print a prompt that somebody wrote, if it is one. Raises InputError for all that is wrong with it."""
    from construction.llama import require_prompt
    from construction.llama.codec import words_in

    try:
        require_prompt(config, text)
    except InputError as error:
        raise InputError(*(replace(problem, source=source) for problem in error.problems)) from error
    if as_json:
        print_json({"text": text, "words": len(words_in(text))})
        return
    for line in text.rstrip().split("\n"):
        say(line)


def _print_for_llama(machine: Machine, start: Start, asked: dict[str, Any], *, tuned: bool, as_json: bool) -> None:
    from construction.llama import LlamaCodec

    config = LlamaConfig.fitting(start.machine, **asked)
    codec = LlamaCodec(config.tuned_to(start.machine.write()) if tuned else config, start.machine)
    text = codec.prompt(start.input, start.head)
    if as_json:
        slots = codec.slots
        names = {"states": slots.state_letters, "symbols": slots.symbol_digits}
        print_json({"machine": machine.name, "text": text, **names})
        return
    if legend := codec.slots.legend():
        say(", ".join(legend), error=True)
    say(text)

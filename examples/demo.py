"""The main demonstration: one fixed network executes the machines that are written in its prompt.

First a machine of one tape and one of two tapes, step by step: the tape before and after each token, what the READ
heads attended to, and which example DECIDE matched. Then a table: machines of very different kinds, each run by the
reference simulator, the network tuned to it, and the one base network that serves them all. In the end one weight is
changed, and the network is refused.
"""

import sys

import torch
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from compiled_models import changed_weights, fingerprint, run
from compiled_models.comparison import compare
from compiled_models.view.steps import step_table
from construction import Codec, Transformer, base_network, compile_machine
from tm import library

STEP_BY_STEP: list[tuple[str, str | list[str]]] = [("increment", "1011"), ("two_tape_palindrome", ["101", ""])]
TABLE: list[tuple[str, str | list[str], str]] = [
    ("increment", "111111", "adds 1"),
    ("add", "1011+110", "adds"),
    ("multiply", "111x1111", "multiplies in unary"),
    ("sort_bits", "1101001", "sorts"),
    ("brackets", "(()(()))", "balanced brackets?"),
    ("anbncn", "aabbc", "a..ab..bc..c?"),
    ("unary_to_binary", "1111111111111", "counts"),
    ("bb4", "", "4-state busy beaver"),
    ("two_tape_palindrome", ["0110110", ""], "palindrome? (2 tapes)"),
    ("two_tape_add", ["1011", "110"], "adds (2 tapes)"),
]
PARTS = {"BOS": "begin", "EXAMPLE": "the machine", "CELL": "the input", "RUN": "start state"}  # by kind of token
CHANGED = "blocks.2.attn.W_Q"  # where READ asks for the cell under the head


def main() -> int:
    torch.set_num_threads(1)  # the matrices are small: to share them out costs more than it saves
    console = Console(width=None if sys.stdout.isatty() else 132, highlight=False)
    network = base_network(states=16, symbols=8, tapes=2)
    introduce(console, network)
    for name, text in STEP_BY_STEP:
        step_by_step(console, network, name, text)
    equal = side_by_side(console, network)
    verdict = "[bold green]equal, token by token[/]" if equal else "[bold red]NOT EQUAL[/]"
    console.print(f"\nSimulator, tuned networks and the one base network: {verdict}.")
    tuned = compile_machine(library.load("increment"), states=16, symbols=8, tapes=2)
    changed = ", ".join(changed_weights(network, tuned))
    console.print(f"A tuned network needs no examples; it differs from the base network in one layer: {changed}")
    return 0 if refused(console, network) and equal else 1


def introduce(console: Console, network: Transformer) -> None:
    config, weights = network.config, fingerprint(network)
    console.print(
        Panel(
            f"One fixed transformer: 4 blocks, {weights.parameters:,} weights, {weights.nonzero:,} of them not zero, "
            f"none of them trained.\nIt has slots for {config.states} states, {config.symbols} symbols and "
            f"{config.tapes} tapes, and has never heard of the machines below:\nthey stand in its prompt as examples, "
            f"one token a rule. Every step below is a token that it generated:\nright/1>0/L/carry says that, in state "
            f"right and reading 1, it wrote 0, moved left and went on to state carry.\n"
            f"sha256 of its weights: {weights.sha256}",
            title="tapehead",
            title_align="left",
        )
    )


def step_by_step(console: Console, network: Transformer, name: str, text: str | list[str]) -> None:
    machine = library.load(name)
    console.print(f"\n[bold]{name}[/], the prompt:")
    for part, tokens in parts_of_prompt(Codec(network.config, machine), text).items():
        console.print(f"  {part:12} {escape(' '.join(tokens))}")
    console.print("\nand what the network generates from it, token by token:\n")
    console.print(step_table(run(network, machine, text).trace(), machine, width=console.width))


def parts_of_prompt(codec: Codec, text: str | list[str]) -> dict[str, list[str]]:
    parts: dict[str, list[str]] = {}
    for token in codec.prompt(text).tokens:
        parts.setdefault(PARTS[codec.vocabulary.parse(token)[0]], []).append(codec.text(token))
    return parts


def side_by_side(console: Console, network: Transformer) -> bool:
    title = "\nOne network, many machines: by the simulator, by a network tuned to each, by the one base network"
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for column in ("machine", "what it does", "input", "steps", "result", "3 runs", "base sha256"):
        table.add_column(column, justify="right" if column == "steps" else "left")
    all_equal = True
    for name, text, does in TABLE:
        comparison = compare(network, library.load(name), text)
        all_equal &= comparison.equal
        label = text if isinstance(text, str) else ", ".join(part or "(blank)" for part in text)
        verdict = {True: "accepted: ", False: "rejected: ", None: ""}[comparison.accepted]
        tapes = ", ".join("".join(tape) or "(blank)" for tape in comparison.result)
        same = "[green]equal[/]" if comparison.equal else "[bold red]NOT EQUAL[/]"
        sha = comparison.fingerprint.sha256[:12]
        table.add_row(name, does, label or "(blank)", f"{comparison.steps:,}", verdict + tapes, same, sha)
    console.print(table)
    return all_equal


def refused(console: Console, network: Transformer) -> bool:
    """Change one weight: `run` names it and takes no step; made to go on, the network is no longer the machine."""
    machine, weights = library.load("increment"), dict(network.named_parameters())[CHANGED]
    place = tuple(weights.nonzero()[0])
    console.print("\n[bold]One weight with another sign[/], in the same network, and increment is run on 1011 again:")
    with torch.no_grad():
        weights[place] *= -1
    result, anyway = run(network, machine, "1011"), run(network, machine, "1011", uncertified=True)
    with torch.no_grad():
        weights[place] *= -1
    console.print(f"  {result.reason} after {result.steps} steps: {escape(str(result.lemma))}")
    console.print(
        f"  made to go on, it says {''.join(anyway.tape)} after {anyway.steps} steps instead of 1100 after 8."
    )
    return result.reason == "not certified" and CHANGED in str(result.lemma)


if __name__ == "__main__":
    sys.exit(main())

"""The main demonstration: one fixed network executes the machines that are written in its prompt.

First a machine of one tape and one of two tapes, step by step: the tape before and after each token, what the READ
heads attended to, and which example DECIDE matched. Then a table: machines of very different kinds, each run by the
reference simulator, the network tuned to it, and the one base network that serves them all.
"""

import sys

import torch
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from compiled_models import fingerprint, run
from compiled_models.comparison import compare
from compiled_models.view.steps import step_table
from construction import Codec, Transformer, base_network
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
    return 0 if equal else 1


def introduce(console: Console, network: Transformer) -> None:
    config, weights = network.config, fingerprint(network)
    console.print(
        Panel(
            f"One fixed transformer: 4 blocks, {weights.parameters:,} weights, {weights.nonzero:,} of them not zero, "
            f"none of them trained.\nIt has slots for {config.states} states, {config.symbols} symbols and "
            f"{config.tapes} tapes, and has never heard of the machines below:\nthey stand in its prompt as examples, "
            f"one token a rule. Every step below is a token that it generated: right/1>0/L/carry says that,\n"
            f"in state right and reading 1, it wrote 0, moved left and went on to state carry.\n"
            f"sha256 of its weights: {weights.sha256}",
            title="tapehead",
            title_align="left",
        )
    )


def step_by_step(console: Console, network: Transformer, name: str, text: str | list[str]) -> None:
    machine = library.load(name)
    codec = Codec(network.config, machine)
    prompt = " ".join(codec.text(token) for token in codec.prompt(text).tokens)
    console.print(f"\n[bold]{name}[/], the prompt: {escape(prompt)}\n")
    console.print(step_table(run(network, machine, text).trace(), machine))


def side_by_side(console: Console, network: Transformer) -> bool:
    title = "\nOne network, many machines: by the simulator, by a network tuned to each, by the one base network"
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for column in ("machine", "what it does", "input", "steps", "result", "3 runs", "base sha256"):
        table.add_column(column, justify="right" if column == "steps" else "left")
    all_equal = True
    for name, text, does in TABLE:
        comparison = compare(network, library.load(name), text)
        all_equal &= comparison.equal
        shown = text if isinstance(text, str) else ", ".join(part or "(blank)" for part in text)
        verdict = {True: "accepted: ", False: "rejected: ", None: ""}[comparison.accepted]
        tapes = ", ".join("".join(tape) or "(blank)" for tape in comparison.result)
        same = "[green]equal[/]" if comparison.equal else "[bold red]NOT EQUAL[/]"
        sha = comparison.fingerprint.sha256[:12]
        table.add_row(name, does, shown or "(blank)", f"{comparison.steps:,}", verdict + tapes, same, sha)
    console.print(table)
    return all_equal


if __name__ == "__main__":
    sys.exit(main())

"""`tapehead prove`: have the prover check that a network's tensors are the ones that the theorem is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from compiled_models.checkpoint import load
from compiled_models.cli.arguments import FileName, json_option, notation_option, print_json, read_machine
from compiled_models.cli.capacity import Capacity, capacity_options
from compiled_models.cli.printing import say
from compiled_models.cli.progress import waiting
from construction.theorem import CAPACITIES, Proof, ProverError, capacities, prove, recheck
from construction.transformer import Transformer
from tm import InputError, Problem

__all__ = ["command"]

IN_WORDS = """\
In exact arithmetic with averaging hard attention, these very weights run every deterministic machine of their
capacity, on every input, token for token and then STOP, up to {tokens:,} tokens (Statements.v, 1 to 3 and 5;
in joint code also 4)."""
TUNED_IN_WORDS = """\
In exact arithmetic with averaging hard attention, these very tensors run without examples the machine that is in
them, on every input, token for token as the base network does with them, up to {tokens:,} tokens
(Statements.v, 6)."""


@click.command()
@click.argument("network", type=FileName(), required=False, metavar="[FILE]")
@click.option("--tuned", metavar="MACHINE", help="The network tuned to this machine, instead of the base network.")
@click.option("--all", "all_of_them", is_flag=True, help="The networks that `make proof` checks, instead of one.")
@click.option("--recheck", "again", is_flag=True, help="Check the proofs once more with coqchk, the kernel alone.")
@click.option(
    "--folder",
    type=FileName(),
    default="build/theorem",
    show_default=True,
    help="Where the prover's files go; what is checked there is not checked again.",
)
@notation_option
@capacity_options
@json_option
def command(
    network: str | None,
    tuned: str | None,
    all_of_them: bool,
    again: bool,
    folder: str,
    notation: str | None,
    capacity: Capacity,
    as_json: bool,
) -> int:
    """Have Coq check the theorem, and that a network's tensors are the ones that it is about.

    The network is that of a checkpoint FILE, or the base network of the capacity asked for. It needs Coq (on Debian and
    Ubuntu: `apt-get install coq`) and, the first time, a minute or two. Exit status 1: not proved, the prover rejects
    it; 2: the prover is missing, or ended without a verdict.
    """
    if (network is not None) + (tuned is not None) + all_of_them > 1:
        raise click.UsageError("FILE, --tuned and --all name different networks; give one of them")
    names, place, said = [], Path(folder), ""
    try:
        for number, each in enumerate(_networks(network, tuned, all_of_them, notation, capacity)):
            names.append(f"Network_{number}" if all_of_them else "Network")
            with waiting(
                "Coq is checking the theorem: a minute or two, the first time" if not number else f"{each.config}"
            ):
                proof = _proof(each, place, names[-1])
            if as_json:
                print_json(asdict(proof))
                continue
            if (words := _in_words(proof, each)) != said:
                say(f"\n{words}\n" if said else f"{words}\n")
                said = words
            say(str(proof))
        if again:
            with waiting("coqchk is checking it once more: a minute or two"):
                summary = recheck(place, names)
            say(f"\n{summary}", error=as_json)
    except ProverError as error:
        say(f"tapehead: {error}", error=True)
        return 1
    return 0


def _proof(network: Transformer, folder: Path, name: str) -> Proof:
    try:
        return prove(network, folder, name)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            Problem("the prover's files cannot be written", "a folder", reason, source=str(folder))
        ) from error


def _in_words(proof: Proof, network: Transformer) -> str:
    return (IN_WORDS if network.config.kind == "base" else TUNED_IN_WORDS).format(tokens=proof.tokens)


def _networks(
    file: str | None, tuned: str | None, all_of_them: bool, notation: str | None, capacity: Capacity
) -> Iterator[Transformer]:
    if all_of_them:
        if capacity != Capacity():
            raise click.UsageError(f"--all names its own {len(CAPACITIES) + 1} networks; leave the sizes out")
        yield from capacities()
    elif file is not None:
        yield load(Path(file))
    else:
        yield capacity.base() if tuned is None else capacity.tuned(read_machine(tuned, notation))

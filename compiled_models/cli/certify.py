"""`tapehead certify`: why a network is exact, lemma by lemma, and up to which budget."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table
from rich.text import Text

from compiled_models.cli.arguments import FileName, json_option, notation_option, print_json, read_machine
from compiled_models.cli.capacity import Capacity, capacity_options, cells_option, network_json, network_text
from compiled_models.cli.llama import llama_config, llama_dtype, llama_json, llama_text
from compiled_models.cli.printing import console, say
from construction.certificate import Certificate, Definition, Lemma, certify
from construction.certificate.budget import BOUNDS
from construction.certificate.lemmas import short
from construction.llama.config import ATTENTIONS
from construction.network import Network
from tm import InputError, Machine, Problem

if TYPE_CHECKING:
    from construction.llama.certificate import LlamaCertificate
    from construction.llama.transformer import LlamaTransformer

__all__ = ["command"]

LISTED = 10  # wrong weights that are printed


@click.command()
@click.argument("network", type=FileName(), required=False, metavar="[FILE]")
@click.option("--tuned", metavar="MACHINE", help="The network tuned to this machine, instead of the base network.")
@click.option("--decoder", type=click.Choice(list(BOUNDS)), default="dense", show_default=True)
@click.option("--tokens", type=click.IntRange(1), help="The most tokens of a run, its prompt included.")
@click.option("--radius", type=click.IntRange(1), help="The greatest distance of a head, or an input, from cell 0.")
@click.option(
    "--network",
    "kind",
    type=click.Choice(["base", "llama"]),
    default="base",
    show_default=True,
    help="The base network, or a stock Llama.",
)
@click.option("--attention", type=click.Choice(list(ATTENTIONS)), help="Of a stock Llama: how scores are computed.")
@notation_option
@capacity_options
@cells_option
@json_option
def command(
    network: str | None,
    tuned: str | None,
    decoder: str,
    tokens: int | None,
    radius: int | None,
    kind: str,
    attention: str | None,
    notation: str | None,
    capacity: Capacity,
    cells: int | None,
    as_json: bool,
) -> int:
    """Say whether a network is exact for every machine, every input and every run within a budget, and why.

    The network is that of a checkpoint FILE, or the base network of the capacity asked for; with --network llama the
    stock Llama, in its number format. Without a budget, the largest that can be certified. Exit status 0: certified;
    1: not.
    """
    if kind == "llama":
        if decoder != "dense":
            expected = "no --decoder; --attention eager or sdpa"
            raise InputError(Problem("a stock Llama has no decoders, but kinds of attention", expected, decoder))
        policy = None if tuned is None else read_machine(tuned, notation)
        budget = {"file": network, "tokens": tokens, "radius": radius}
        return certify_on_llama(capacity, policy, cells, budget, attention=attention, as_json=as_json)
    if attention is not None:
        raise click.UsageError("--attention goes with --network llama")
    if network is not None and tuned is not None:
        raise click.UsageError("FILE and --tuned name two networks; give one of them")
    subject = _network(network, tuned, notation, capacity)
    certificate = certify(subject, decoder=decoder, tokens=tokens, radius=radius)
    if as_json:
        print_json(_json(subject, certificate))
    else:
        _print(subject, certificate)
    return int(not certificate.holds)


def _network(file: str | None, tuned: str | None, notation: str | None, capacity: Capacity) -> Network:
    if file is not None:
        from compiled_models.checkpoint import load

        return load(Path(file))
    return capacity.weights("base") if tuned is None else capacity.weights("tuned", read_machine(tuned, notation))


def _print(network: Network, certificate: Certificate) -> None:
    budget, largest, constants = certificate.budget, certificate.largest, certificate.frame.constants
    say(f"network     {network_text(network)}")
    parameters = ", ".join(f"{name} = {float(getattr(constants, name)):.10g}" for name in constants.__slots__)
    say(f"parameters  {parameters}, as read from the weights; {network.number_format}")
    say(f"budget      n = {budget.tokens:,} tokens, cells up to P = {budget.radius:,} from cell 0")
    say(f"decoder     {certificate.decoder}")
    say("proofs      docs/proof.md, under the numbers of the lemmas; by hand")
    say(f"in Coq      {_machine_checked(network, certificate)}\n")
    console().print(_table(certificate.lemmas))
    say("\nwhere S(m, B) = m u B / (1 - m u) and")
    console().print(_definitions(certificate.definitions))
    for violation in certificate.frame.violations[:LISTED]:
        say(f"\n{violation}")
    if certificate.frame.count > LISTED:
        say(f"\n... and {certificate.frame.count - LISTED:,} more wrong weights")
    say(f"\n{_verdict(certificate)}")
    if largest.tokens:
        beyond = f"beyond, these fail first: {largest.beyond_tokens} (tokens), {largest.beyond_radius} (radius)"
        say(f"largest     {largest.tokens:,} tokens, radius {largest.radius:,}; {beyond}")


def _machine_checked(network: Network, certificate: Certificate) -> str:
    machine = network.config.machine()
    if certificate.frame.count:
        return "nothing: these are not the weights of the theorem"
    if machine is not None and machine.stochastic:
        return "nothing: the theorem is about networks tuned to deterministic machines"
    how = "in exact arithmetic with averaging hard attention"
    return f"not checked here: `tapehead prove` has these weights checked, {how}"


def _verdict(certificate: Certificate) -> str:
    if certificate.holds:
        return "CERTIFIED   for every machine within capacity, every input and every run within the budget"
    names = ", ".join(lemma.name for lemma in certificate.failing)
    return f"NOT CERTIFIED   for want of: {names}"


def certify_on_llama(
    capacity: Capacity,
    policy: Machine | None,
    cells: int | None,
    budget: dict[str, Any],
    *,
    attention: str | None,
    as_json: bool,
) -> int:
    """Certify a stock Llama, and say why; the exit status."""
    from construction.llama import certify_llama, llama_network
    from construction.llama.transformer import FORMATS

    if budget["file"] is not None or budget["radius"] is not None:
        given = "FILE" if budget["file"] is not None else "--radius"
        hint = "its tape has the ends that --cells gives it, and it is built as it is certified"
        raise InputError(
            Problem("a certificate of the stock Llama takes no file and no radius", found=given, hint=hint)
        )
    config = llama_config(capacity, cells, policy)
    config = config if policy is None else config.tuned_to(policy.write())
    network = llama_network(config, dtype=FORMATS[llama_dtype(capacity)], attention=attention or "sdpa")
    certificate = certify_llama(network, words=budget["tokens"])
    if as_json:
        print_json(_llama_json(network, certificate))
    else:
        _print_llama(network, certificate)
    return int(not certificate.holds)


def _print_llama(network: LlamaTransformer, certificate: LlamaCertificate) -> None:
    say(f"network     {llama_text(network)}")
    say(f"budget      n = {certificate.words:,} words of prompt and run")
    say(f"attention   {certificate.attention}")
    say("argument    docs/llama.md, under the names of the lemmas\n")
    console().print(_table(certificate.lemmas))
    for violation in certificate.violations[:LISTED]:
        say(f"\n{violation}")
    names = ", ".join(lemma.name for lemma in certificate.failing)
    says = "for every machine within capacity, every prompt of it without errors and every run within the budget"
    say(f"\nCERTIFIED   {says}" if certificate.holds else f"\nNOT CERTIFIED   for want of: {names}")
    if certificate.largest:
        say(f"largest     {certificate.largest:,} words; beyond, this fails first: {certificate.beyond}")


def _llama_json(network: LlamaTransformer, certificate: LlamaCertificate) -> dict[str, object]:
    return {
        "certified": certificate.holds,
        "network": llama_json(network),
        "dtype": certificate.dtype,
        "attention": certificate.attention,
        "tokens": certificate.words,
        "lemmas": [_lemma_json(lemma) for lemma in certificate.lemmas],
        "violations": [str(violation) for violation in certificate.violations],
        "largest": {"tokens": certificate.largest, "beyond_tokens": certificate.beyond},
    }


def _table(lemmas: tuple[Lemma, ...]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("", no_wrap=True, justify="right")
    table.add_column("lemma", no_wrap=True)
    table.add_column("inequality", max_width=62)
    table.add_column("its numbers")
    table.add_column("slack", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for lemma in lemmas:
        verdict = Text("holds", "green") if lemma.holds else Text("FAILS", "bold red")
        table.add_row(str(lemma.number), lemma.name, lemma.inequality, lemma.numbers, _slack(lemma), verdict)
        table.add_row("", "", Text(lemma.says, "dim"), "", "", "")
    return table


def _definitions(definitions: tuple[Definition, ...]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(max_width=74)
    table.add_column(justify="right", no_wrap=True)
    for definition in definitions:
        table.add_row(definition.symbol, f"= {definition.formula}", short(definition.value))
    return table


def _slack(lemma: Lemma) -> str:
    """The slack as a share of the right side, never rounded up; by far too much: how many times."""
    if lemma.slack is None:
        return ""
    if lemma.slack < -1:
        return f"{1 - lemma.slack:,.3g} times"
    return f"{int(lemma.slack * 1000) / 10:.1f} %" if lemma.slack >= 0 else f"{lemma.slack:.1%}"


def _json(network: Network, certificate: Certificate) -> dict[str, object]:
    budget, largest, constants = certificate.budget, certificate.largest, certificate.frame.constants
    return {
        "certified": certificate.holds,
        "network": network_json(network),
        "dtype": network.number_format,
        "decoder": certificate.decoder,
        "tokens": budget.tokens,
        "radius": budget.radius,
        "parameters": {name: float(getattr(constants, name)) for name in constants.__slots__},
        "lemmas": [_lemma_json(lemma) for lemma in certificate.lemmas],
        "definitions": [
            {"symbol": d.symbol, "formula": d.formula, "value": float(d.value)} for d in certificate.definitions
        ],
        "wrong_weights": certificate.frame.count,
        "violations": [str(violation) for violation in certificate.frame.violations],
        "largest": {
            "tokens": largest.tokens,
            "radius": largest.radius,
            "beyond_tokens": largest.beyond_tokens,
            "beyond_radius": largest.beyond_radius,
        },
        "most_tokens": certificate.most_tokens,
        "most_radius": certificate.most_radius,
    }


def _lemma_json(lemma: Lemma) -> dict[str, object]:
    return {
        "number": lemma.number,
        "name": lemma.name,
        "says": lemma.says,
        "inequality": lemma.inequality,
        "left": float(lemma.left),
        "right": float(lemma.right),
        "strict": lemma.strict,
        "slack": lemma.slack,
        "holds": lemma.holds,
    }

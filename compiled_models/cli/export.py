"""`tapehead export`: networks as other programs read them; a command for each target."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from compiled_models.cli.arguments import FileName, force_option, notation_option, read_machine
from compiled_models.cli.capacity import Capacity, network_text
from compiled_models.cli.folder import CommandGroup
from compiled_models.cli.llama import llama_sizes
from compiled_models.cli.printing import say
from compiled_models.interrupt import stopping_at_once
from construction.llama import LlamaConfig
from construction.llama.transformer import FORMATS
from tm import InputError, Problem
from tm.text import counted, shown

__all__ = ["command"]

F = TypeVar("F", bound=Callable[..., Any])


@click.group(cls=CommandGroup)
def command() -> None:
    """Write a network as other programs read it: a stock Llama as a checkpoint of transformers, and more.

    What a target needs beyond this library is installed with an extra, which the error names where it is missing.
    """


def llama_options(function: F) -> F:
    """The options of a stock Llama's size and policy, and where it is written to."""
    options = (
        click.option("-o", "--output", required=True, type=FileName(), metavar="PATH", help="What is written."),
        click.option("--tuned", metavar="MACHINE", help="Put the rules of MACHINE into the weights."),
        llama_sizes,
        notation_option,
        force_option,
    )
    for option in reversed(options):
        function = option(function)
    return function


def _config(tuned: str | None, notation: str | None, **asked: int | None) -> LlamaConfig:
    """The configuration that the options ask for."""
    with stopping_at_once():
        from compiled_models.export.llama import tuned_llama_config
    sizes: dict[str, Any] = {name: size for name, size in asked.items() if size is not None}
    return LlamaConfig(**sizes) if tuned is None else tuned_llama_config(read_machine(tuned, notation), **sizes)


def _say_written(path: Path) -> None:
    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    size = sum(file.stat().st_size for file in files)
    many = f", {counted(len(files), 'file')}" if path.is_dir() else ""
    say(f"{shown(str(path))}: {counted(size, 'byte')}{many}")


dtype_option = click.option(
    "--dtype",
    type=click.Choice(list(FORMATS)),
    default="float32",
    show_default=True,
    help="The number format of the file; the numbers are the same in all.",
)


@command.command()
@llama_options
@dtype_option
def llama(output: str, tuned: str | None, notation: str | None, force: bool, dtype: str, **sizes: int | None) -> None:
    """A stock Llama as a checkpoint folder, which transformers loads without any of our code."""
    with stopping_at_once():
        from compiled_models.export.llama import export_llama
    config = _config(tuned, notation, **sizes)
    _say_written(export_llama(output, config, dtype=dtype, force=force))
    say(str(config))


@command.command()
@llama_options
@click.option(
    "--type",
    "kind",
    type=click.Choice(["f32", "f16", "bf16", "q8_0"]),
    default="f16",
    show_default=True,
    help="The number format of the weights; q8_0 is measured to be right, and not certified.",
)
def gguf(output: str, tuned: str | None, notation: str | None, force: bool, kind: str, **sizes: int | None) -> None:
    """A stock Llama as a GGUF file, which llama.cpp runs from text. Needs the extra tapehead[gguf]."""
    with stopping_at_once():
        from compiled_models.export.gguf import export_gguf
    config = _config(tuned, notation, **sizes)
    _say_written(export_gguf(output, config, type=kind, force=force))
    say(str(config))


@command.command("transformers-js")
@llama_options
def transformers_js(output: str, tuned: str | None, notation: str | None, force: bool, **sizes: int | None) -> None:
    """A stock Llama as a folder for transformers.js, in Node and in browsers. Needs the extra tapehead[onnx]."""
    with stopping_at_once():
        from compiled_models.export.transformers_js import export_transformers_js
    config = _config(tuned, notation, **sizes)
    _say_written(export_transformers_js(output, config, force=force))
    say(str(config))


@command.command()
@llama_options
@click.option(
    "--network",
    type=click.Choice(["llama", "base"]),
    default="llama",
    show_default=True,
    help="The stock Llama in float32, with its cache; or the base network in float64, tokens in, logits of rows out.",
)
@click.option("--tapes", type=click.IntRange(1), help="Tapes of the base network.")
def onnx(
    output: str,
    tuned: str | None,
    notation: str | None,
    force: bool,
    network: str,
    tapes: int | None,
    cells: int | None,
    states: int | None,
    symbols: int | None,
) -> None:
    """A network as an ONNX model, for ONNX Runtime. Needs the extra tapehead[onnx]."""
    with stopping_at_once():
        from compiled_models.export.onnx import export_base_onnx, export_llama_onnx
    if network == "llama":
        if tapes is not None:
            raise InputError(Problem("the stock Llama has one tape", "--network base, or no --tapes", str(tapes)))
        config = _config(tuned, notation, states=states, symbols=symbols, cells=cells)
        _say_written(export_llama_onnx(output, config, force=force))
        say(str(config))
        return
    if cells is not None:
        raise InputError(Problem("the base network's tape has no ends", "--network llama, or no --cells", str(cells)))
    capacity = Capacity(states=states, symbols=symbols, tapes=tapes)
    chosen = capacity.base() if tuned is None else capacity.tuned(read_machine(tuned, notation))
    _say_written(export_base_onnx(output, chosen, force=force))
    say(network_text(chosen))


@command.command("transformer-lens")
@click.option("-o", "--output", required=True, type=FileName(), metavar="FOLDER", help="What is written.")
@click.option("--states", type=click.IntRange(1), default=4, show_default=True, help="Slots for states.")
@click.option("--symbols", type=click.IntRange(2), default=3, show_default=True, help="Slots for symbols.")
@click.option("--tapes", type=click.IntRange(1), default=1, show_default=True, help="Tapes.")
@click.option("--positions", type=click.IntRange(1), default=1024, show_default=True, help="The longest context.")
@force_option
def transformer_lens(output: str, states: int, symbols: int, tapes: int, positions: int, force: bool) -> None:
    """The base network as TransformerLens has it, the names of directions and tokens beside it.

    `load.py` in the folder makes the model, with TransformerLens alone. Needs the extra tapehead[transformer-lens].
    """
    with stopping_at_once():
        from compiled_models.export.transformer_lens import export_transformer_lens
    network = Capacity(states=states, symbols=symbols, tapes=tapes).base()
    _say_written(export_transformer_lens(output, network, positions=positions, force=force))
    say(network_text(network))

"""`tapehead export`: networks as other programs read them; a command for each target."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from compiled_models.cli.arguments import FileName, force_option, notation_option, read_machine
from compiled_models.cli.folder import CommandGroup
from compiled_models.cli.printing import say
from compiled_models.interrupt import stopping_at_once
from construction.llama import LlamaConfig
from construction.llama.transformer import FORMATS
from tm.text import shown

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
        click.option("--states", type=click.IntRange(1), help="Slots for states; default 8, or what MACHINE needs."),
        click.option("--symbols", type=click.IntRange(2), help="Slots for symbols; default 4, or what MACHINE needs."),
        click.option("--cells", type=click.IntRange(1), help="Cells of the tape, a power of two; default 4,096."),
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
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    size = sum(file.stat().st_size for file in files if file.is_file())
    many = f", {len(files)} files" if path.is_dir() else ""
    say(f"{shown(str(path))}: {size:,} bytes{many}")


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

"""`tapehead elicit`: what examples in a prompt are worth, measured; one file a subcommand, found by its name."""

from __future__ import annotations

import click

from compiled_models.cli.folder import CommandFolder

__all__ = ["command"]


@click.group(cls=CommandFolder, package=__name__)
def command() -> None:
    """Measure what a fixed network gets from examples in its prompt, beside what theory promises.

    Every experiment prints the paper's rate (with constant 1: the paper states no constant), the bound with its
    constants, and what it measured; the same seed gives the same numbers. Exit status 1: a bound was broken.
    """

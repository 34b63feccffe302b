"""`tapehead elicit`: what examples in a prompt are worth, measured; one file a subcommand, found by its name."""

from __future__ import annotations

import importlib
import pkgutil

import click

__all__ = ["command"]

NOT_COMMANDS = {"options"}


class _Experiments(click.Group):
    """A group whose commands are the modules of this package; each is imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in NOT_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        experiment: click.Command = importlib.import_module(f"{__name__}.{cmd_name}").command
        return experiment


@click.group(cls=_Experiments)
def command() -> None:
    """Measure what a fixed network gets from examples in its prompt, beside what theory promises.

    Every experiment prints the paper's rate (with constant 1: the paper states no constant), the bound with its
    constants, and what it measured; the same seed gives the same numbers. Exit status 1: a bound was broken.
    """

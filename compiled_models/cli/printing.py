"""Everything that commands print goes through here, so that no name, path or message can take over a terminal."""

from __future__ import annotations

import sys

import click
from rich.console import Console

from tm.text import shown

__all__ = ["console", "give", "on_terminal", "say"]

UNBOUNDED = 160  # columns where the output is no terminal, and nobody is there to see a line wrapped


def say(text: str = "", *, error: bool = False) -> None:
    """Print lines, on stderr if it is an error, with all that a terminal would obey spelled out; see tm.text."""
    try:
        click.echo("\n".join(map(shown, text.split("\n"))), err=error)
    except BrokenPipeError:
        raise
    except OSError:  # where errors cannot be written (closed, a full disk), the exit status is all that can say them
        if not error:
            raise


def give(text: str) -> None:
    """Print text that is data: as it is into a file or a pipe, safe to look at on a terminal."""
    if on_terminal():
        say(text.removesuffix("\n"))
    else:
        click.echo(text, nl=not text.endswith("\n"))


def on_terminal() -> bool:
    """Whether what is printed is seen on a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def console(*, error: bool = False) -> Console:
    """A console as wide as the terminal; wide enough for every table where there is none. No text is markup.

    What is printed to it has been through `tm.text` or `tm.text.quoted`, name by name: a table has to know its width.
    """
    width = None if error or on_terminal() else UNBOUNDED
    return Console(width=width, stderr=error, highlight=False, markup=False, emoji=False)

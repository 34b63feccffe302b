"""The console that commands print tables to."""

from __future__ import annotations

import sys

from rich.console import Console

__all__ = ["console"]

UNBOUNDED = 160  # columns where the output is no terminal, and nobody is there to see a line wrapped


def console() -> Console:
    """A console as wide as the terminal; wide enough for every table where there is none."""
    return Console(width=None if sys.stdout.isatty() else UNBOUNDED, highlight=False)

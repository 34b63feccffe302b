"""The command line, called in this process."""

from __future__ import annotations

from compiled_models.cli import main

__all__ = ["tapehead"]


def tapehead(capsys, *arguments: str) -> tuple[int, str, str]:
    """The exit status of `tapehead ...`, and what it wrote to stdout and to stderr."""
    status = main(list(arguments))
    out, err = capsys.readouterr()
    return status, out, err

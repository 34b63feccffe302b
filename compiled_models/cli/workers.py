"""The options --workers and --dask: who does long work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from compiled_models.workers import DaskCluster, Processes, Workers
from tm import InputError, Problem

__all__ = ["workers_of", "workers_options"]

F = TypeVar("F", bound=Callable[..., Any])


def workers_options(function: F) -> F:
    """The options --workers and --dask."""
    help = "The scheduler of a Dask cluster whose workers do it (the extra `dask`), such as tcp://HOST:8786."
    function = click.option("--dask", metavar="ADDRESS", help=help)(function)
    help = "Processes of this machine that do it. Default: one for each core, once the work is long."
    return click.option("--workers", type=click.IntRange(1, 1024), metavar="N", help=help)(function)


def workers_of(count: int | None, dask: str | None, device: str = "cpu") -> Workers:
    """The workers that the options ask for; on a GPU, of which there is one, this process.

    Raises:
        InputError: where both are given, and where Dask is not installed.

    >>> type(workers_of(1, None)).__name__
    'Processes'
    """
    if dask is None:
        return Processes(1 if device != "cpu" and count is None else count)
    if count is not None:
        raise InputError(Problem("the workers are said twice", "--workers or --dask", "both"))
    return DaskCluster(dask)

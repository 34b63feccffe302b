"""Kernels: machine code for generated source, compiled in a process of its own.

Compiling a kernel takes numba some 20 MB that it never gives back. The process that compiles takes them with it:

    python -m compiled_models.machine_code.kernels < source and types > machine code
    python -m compiled_models.machine_code.kernels FILE < source and types      (kept under that name)

Numba is imported when the first kernel is called for, not with this module: most runs are over before.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from compiled_models.machine_code import folder

__all__ = ["compile_beside", "interpreted", "kernel"]

logger = logging.getLogger(__name__)

_beside: dict[str, subprocess.Popen[bytes]] = {}  # by file: processes that go on by themselves
MOST_KERNELS = 8  # in memory, of networks in use or not
_HERE = "compiled_models.machine_code.kernels"  # the module that numba takes a kernel to be from


@functools.lru_cache(MOST_KERNELS)
def kernel(source: str, name: str = "advance") -> Callable[..., Any]:
    """A function of a kernel's source, loaded from disk or compiled when it is first called.

    The source is all that the machine code depends on, and the source is a function of a network's weights and its
    vocabulary, so a kernel is never taken for another network's. Where nothing can be written the kernel is compiled
    anew in every process. The last few kernels stay in memory: a network that is made again finds its own.
    """
    from compiled_models.machine_code.dispatcher import compiled

    return compiled(interpreted(source, name), source, functools.partial(_apart, source, name))


def interpreted(source: str, name: str = "advance") -> Callable[..., Any]:
    """A function of a kernel's source, not compiled."""
    names: dict[str, Any] = {"__name__": _HERE}
    exec(source.replace("from numba import njit", "njit = lambda **_: lambda function: function"), names)
    function: Callable[..., Any] = names[name]
    return function


def _apart(source: str, name: str, types: tuple[Any, ...]) -> bytes:
    """Machine code from a process of its own; where there can be none, from this one."""
    from numba.core import serialize

    try:
        return subprocess.run(
            [sys.executable, "-P", "-m", _HERE],
            input=serialize.dumps((source, name, types)),
            capture_output=True,
            check=True,
            env=_environment(),
            start_new_session=True,  # Ctrl-C is for the run
        ).stdout
    except (OSError, TypeError, subprocess.CalledProcessError) as error:
        logger.info("no process to compile in (%s): compiling in this one", error)
        return _compiled(source, name, types)


def compile_beside(source: str, name: str, types: tuple[Any, ...]) -> subprocess.Popen[bytes]:
    """Begin to compile a function of a kernel's source in a process that keeps the machine code by itself.

    It goes on, at a low priority, even if this process ends: a later one will find what it has made. There is one
    process a function: where one is at it already, that one is returned.

    Raises:
        OSError: there can be no such process, or what it made could not be kept.
    """
    from numba.core import serialize

    if not folder.keeps():
        raise OSError("machine code cannot be kept in its folder")
    function: Any = kernel(source, name)
    file: str = function.file(types)
    for other, ended in list(_beside.items()):
        if ended.poll() is not None:
            _beside.pop(other, None)
    if (running := _beside.get(file)) is not None:
        return running
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", _HERE, file],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        start_new_session=True,
    )
    with contextlib.suppress(BrokenPipeError):
        if process.stdin is not None:
            with process.stdin:
                process.stdin.write(serialize.dumps((source, name, types)))
    _beside[file] = process
    return process


def _environment() -> dict[str, str]:
    """The environment of a process that finds this package where this one has."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(os.path.abspath(place) for place in sys.path)}


def _compiled(source: str, name: str, types: tuple[Any, ...]) -> bytes:
    """The machine code of a function of a source for arguments of these types."""
    from compiled_models.machine_code.dispatcher import packed

    names: dict[str, Any] = {"__name__": _HERE}
    exec(source, names)
    names[name].compile(types)
    (result,) = names[name].overloads.values()
    return packed(result)


def main(arguments: list[str]) -> None:
    """Compile what stands in standard input."""
    if arguments and hasattr(os, "nice"):
        os.nice(10)
    machine_code = _compiled(*pickle.load(sys.stdin.buffer))  # noqa: S301  from the process that runs it
    if arguments:
        folder.write(arguments[0], machine_code)
    else:
        sys.stdout.buffer.write(machine_code)


if __name__ == "__main__":
    main(sys.argv[1:])

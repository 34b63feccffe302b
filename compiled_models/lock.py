"""Advisory locks: what one process holds another one is told. They end with their process, however that ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

from tm import FileError, Problem

__all__ = ["alone", "locked"]


@contextmanager
def locked(path: Path) -> Iterator[bool]:
    """Lock a file that is there; whether it could be: False where somebody else has locked it.

    Where there are no such locks it always can.
    """
    if fcntl is None:
        yield True
        return
    handle = os.open(path, os.O_RDWR)
    try:
        yield _try(handle)
    finally:
        os.close(handle)


def _try(handle: int) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


@contextmanager
def alone(file: str | Path) -> Iterator[None]:
    """Be the only one that writes to a file, by a lock on a file beside it (`.NAME.lock`), which is gone afterwards.

    Raises:
        FileError: if another process, or another run in this one, is writing to the file; OSError if the folder cannot
            be written to.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, alone(f"{folder}/a"):
    ...     with alone(f"{folder}/b"):
    ...         print("two files, two locks")
    ...     with alone(f"{folder}/a"):
    ...         print("this is not reached")
    Traceback (most recent call last):
    tm.errors.FileError: .../a: another run is writing to this file
        mend: name another file, or wait for that run
    """
    path = Path(os.path.realpath(file))
    beside = path.with_name(f".{path.name}.lock")
    handle = _open(beside)
    while not _is(handle, beside):  # whoever had the lock removed the file between our opening and locking it
        os.close(handle)
        handle = _open(beside)
    try:
        yield
    finally:
        beside.unlink(missing_ok=True)
        os.close(handle)


def _open(beside: Path) -> int:
    handle = os.open(beside, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    if not _try(handle):
        os.close(handle)
        name = str(beside.with_name(beside.name.removeprefix(".").removesuffix(".lock")))
        hint = "name another file, or wait for that run"
        raise FileError(Problem("another run is writing to this file", hint=hint, source=name))
    return handle


def _is(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False

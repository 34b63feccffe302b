"""Writing a file: never half of it, never over something that nobody meant to lose, and never two at once."""

from __future__ import annotations

import errno
import glob
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

from tm import FileError, Problem

__all__ = ["alone", "is_special", "locked", "remove_leftovers", "replacing", "require_name", "require_replaceable"]

PART = ".part"  # how the names of files end that are not finished


@contextmanager
def replacing(file: str | Path, *, force: bool = False, own: Callable[[Path], bool] | None = None) -> Iterator[Path]:
    """A path beside `file` to write to; at the end it takes the place of `file`, unless something went wrong.

    It is on the disk before it takes that place, so that not even a loss of power leaves half a file. A link is
    followed; into what is no file (a terminal, a pipe) the text is written in the end. What stands there already is
    treated as `require_replaceable` says.

    Raises:
        FileError: if the file cannot be written, or if something stands there that must not be lost.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(f"{folder}/a.txt") as beside:
    ...         _ = beside.write_text("whole")
    ...     os.listdir(folder), Path(folder, "a.txt").read_text()
    (['a.txt'], 'whole')
    """
    require_replaceable(file, force=force, own=own)
    path, special = Path(os.path.realpath(file)), is_special(file)
    try:
        handle, name = tempfile.mkstemp(dir=None if special else path.parent, prefix=f".{path.name}.", suffix=PART)
        os.close(handle)
        beside = Path(name)
        try:
            with locked(beside):  # so that nobody takes it for what a killed process left behind
                yield beside
                if special:
                    with Path(file).open("ab") as stream:
                        stream.write(beside.read_bytes())
                else:
                    beside.chmod(0o644)
                    _sync(beside, os.O_RDWR)
                    beside.replace(path)
                    _sync(path.parent, os.O_RDONLY)
        finally:
            beside.unlink(missing_ok=True)
    except FileError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileError(Problem("the file cannot be written", found=reason, source=str(path))) from error


def require_replaceable(file: str | Path, *, force: bool = False, own: Callable[[Path], bool] | None = None) -> None:
    """Refuse to write over a file that holds something, unless `force` is given or it is the writer's `own` kind.

    The one rule for every file that is written here. An empty file, and what is no file, may be written to.

    Raises:
        FileError: if something stands there that would be lost.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.txt").write_text("precious")
    ...     require_replaceable(f"{folder}/a.txt", force=True)
    ...     require_replaceable(f"{folder}/a.txt")
    Traceback (most recent call last):
    tm.errors.FileError: .../a.txt: a file stands there already
        mend: choose another name, or say --force (in Python force=True) to lose it
    """
    require_name(file)
    path = Path(file)
    if force or is_special(path) or not path.is_file() or not path.stat().st_size or (own is not None and own(path)):
        return
    hint = "choose another name, or say --force (in Python force=True) to lose it"
    raise FileError(Problem("a file stands there already", hint=hint, source=str(path)))


def require_name(file: str | Path) -> None:
    """Refuse a name that no file can have: an empty or too long one, one with a zero byte or half a surrogate pair.

    Raises:
        FileError: for such a name.

    >>> require_name("a\\0b")
    Traceback (most recent call last):
    tm.errors.FileError: no file can have this name
        found: 'a\\x00b'
    """
    try:
        os.stat(file)
    except OSError as error:
        if str(file) and error.errno != errno.ENAMETOOLONG:
            return  # whatever else is wrong is said by whoever opens it
    except ValueError:
        pass
    else:
        return
    raise FileError(Problem("no file can have this name", found=repr(str(file))))


def remove_leftovers(file: str | Path) -> None:
    """Delete the parts of a file that processes left beside it which were killed as they wrote; no living one's.

    Raises OSError for a folder that cannot be written to.
    """
    path = Path(os.path.realpath(file))
    for left in path.parent.glob(f".{glob.escape(path.name)}.????????{PART}"):
        with locked(left) as ours:
            if ours:
                left.unlink(missing_ok=True)


def _sync(path: Path, flags: int) -> None:
    """See to it that a file's content, or a folder's entries, are on the disk."""
    try:
        handle = os.open(path, flags)
    except PermissionError:  # a system whose folders cannot be opened has its own ways
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_special(file: str | Path) -> bool:
    """Whether it is a terminal, a pipe, or a name such as /dev/stdout for one's own output, whatever that is."""
    path = Path(file)
    return path.parent == Path("/dev") or (path.exists() and not path.is_file() and not path.is_dir())


# -- locks: advisory, they end with their process, however that ends ---------------------------------------------------


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

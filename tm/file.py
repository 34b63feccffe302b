"""Reading what stands under a path: a regular file of bounded size, never a pipe that waits or a device without end."""

from __future__ import annotations

import io
import os
import stat

from tm.errors import FileError, Problem

__all__ = ["LARGEST", "read_bytes", "read_text", "regular_file"]

LARGEST = 1 << 24
"""Bytes of a text: the largest machine that anybody wrote down has a thousandth of that."""

_PART = 1 << 20  # bytes read at once
_KINDS = {stat.S_IFIFO: "a pipe", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFSOCK: "a socket"}

_Path = str | os.PathLike[str]


def regular_file(path: _Path, *, largest: int = LARGEST) -> io.FileIO:
    """A regular file of at most so many bytes, opened for reading; it is never waited for.

    Raises FileError for a path under which there is no such file, or none that can be opened.

    >>> regular_file(os.devnull)
    Traceback (most recent call last):
    tm.errors.FileError: this is no file to read from
        expected: a regular file
        found: /dev/null: a device
    """
    try:
        stream = io.FileIO(os.fspath(path), "r", opener=_open)
    except FileNotFoundError:
        raise FileError(Problem("no such file", found=str(path))) from None
    except IsADirectoryError:
        raise FileError(Problem("a folder, not a file", found=str(path))) from None
    except ValueError:  # a zero byte, or half a surrogate pair
        raise FileError(Problem("no such file", found=repr(path))) from None
    except OSError as error:
        raise _unreadable(path, error) from None
    status = os.fstat(stream.fileno())
    if not stat.S_ISREG(status.st_mode):
        stream.close()
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "something else")
        raise FileError(Problem("this is no file to read from", "a regular file", f"{path}: {kind}"))
    if status.st_size > largest:
        stream.close()
        raise _too_large(path, largest, f"{status.st_size:,}")
    return stream


def _open(path: str, flags: int) -> int:
    """Open at once: without O_NONBLOCK a pipe would wait for somebody to write into it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))


def read_bytes(path: _Path, *, largest: int = LARGEST) -> bytes:
    """The bytes of a regular file. Raises FileError as `regular_file`, also for a file that grows while it is read.

    >>> read_bytes("no such file")
    Traceback (most recent call last):
    tm.errors.FileError: no such file
        found: no such file
    """
    parts, size = [], 0
    with regular_file(path, largest=largest) as stream:
        try:
            while part := stream.read(_PART):
                parts.append(part)
                size += len(part)
                if size > largest:  # what /proc calls empty, for one
                    raise _too_large(path, largest, f"more than {largest:,}")
        except FileError:
            raise
        except OSError as error:
            raise _unreadable(path, error) from None
    return b"".join(parts)


def read_text(path: _Path, *, largest: int = LARGEST) -> str:
    """The text of a regular file in UTF-8, without a byte order mark. Raises FileError as `read_bytes` and for no text.

    >>> read_text(__file__).splitlines()[0].startswith('\"\"\"Reading what stands under a path')
    True
    """
    try:
        return read_bytes(path, largest=largest).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"{path}: byte {error.object[error.start]} at {error.start}"
        raise FileError(Problem("this is no text", "a text in UTF-8", found, "save it as UTF-8")) from None


def _too_large(path: _Path, largest: int, found: str) -> FileError:
    return FileError(Problem("the file is too large", f"at most {largest:,} bytes", f"{path}: {found}"))


def _unreadable(path: _Path, error: OSError) -> FileError:
    return FileError(Problem("the file cannot be read", found=f"{path}: {error.strerror or error}"))

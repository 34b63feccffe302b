"""Reading what stands under a path: a regular file of bounded size, never a pipe that waits or a device without end."""

from __future__ import annotations

import codecs
import io
import os
import re
import stat

from tm.errors import FileError, Problem

__all__ = ["LARGEST", "declared_encoding", "read_bytes", "read_text", "regular_file"]

LARGEST = 1 << 24
"""Bytes of a text: the largest machine that anybody wrote down has a thousandth of that."""

_BEGINNINGS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    "<?".encode("utf-16-le"): "utf-16-le",
    "<?".encode("utf-16-be"): "utf-16-be",
}
_XML = re.compile(rb"""\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_UNICODE = re.compile(r"(?i)(utf|ucs)")
_EIGHT_BITS = re.compile(r"(?i)(iso|latin|l[1-9]|windows|cp|koi8|mac|shift|sjis|euc|gb|big5|ascii|us-ascii)")
_PYTHON = re.compile(rb"(?:[^\n]{0,200}\n)?[ \t\f]*#[^\n]{0,200}?coding[:=][ \t]*([-\w.]{1,40})")
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
    """The text of a regular file, without a byte order mark: in the encoding that the file declares, else in UTF-8.

    Raises FileError as `read_bytes`, for what is no text in that encoding, and for an encoding that nobody knows.

    >>> read_text(__file__).splitlines()[0].startswith('\"\"\"Reading what stands under a path')
    True
    """
    data = read_bytes(path, largest=largest)
    encoding = declared_encoding(data)
    try:
        return data.decode(encoding)
    except UnicodeError as error:
        at = getattr(error, "start", 0)
        expected, found = f"a text in {encoding.removesuffix('-sig').upper()}", f"{path}: byte {data[at]} at {at}"
        raise FileError(Problem("this is no text", expected, found, "save it as UTF-8")) from None
    except LookupError:
        hint = "save it as UTF-8, and leave the encoding out"
        raise FileError(Problem("no such encoding", "such as UTF-8", f"{path}: {encoding}", hint)) from None


def declared_encoding(data: bytes) -> str:
    """The encoding that bytes declare: by a byte order mark, or in XML's first line. Without one it is UTF-8.

    Where that is not what they are in, a Python file's declaration in its first two lines counts, too.

    >>> declared_encoding(b'<?xml version="1.0" encoding="ISO-8859-1"?>'), declared_encoding("<?".encode("utf-16-le"))
    ('ISO-8859-1', 'utf-16-le')
    >>> declared_encoding(b"# coding: latin-1\\n'\\xe9'"), declared_encoding(b"# coding: unary\\na 0 -> b 1 R")
    ('latin-1', 'utf-8-sig')
    """
    for beginning, encoding in _BEGINNINGS.items():
        if data.startswith(beginning):
            return encoding
    xml, python = _XML.match(data), _PYTHON.match(data)
    if xml:
        declaration = xml[1].decode("ascii")
        if _UNICODE.match(declaration):  # it could not be read if it were in two bytes a character
            return "utf-8-sig"
        return declaration if _EIGHT_BITS.match(declaration) else f"{declaration} (unknown)"
    if python and _EIGHT_BITS.match(declaration := python[1].decode("ascii")) and not _is_utf_8(data):
        return declaration
    return "utf-8-sig"


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _too_large(path: _Path, largest: int, found: str) -> FileError:
    return FileError(Problem("the file is too large", f"at most {largest:,} bytes", f"{path}: {found}"))


def _unreadable(path: _Path, error: OSError) -> FileError:
    return FileError(Problem("the file cannot be read", found=f"{path}: {error.strerror or error}"))

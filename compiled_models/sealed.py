"""A file of named arrays under a header, with a digest over all of it that is compared before anything is believed.

The layout: a line that says what it is, the header's length (8 bytes, the least first), the header as JSON, the arrays
one after the other as the header lists them, and the SHA-256 of everything before it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

__all__ = ["Arrays", "SealError", "read_sealed", "write_sealed"]

Arrays = dict[str, NDArray[Any]]

FORMATS = {name: np.dtype(name) for name in ("<i8", "<i4", "<f8", "<f4")}
DIGEST = hashlib.sha256().digest_size  # bytes
LENGTH = 8  # bytes of the header's length


class SealError(ValueError):
    """A file that is not what `write_sealed` wrote."""


def write_sealed(stream: BinaryIO, title: bytes, header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write a header and arrays of 32- or 64-bit integers and floats, under a title: a line that says what the file is.

    >>> import io
    >>> stream = io.BytesIO()
    >>> write_sealed(stream, b"a test", {"steps": 7}, {"tape": np.array([1, 2])})
    >>> read_sealed(stream.getvalue(), b"a test")
    ({'steps': 7}, {'tape': array([1, 2])})
    """
    digest = hashlib.sha256()
    for part in _parts(title, header, arrays):
        digest.update(part)
        stream.write(part)
    stream.write(digest.digest())


def _parts(title: bytes, header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Iterator[Any]:
    little = {name: np.ascontiguousarray(a, a.dtype.newbyteorder("<")) for name, a in arrays.items()}
    index = [[name, array.dtype.str, list(array.shape)] for name, array in little.items()]
    text = json.dumps({"header": dict(header), "arrays": index}).encode()
    yield title + b"\n" + len(text).to_bytes(LENGTH, "little") + text
    for array in little.values():
        yield array.reshape(-1).view(np.uint8).data


def read_sealed(content: bytes, title: bytes) -> tuple[dict[str, Any], Arrays]:
    """The header and the arrays of a file's whole content.

    Raises SealError for another title, for a digest that is not that of the content, and for a header that does not
    fit what follows it.

    >>> read_sealed(b"a test" + bytes(50), b"a test")
    Traceback (most recent call last):
    compiled_models.sealed.SealError: it is damaged, or a part of one
    """
    body, digest = memoryview(content)[:-DIGEST], content[-DIGEST:]
    begin = len(title) + 1
    if content[:begin] != title + b"\n" or hashlib.sha256(body).digest() != digest:
        raise SealError("it is damaged, or a part of one")
    try:
        end = begin + LENGTH + int.from_bytes(body[begin : begin + LENGTH], "little")
        document = json.loads(bytes(body[begin + LENGTH : end]))
        header, index = document["header"], document["arrays"]
        return dict(header), _arrays(body[end:], index)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SealError(f"its header makes no sense ({error})") from error


def _arrays(body: memoryview, index: list[Any]) -> Arrays:
    """The arrays that a header lists, each in memory of its own.

    Raises ValueError, KeyError or TypeError for a list that does not fit the bytes.
    """
    arrays, start = {}, 0
    for name, kind, shape in index:
        if not isinstance(name, str) or name in arrays or not all(type(n) is int and n >= 0 for n in shape):
            raise ValueError(f"an array {name!r} of the shape {shape!r}")
        end = start + FORMATS[kind].itemsize * math.prod(shape)
        if end > len(body):
            raise ValueError(f"the array {name!r} is not all there")
        arrays[name] = np.frombuffer(body[start:end], FORMATS[kind]).reshape(shape).copy()
        start = end
    if start != len(body):
        raise ValueError("more arrays than it lists")
    return arrays

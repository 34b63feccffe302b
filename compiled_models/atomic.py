"""Writing a file so that it is never half there: beside it first, then renamed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tm import FileError, Problem

__all__ = ["replacing"]


@contextmanager
def replacing(file: str | Path) -> Iterator[Path]:
    """A path beside `file` to write to; at the end it takes the place of `file`, unless something went wrong.

    A link is followed; into what is no file (a terminal, a pipe) the text is written in the end.

    Raises:
        FileError: if the file cannot be written.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(f"{folder}/a.txt") as beside:
    ...         _ = beside.write_text("whole")
    ...     os.listdir(folder), Path(folder, "a.txt").read_text()
    (['a.txt'], 'whole')
    """
    path = Path(os.path.realpath(file))
    special = _is_special(Path(file))
    try:
        handle, name = tempfile.mkstemp(dir=None if special else path.parent, prefix=f".{path.name}.", suffix=".part")
        os.close(handle)
        beside = Path(name)
        try:
            yield beside
            if special:
                with Path(file).open("ab") as stream:
                    stream.write(beside.read_bytes())
            else:
                beside.chmod(0o644)
                beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileError(Problem("the file cannot be written", found=reason, source=str(path))) from error


def _is_special(path: Path) -> bool:
    """Whether it is a terminal, a pipe, or a name such as /dev/stdout for one's own output, whatever that is."""
    return path.parent == Path("/dev") or (path.exists() and not path.is_file() and not path.is_dir())

"""The folder where machine code is kept: the user's own, every file checked before it is used, bounded in bytes.

A file is the digest of its name and contents, and the contents. Whatever does not match its digest is deleted, and
compiled anew. A digest says that a file is whole, not who wrote it: whoever can write to the folder can run code as the
user. So a folder that others could write to is not used at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tm import Problem, TapeheadError

__all__ = ["MOST_BYTES", "Files", "clear", "files", "folder", "holds", "keeps", "read", "refusal", "remove", "write"]

logger = logging.getLogger(__name__)

MOST_BYTES = 128 << 20  # some 250 kernels
_DIGEST = hashlib.sha256().digest_size
_WRITABLE = stat.S_IWGRP | stat.S_IWOTH
_reported: set[str] = set()

Files = list[tuple[Path, os.stat_result]]


def folder() -> Path:
    """Where machine code is kept: under NUMBA_CACHE_DIR, else XDG_CACHE_HOME, else ~/.cache."""
    if parent := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(parent).absolute() / "tapehead"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache") / "tapehead"


# -- trust -----------------------------------------------------------------------------------------------------------


def refusal(place: Path) -> str:
    """Why the machine code in a folder is not to be trusted, or empty.

    The folder must be the user's, and nobody else's to write to. The folders above it must not let others put another
    one in its place: a sticky one, such as /tmp, does not. Where the system tells no users apart nothing is refused.

    Raises:
        OSError: where there is no such folder.
    """
    if not hasattr(os, "geteuid"):
        return ""
    user = os.geteuid()
    above = {user, 0, os.stat("/").st_uid}
    for at in (place, *place.parents):
        about = at.stat()
        others = about.st_mode & _WRITABLE
        if about.st_uid not in ({user} if at == place else above):
            return f"{at} belongs to another user"
        if others and (at == place or not (about.st_mode & stat.S_ISVTX or _of_one_member(about, others))):
            return f"others can write to {at}"
    return ""


def _of_one_member(about: os.stat_result, others: int) -> bool:
    """Whether only a group may write that is the user's own, as many systems make one for each."""
    import grp
    import pwd

    try:
        return others == stat.S_IWGRP and grp.getgrgid(about.st_gid).gr_name == pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return False


def _trusted() -> Path | None:
    """The folder, made where there is none; None where there can be none, or where it is not to be trusted."""
    try:
        place = folder()
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        place = place.resolve(strict=True)
        reason = refusal(place)
    except (OSError, RuntimeError):  # RuntimeError: no home folder, or links in a circle
        return None
    if reason and reason not in _reported:
        _reported.add(reason)
        logger.warning("tapehead: machine code is not kept: %s", reason)
    return None if reason else place


# -- files -----------------------------------------------------------------------------------------------------------


def read(name: str) -> bytes | None:
    """What was written under a name, if it is there and whole; a file that is not is deleted."""
    if (place := _trusted()) is None:
        return None
    path = place / name
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        content = path.read_bytes()
        os.utime(path)  # used last: deleted last
    except OSError:
        return None
    contents = content[_DIGEST:]
    if content[:_DIGEST] == _digest(name, contents):
        return contents
    logger.info("%s is damaged: it is deleted", path)
    remove(name)
    return None


def holds(name: str) -> bool:
    """Whether something was written under a name; `read` says whether it is whole."""
    place = _trusted()
    return place is not None and (place / name).is_file()


def keeps() -> bool:
    """Whether what is written is kept: there is a folder that is to be trusted and can be written to."""
    place = _trusted()
    return place is not None and os.access(place, os.W_OK)


def write(name: str, contents: bytes) -> None:
    """Keep contents under a name, if that can be done; other processes see the whole file or none."""
    if (place := _trusted()) is None:
        return
    with contextlib.suppress(OSError):
        handle, beside = tempfile.mkstemp(dir=place, prefix=f".{name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_digest(name, contents) + contents)
            os.replace(beside, place / name)
        finally:
            with contextlib.suppress(OSError):
                os.unlink(beside)
        _bound(place, keep=name)


def _digest(name: str, contents: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + contents).digest()


def remove(name: str) -> None:
    """Delete what was written under a name, if that can be done."""
    if (place := _trusted()) is not None:
        with contextlib.suppress(OSError):
            (place / name).unlink()


def _bound(place: Path, keep: str) -> None:
    """Delete the files that were used the longest ago, until the others come to 128 MiB at most."""
    entries = files(place)
    total = sum(about.st_size for _, about in entries)
    for path, about in sorted(entries, key=lambda file: file[1].st_mtime):
        if total > MOST_BYTES and path.name != keep:
            with contextlib.suppress(OSError):
                path.unlink()
            total -= about.st_size


def files(place: Path) -> Files:
    """Every file in the folder and below, as far as it is still there when it is looked at."""
    return list(_files(place))


def _files(place: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for at, _, names in os.walk(place):
        for name in names:
            path = Path(at, name)
            with contextlib.suppress(OSError):
                yield path, path.lstat()


def clear(place: Path) -> Files:
    """Delete every file in the folder; processes that use one have it in memory. Returns the files that were there.

    Raises:
        TapeheadError: for a folder that is not to be trusted, since what is in it may be somebody else's, and where a
            file cannot be deleted.
    """
    if not place.exists():
        return []
    if reason := refusal(place.resolve()):
        raise TapeheadError(Problem("the folder of machine code is not the user's own", found=reason))
    entries = files(place)
    for path, _ in entries:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            cause = error.strerror or str(error)
            raise TapeheadError(Problem("the file cannot be deleted", found=cause, source=str(path))) from error
    return entries

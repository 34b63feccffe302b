"""The folder that an export writes, whole or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from compiled_models.atomic import PART, require_name
from tm import FileError, Problem

__all__ = ["json_bytes", "require_folder", "write_folder"]

CONFIG = "config.json"
"""Every target's folder has it, and without it nothing loads one: it is put in place last."""
OURS = (
    CONFIG,
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "model.safetensors",
    "onnx/model.onnx",
    "names.json",
    "load.py",
)
"""The files that targets write, and that one target's export takes away where another's stood; README.md is in all."""


def require_folder(folder: str | Path, *, force: bool = False) -> Path:
    """Refuse, before anything is made, a folder that cannot be written to; nothing is changed.

    Raises:
        FileError: if it is no folder, or if something stands in it and `force` is not given.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "notes").write_text("precious")
    ...     require_folder(folder)
    Traceback (most recent call last):
    tm.errors.FileError: ...: there are files in this folder
        expected: a new or an empty one
        mend: choose another folder, or say --force (in Python force=True): files of the same names are lost
    """
    require_name(folder)
    path = Path(folder)
    with _writing_to(path):
        if path.exists() and any(path.iterdir()) and not force:
            hint = "choose another folder, or say --force (in Python force=True): files of the same names are lost"
            problem = Problem("there are files in this folder", "a new or an empty one", hint=hint, source=str(path))
            raise FileError(problem)
    return path


def write_folder(folder: str | Path, files: Mapping[str, bytes], *, force: bool = False) -> Path:
    """Write files into a new or an empty folder, all of them or none; with `force` into any.

    They are written beside, and renamed. A new folder appears with everything in it. In one that is there the files of
    an earlier export go, whatever its target was; others stay. `config.json` goes first and comes last: a folder in
    which that was cut short loads nowhere.

    Args:
        folder: where to.
        files: the content of each, by its path in the folder; README.md and config.json among them.
        force: write over what is there.

    Raises:
        FileError: as `require_folder` does; if a folder stands where a file is to be; if a file cannot be written.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_folder(f"{folder}/new", {"README.md": b"# new", "config.json": b"{}"})
    ...     sorted(file.name for file in path.iterdir())
    ['README.md', 'config.json']
    """
    path = require_folder(folder, force=force)
    _require_places(path, files)
    with _writing_to(path):
        new = not path.exists()
        if new:
            path.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".tapehead.", suffix=PART, dir=path.parent if new else path))
        try:
            beside.chmod(0o755)
            for name, content in files.items():
                (beside / name).parent.mkdir(exist_ok=True)
                (beside / name).write_bytes(content)
            if new:
                beside.rename(path)
            else:
                _put_in_place(beside, path, files)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    return path


def _require_places(path: Path, files: Mapping[str, bytes]) -> None:
    """Refuse to begin where a folder stands in the place of a file, or a file in the place of a folder."""
    problems = []
    for name in files:
        file = path / name
        if file.is_dir():
            problems.append(Problem("a folder stands where a file is to be written", source=str(file)))
        if file.parent != path and file.parent.exists() and not file.parent.is_dir():
            problems.append(Problem("a file stands where a folder is to be", source=str(file.parent)))
    if problems:
        raise FileError(*problems)


def _put_in_place(beside: Path, path: Path, files: Mapping[str, bytes]) -> None:
    for name in OURS:
        if name == CONFIG or name not in files:
            _remove(path / name)
    for name in sorted(files, key=lambda name: name == CONFIG):
        (path / name).parent.mkdir(exist_ok=True)
        (beside / name).replace(path / name)


def _remove(file: Path) -> None:
    """Delete a file, if it is one, and the folder "onnx" that is empty then."""
    if file.is_file() or file.is_symlink():
        file.unlink()
        if file.parent.name == "onnx" and not any(file.parent.iterdir()):
            file.parent.rmdir()


@contextmanager
def _writing_to(path: Path) -> Iterator[None]:
    """What goes wrong as something is written to a path, as one clear error.

    Raises:
        FileError: for any OSError.
    """
    try:
        yield
    except FileError:
        raise
    except OSError as error:
        problem = Problem("this cannot be written to", found=error.strerror or str(error), source=str(path))
        raise FileError(problem) from error


def json_bytes(value: dict[str, Any]) -> bytes:
    """A value as the bytes of a JSON file, indented, with all characters as they are."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()

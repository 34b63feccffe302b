"""The folder that an export writes: a new or an empty one, unless it may be written over; and what it cannot do."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from compiled_models.atomic import require_name
from tm import FileError, InputError, Problem

__all__ = ["extra", "require_folder", "writing_to"]


def require_folder(folder: str | Path, *, force: bool = False) -> Path:
    """A folder to write to, made where there is none.

    Raises:
        FileError: if it cannot be made, or if something stands in it and `force` is not given.
    """
    require_name(folder)
    path = Path(folder)
    with writing_to(path):
        path.mkdir(parents=True, exist_ok=True)
        if not force and any(path.iterdir()):
            hint = "choose another folder, or say --force (in Python force=True) to write over what is there"
            raise FileError(
                Problem("there are files in this folder", "a new or an empty one", hint=hint, source=str(path))
            )
    return path


@contextmanager
def writing_to(path: Path) -> Iterator[None]:
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


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write a value as JSON, indented, with all characters as they are."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def extra(module: str, name: str) -> ModuleType:
    """An optional library, imported.

    Args:
        module: what is imported.
        name: the extra of tapehead that installs it.

    Raises:
        InputError: if it is not installed, with the command that installs it.

    >>> extra("no_such_module", "onnx")
    Traceback (most recent call last):
    tm.errors.InputError: this export needs no_such_module, which is not installed
        mend: pip install 'tapehead[onnx]'
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.split(".")[0] != module.split(".")[0]:
            module = error.name
        what = f"this export needs {module}, which is not installed"
        raise InputError(Problem(what, hint=f"pip install 'tapehead[{name}]'")) from error

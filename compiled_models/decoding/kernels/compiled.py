"""Compiled kernels on disk: a file of source a kernel, named by its hash, with numba's own cache beside it."""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numba

__all__ = ["compiled", "folder"]

_loaded: dict[str, Callable[..., Any]] = {}


def folder() -> Path:
    """Where kernels are kept: under NUMBA_CACHE_DIR, else XDG_CACHE_HOME, else ~/.cache."""
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(chosen) / "tapehead"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache") / "tapehead"


def compiled(source: str) -> Callable[..., Any]:
    """The function `advance` of a kernel's source, compiled when it is first called.

    The source is all that the machine code depends on, and the source is a function of a network's weights and its
    vocabulary, so a kernel is never taken for another network's. Where nothing can be written the kernel is compiled
    anew in every process, in a folder that is deleted at its end.
    """
    name = _name(source)
    if name not in _loaded:
        _loaded[name] = _module(name, source).advance
    return _loaded[name]


def _name(source: str) -> str:
    return "kernel_" + hashlib.sha256(f"{numba.__version__}\n{source}".encode()).hexdigest()[:24]


def _module(name: str, source: str) -> ModuleType:
    try:
        return _imported(name, _written(folder(), name, source))
    except (OSError, RuntimeError):  # RuntimeError: numba finds no folder that it can write its cache to
        apart = tempfile.mkdtemp(prefix="tapehead-")
        atexit.register(shutil.rmtree, apart, ignore_errors=True)
        return _imported(name, _written(Path(apart), name, source))


def _written(where: Path, name: str, source: str) -> Path:
    """The file with the source, which other processes see whole or not at all."""
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = where / f"{name}.py"
    if path.exists() and path.read_text(encoding="utf-8") == source:
        return path
    handle, beside = tempfile.mkstemp(dir=where, prefix=f".{name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(source)
        os.replace(beside, path)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(beside)
    return path


def _imported(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise OSError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # numba's cache looks its functions' modules up
    spec.loader.exec_module(module)
    return module

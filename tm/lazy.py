"""Packages whose names are imported when they are asked for (PEP 562): what a command does not use is not loaded."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["lazily"]


def lazily(
    package: str, modules: Mapping[str, Sequence[str]], everything: Sequence[str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """A package's `__getattr__` and `__dir__`.

    Args:
        package: its `__name__`.
        modules: which names of it are in which module, a full name or one from the package on (".module").
        everything: its `__all__`.

    >>> get, names = lazily("tm", {".text": ["quoted"], "math": ["pi"]}, ["quoted", "pi"])
    >>> get("quoted")("a"), round(get("pi"), 2), names()
    ('a', 3.14, ['quoted', 'pi'])
    >>> get("tau")
    Traceback (most recent call last):
    AttributeError: module 'tm' has no attribute 'tau'
    """
    places = {name: module for module, names in modules.items() for name in names}

    def get(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(places[name], package), name)

    return get, lambda: list(everything)

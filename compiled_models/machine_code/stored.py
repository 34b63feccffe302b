"""Functions that are compiled when they are first called. Numba takes a second to load: until then they do without."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

__all__ = ["Stored", "stored"]


class Stored:
    """A function, compiled when it is first called.

    Attributes:
        plain: the function itself, not compiled: what is quicker for a few numbers.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.plain = function
        functools.update_wrapper(self, function)

    @cached_property
    def compiled(self) -> Callable[..., Any]:
        """The same function as machine code, kept on disk as long as the file that it stands in does not change."""
        from compiled_models.machine_code.dispatcher import compiled

        function = self.plain
        file = inspect.getsourcefile(function)
        source = (
            Path(file).read_text(encoding="utf-8") if file and Path(file).is_file() else inspect.getsource(function)
        )
        return compiled(function, f"{function.__qualname__}\n{source}")

    def __call__(self, *arguments: Any) -> Any:
        """What the compiled function gives."""
        return self.compiled(*arguments)


def stored(function: Callable[..., Any]) -> Stored:
    """A decorator: the function as a `Stored` one.

    >>> @stored
    ... def twice(x):
    ...     return 2 * x
    >>> twice.plain(21), twice(21), twice.compiled.signatures
    (42, 42, [(int64,)])
    """
    return Stored(function)

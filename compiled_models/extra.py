"""Libraries that only a part of this one needs: extras, which are installed by name."""

from __future__ import annotations

import importlib
from types import ModuleType

from tm import InputError, Problem

__all__ = ["extra"]


def extra(module: str, name: str, what: str = "this export") -> ModuleType:
    """An optional library, imported.

    Args:
        module: what is imported.
        name: the extra of tapehead that installs it.
        what: what needs it, for the error.

    Raises:
        InputError: if it is not installed, with the command that installs it.

    >>> extra("no_such_library.part", "onnx")
    Traceback (most recent call last):
    tm.errors.InputError: this export needs no_such_library, which is not installed
        mend: pip install 'tapehead[onnx]'
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        missing = f"{what} needs {error.name or module}, which is not installed"
        raise InputError(Problem(missing, hint=f"pip install 'tapehead[{name}]'")) from error

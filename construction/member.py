"""A module's weights and hook points, found at once.

PyTorch looks for them only after Python has found no attribute of that name, which takes longer than the call of a hook
point on which no hook hangs. What they are stays PyTorch's own: parameters and submodules.
"""

from __future__ import annotations

from typing import Any

from torch import nn

__all__ = ["Member", "Point", "Weight"]


class Member:
    """An attribute that stands in one of PyTorch's own dictionaries of a module."""

    store: str

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, module: nn.Module | None, kind: type | None = None) -> Any:
        if module is None:
            return self
        try:
            return module.__dict__[self.store][self.name]
        except KeyError:
            raise AttributeError(f"this {type(module).__name__} has no {self.name}") from None

    def __set__(self, module: nn.Module, value: object) -> None:
        """What PyTorch leaves over: it takes parameters and modules itself."""
        raise TypeError(f"{self.name} of {type(module).__name__} cannot be a {type(value).__name__}")


class Weight(Member):
    """A parameter."""

    store = "_parameters"


class Point(Member):
    """A hook point."""

    store = "_modules"

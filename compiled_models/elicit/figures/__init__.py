"""The figures that would convince a sceptic: one file each, with a function `figure` that measures it from a seed.

`make figures` draws all of them into docs/figures, each with its numbers beside it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable

from compiled_models.elicit.report.experiment import Experiment

__all__ = ["figure", "names"]


def names() -> list[str]:
    """The figures there are.

    >>> "text" in names()
    True
    """
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


def figure(name: str, scale: float = 1.0) -> Experiment:
    """Measure a figure; `scale` says how many data sets, 1 being all."""
    measure: Callable[[float], Experiment] = importlib.import_module(f"{__name__}.{name}").figure
    return measure(scale)

"""Many machines through one network: every machine there is, or a list of them.

What is listed here is imported when it is asked for: examples are checked without what enumerates machines.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compiled_models.sweep.beaver import BusyBeaver, Survey
    from compiled_models.sweep.checks import Case, Check, cases_in_table, checked
    from compiled_models.sweep.survey import busy_beaver

__all__ = ["BusyBeaver", "Case", "Check", "Survey", "busy_beaver", "cases_in_table", "checked"]

_MODULES = {
    "beaver": ("BusyBeaver", "Survey"),
    "checks": ("Case", "Check", "cases_in_table", "checked"),
    "survey": ("busy_beaver",),
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        for module, names in _MODULES.items():
            if name in names:
                return getattr(importlib.import_module(f"{__name__}.{module}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return __all__

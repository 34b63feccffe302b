"""Many machines through one network: every machine there is, or a list of them.

What is listed here is imported when it is asked for: examples are checked without what enumerates machines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tm.lazy import lazily

if TYPE_CHECKING:
    from compiled_models.sweep.beaver import BusyBeaver, Survey
    from compiled_models.sweep.checks import Case, Check, cases_in_table, checked
    from compiled_models.sweep.survey import busy_beaver

__all__ = ["BusyBeaver", "Case", "Check", "Survey", "busy_beaver", "cases_in_table", "checked"]

_MODULES = {
    ".beaver": ("BusyBeaver", "Survey"),
    ".checks": ("Case", "Check", "cases_in_table", "checked"),
    ".survey": ("busy_beaver",),
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazily(__name__, _MODULES, __all__)

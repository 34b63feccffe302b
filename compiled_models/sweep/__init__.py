"""Many machines through one network: every machine there is, or a list of them."""

from compiled_models.sweep.beaver import BusyBeaver, Survey
from compiled_models.sweep.checks import Case, Check, cases_in_table, checked
from compiled_models.sweep.survey import busy_beaver

__all__ = ["BusyBeaver", "Case", "Check", "Survey", "busy_beaver", "cases_in_table", "checked"]

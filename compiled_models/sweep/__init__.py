"""Many machines through one network: every machine there is, or a list of them."""

from compiled_models.sweep.beaver import BusyBeaver, Survey, busy_beaver

__all__ = ["BusyBeaver", "Survey", "busy_beaver"]

"""Which of an experiment's numbers come with an interval."""

from __future__ import annotations

from compiled_models.elicit.report.experiment import Experiment

__all__ = ["estimated"]

BEHIND = ", 95 % from"


def estimated(done: Experiment) -> set[str]:
    """The columns and facts that are estimates: in JSON and CSV the ends of an interval stand behind each."""
    report = done.json()
    names = {*report["measurements"][0], *report["facts"]}
    return {name.removesuffix(BEHIND) for name in names if name.endswith(BEHIND)}

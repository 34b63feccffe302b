"""Which of an experiment's numbers come with an interval."""

from __future__ import annotations

from compiled_models.elicit.report.experiment import Experiment

__all__ = ["estimated"]

BEHIND = ", 95 % from"


def estimated(done: Experiment) -> set[str]:
    """The columns and facts that are estimates: in JSON and CSV the ends of an interval stand behind each."""
    said = done.json()
    names = {*said["measurements"][0], *said["facts"]}
    return {name.removesuffix(BEHIND) for name in names if name.endswith(BEHIND)}

"""What an experiment hands back: facts to print, a table, charts, and the networks that it ran on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from compiled_models.elicit.report.chart import Chart, draw
from compiled_models.elicit.report.table import Table, with_intervals

__all__ = ["Experiment", "Progress", "silent"]

Progress = Callable[[Iterable[Any], str], Iterator[Any]]
"""How an experiment tells how far it is: it runs through items, and whoever calls it may draw a bar."""


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """A finished experiment.

    Attributes:
        name: the command that ran it.
        title: what was asked, in one line.
        facts: what was found, each under a name that people read; numbers stay numbers.
        table: the measurements.
        charts: what `-o` draws.
        networks: the hash of the weights of every network used, under its role.
        falsified_if: what would have refuted the claim.
        holds: whether nothing did; None where what was measured does not say.
        undecided: why it does not say.
        curves: what the charts show, where the table does not have it.

    >>> table = Table(("n", "TV"), [(50, 0.1)])
    >>> done = Experiment(name="text", title="12 contexts", facts={"paper rate": 52615}, table=table, charts=(),
    ...                   networks={"A": "1f"}, falsified_if="TV is above the bound", holds=True)
    >>> done.json()["facts"], done.verdict
    ({'paper rate': 52615}, 'nothing here falsifies the claim (falsified if TV is above the bound)')
    """

    name: str
    title: str
    facts: Mapping[str, Any]
    table: Table
    charts: tuple[Chart, ...]
    networks: Mapping[str, str]
    falsified_if: str
    holds: bool | None
    undecided: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    curves: Table | None = None

    @property
    def verdict(self) -> str:
        """What was found, in a sentence that says what would have refuted the claim."""
        if self.holds is None:
            finding = f"no verdict: {self.undecided}"
        else:
            finding = "nothing here falsifies the claim" if self.holds else "THE CLAIM IS FALSIFIED HERE"
        return f"{finding} (falsified if {self.falsified_if})"

    def json(self) -> dict[str, Any]:
        """The experiment as one JSON object."""
        return {
            "experiment": self.name,
            "title": self.title,
            "options": dict(self.options),
            "networks": dict(self.networks),
            "facts": with_intervals(self.facts),
            "measurements": self.table.records(),
            "falsified_if": self.falsified_if,
            "holds": self.holds,
            "verdict": self.verdict,
        }

    def write(self, path: Path, comment: str) -> None:
        """Write the measurements as CSV; the curves, if there are any of their own, into a file beside it."""
        self.table.write(path, comment)
        if self.curves is not None:
            self.curves.write(path.with_stem(f"{path.stem}-curves"), comment)

    def draw(self, path: Path) -> None:
        """Draw the charts into a file, the falsifier below them."""
        draw(path, self.charts, title=self.title, note=f"Falsified if {self.falsified_if}.")


def silent(items: Iterable[Any], description: str) -> Iterator[Any]:
    """The items, without a progress bar.

    >>> list(silent([1, 2], "nothing is shown"))
    [1, 2]
    """
    return iter(items)

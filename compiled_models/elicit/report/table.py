"""A table of measurements: named columns, rows of numbers and words, written and read as CSV."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from compiled_models.atomic import replacing
from compiled_models.elicit.report.estimate import Estimate

__all__ = ["Table", "with_intervals"]


@dataclass(slots=True)
class Table:
    """Rows of measurements under named columns.

    >>> table = Table(("n", "mean TV"))
    >>> table.add(50, 0.125)
    >>> table.add(100, 0.09)
    >>> table["mean TV"], table.records()[1]
    ([0.125, 0.09], {'n': 100, 'mean TV': 0.09})
    """

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, *values: Any) -> None:
        """Append a row.

        Raises:
            ValueError: for a wrong number of values.
        """
        if len(values) != len(self.columns):
            raise ValueError(f"{len(values)} values for the columns {', '.join(self.columns)}")
        self.rows.append(values)

    def __getitem__(self, column: str) -> list[Any]:
        return [row[self.columns.index(column)] for row in self.rows]

    def where(self, column: str, value: Any) -> Table:
        """The rows with this value in a column.

        >>> Table(("V", "n"), [(2, 50), (8, 50)]).where("V", 8).rows
        [(8, 50)]
        """
        at = self.columns.index(column)
        return Table(self.columns, [row for row in self.rows if row[at] == value])

    def records(self) -> list[dict[str, Any]]:
        """The rows as dictionaries, as JSON and CSV have them: estimates with both ends of their intervals.

        >>> Table(("n", "TV"), [(2, Estimate(0.5, 0.4, 0.6))]).records()
        [{'n': 2, 'TV': 0.5, 'TV, 95 % from': 0.4, 'TV, 95 % to': 0.6}]
        """
        return [with_intervals(dict(zip(self.columns, row, strict=True))) for row in self.rows]

    def write(self, path: Path, comment: str = "") -> None:
        """Write CSV; the comment's lines stand before it, each behind a `#`."""
        with replacing(path, force=True) as beside, beside.open("w", newline="", encoding="utf-8") as file:
            file.writelines(f"# {line}\n" for line in comment.splitlines())
            writer, records = csv.writer(file, lineterminator="\n"), self.records()
            writer.writerow(records[0] if records else self.columns)
            writer.writerows([[_written(value) for value in record.values()] for record in records])

    @classmethod
    def read(cls, path: Path) -> Table:
        """The table in a CSV file; comments are passed over, and what looks like a number is one."""
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(line for line in file if not line.startswith("#")))
        return cls(tuple(rows[0]), [tuple(_parsed(value) for value in row) for row in rows[1:]])


def with_intervals(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, and behind each estimate the ends of its interval; an end that is not known is None."""
    every: dict[str, Any] = {}
    for name, value in values.items():
        every[name] = value
        if isinstance(value, Estimate):
            ends = (end if math.isfinite(end) else None for end in value.interval)
            every |= dict(zip((f"{name}, 95 % from", f"{name}, 95 % to"), ends, strict=True))
    return every


def _written(value: Any) -> Any:
    """Ten significant digits: more than any measurement here has, and the same on every machine."""
    return f"{value:.10g}" if isinstance(value, float) else value


def _parsed(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text

"""All measurements of `tapehead bench`, the tables they make, and what they are held against."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

from rich.table import Table

from compiled_models.bench.measure import CONTESTANTS, BenchError, Measurement, measured_apart
from compiled_models.bench.rows import RowsMeasurement
from compiled_models.bench.workloads import WORKLOADS
from tm import Problem

__all__ = ["QUICK_CONTESTANTS", "QUICK_WORKLOADS", "Suite", "lengths", "measurements", "start_times"]

MOST = {"dense": 2_000, "streaming": 50_000, "automata-lib": 3_000, "dictionary simulator": 5_000_000}
LENGTHS = {
    "dense": (500, 2_000, 8_000, 16_000),
    "streaming": (1_000, 10_000, 100_000),
    "kernels": (1_000, 100_000, 1_000_000, 10_000_000, 47_000_000),
}


WARM = 300_000  # steps of kernels before what is timed, so that everything is compiled
QUICK = 10_000_000  # steps; for a quick run, in which slow contestants are left out
QUICK_WORKLOADS, QUICK_CONTESTANTS = ("bb5",), ("kernels", "numba simulator")


def measurements(workloads: list[str], *, quick: bool = False) -> Iterator[tuple[str, str, Measurement | None]]:
    """Every contestant on every workload: names first, then, when it is done, what was measured."""
    for name in workloads:
        steps = min(WORKLOADS[name]().steps, QUICK if quick else sys.maxsize)
        for contestant in QUICK_CONTESTANTS if quick else CONTESTANTS:
            if contestant == "kernels":  # once before, so that the kernel is compiled
                measured_apart(contestant, name, WARM)
            yield contestant, name, measured_apart(contestant, name, min(steps, MOST.get(contestant, steps)))


def lengths() -> Iterator[tuple[str, str, Measurement | None]]:
    """The decoders over the length of the run, on the BB(5) champion."""
    measured_apart("kernels", "bb5", WARM)  # so that the kernel is compiled
    for contestant, several in LENGTHS.items():
        for steps in several:
            yield contestant, f"bb5, {steps:,} steps", measured_apart(contestant, "bb5", steps)


def start_times() -> dict[str, float]:
    """Seconds of 10,000 steps of BB(5) as a command: with nothing compiled, and again."""
    command = [sys.executable, "-m", "compiled_models", "run", "bb5", "--max-steps", "10000"]
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"NUMBA_CACHE_DIR": folder}
        seconds = []
        for _ in range(2):
            began = time.perf_counter()
            process = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
            if process.returncode:
                raise BenchError(Problem("the command breaks", found=process.stderr.strip()))
            seconds.append(time.perf_counter() - began)
    return {"first call": seconds[0], "later calls": seconds[1]}


@dataclass(frozen=True, slots=True)
class Suite:
    """Everything that was measured."""

    runs: list[Measurement]
    lengths: list[Measurement]
    start: dict[str, float]
    rows: list[RowsMeasurement] = field(default_factory=list)

    def rate(self, contestant: str, workload: str) -> float:
        """Steps a second; 0 where it was not measured."""
        return next((m.rate for m in self.runs if (m.contestant, m.workload) == (contestant, workload)), 0.0)

    def growth(self) -> float | None:
        """Megabytes by which kernels' peak memory grows from 10^5 steps of BB(5) to 4.7 * 10^7; None: not measured."""
        runs = [m for m in self.lengths if m.contestant == "kernels"]
        short = next((m.megabytes for m in runs if 9e4 < m.steps < 2e5), None)
        long = next((m.megabytes for m in runs if m.steps > 4e7), None)
        return None if short is None or long is None else long - short

    def speeds(self) -> Table:
        """Steps a second of each contestant on each workload, and the kernels' share of the simulators'."""
        table, names = self._table("steps a second")
        for contestant in self._contestants():
            rates = [self.rate(contestant, name) for name in names]
            table.add_row(contestant, *(f"{rate:,.0f}" if rate else "-" for rate in rates))
        for other in ("numba simulator", "dictionary simulator"):
            ratios = [(self.rate("kernels", name), self.rate(other, name)) for name in names]
            if not any(theirs for _, theirs in ratios):
                continue
            table.add_row(f"kernels / {other}", *(f"{ours / theirs:.3g}" if theirs else "-" for ours, theirs in ratios))
        return table

    def batches(self) -> Table:
        """Steps a second of all rows together, over the number of rows."""
        table = Table(title="many prompts at once, steps a second", title_justify="left", box=None, pad_edge=False)
        counts = list(dict.fromkeys(m.rows for m in self.rows))
        for column in ("rows", *(f"{count:,}" for count in counts)):
            table.add_column(column, justify="left" if column == "rows" else "right", no_wrap=True)
        for contestant, rates in self.batch_rates().items():
            table.add_row(contestant, *(f"{rates[count]:,.0f}" if count in rates else "-" for count in counts))
        return table

    def batch_rates(self) -> dict[str, dict[int, float]]:
        """For each contestant, steps a second by the number of rows."""
        rates: dict[str, dict[int, float]] = {}
        for m in self.rows:
            rates.setdefault(m.contestant, {})[m.rows] = m.rate
        return rates

    def memory(self) -> Table:
        """Peak memory of each contestant on each workload, with the steps that it took."""
        table, names = self._table("peak memory, MB (steps)")
        cells = {(m.contestant, m.workload): f"{m.megabytes:,.0f} ({m.steps:,})" for m in self.runs}
        for contestant in self._contestants():
            table.add_row(contestant, *(cells.get((contestant, name), "-") for name in names))
        return table

    def _contestants(self) -> list[str]:
        """Those that were measured at all, in their order."""
        return [name for name in CONTESTANTS if any(m.contestant == name for m in self.runs)] or list(CONTESTANTS)

    def _table(self, title: str) -> tuple[Table, list[str]]:
        names = list(dict.fromkeys(m.workload for m in self.runs))
        table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
        for column in ("", *names):
            table.add_column(column, justify="right" if column else "left", no_wrap=True)
        return table, names

    def json(self) -> dict[str, object]:
        """The same as plain data."""
        runs = [asdict(m) | {"rate": m.rate} for m in self.runs]
        return {"runs": runs, "lengths": [asdict(m) for m in self.lengths], "start": self.start} | {
            "rows": [asdict(m) | {"rate": m.rate} for m in self.rows]
        }

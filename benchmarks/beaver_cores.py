"""`tapehead beaver` with one worker and with several, in turns: how much sooner is it done?

    python benchmarks/beaver_cores.py [--states 4] [--limit 200] [--workers 2] [--rounds 3]

Each is the command as it is typed, in a process of its own, start and output included; beside its seconds stands how
busy the machine was when it began (its load, of which 0 would be a machine that does nothing else). Exit status 1 if
two of them do not say the same of the tree.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from typing import Any

__all__ = ["surveyed"]

TIMED = ("seconds", "network")
"""What a report has that is no count of the tree."""


def surveyed(states: int, limit: int, workers: int) -> tuple[dict[str, Any], float]:
    """What `tapehead beaver` says with so many workers, and the seconds that it takes."""
    command = [sys.executable, "-m", "compiled_models", "beaver", str(states), "--limit", str(limit)]
    began = time.perf_counter()
    done = subprocess.run([*command, "--workers", str(workers), "--json"], capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - began
    report = json.loads(done.stdout)
    return {name: value for name, value in report.items() if name not in TIMED}, seconds


def main() -> int:
    """Run them in turns, print what each took."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--states", type=int, default=4)
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    surveyed(2, 20, 1)  # so that the kernel is compiled
    seconds: dict[int, list[float]] = {1: [], given.workers: []}
    reports = []
    print(f"{len(os.sched_getaffinity(0))} cores; beaver {given.states} --limit {given.limit}")
    for _ in range(given.rounds):
        for workers, taken in seconds.items():
            load = os.getloadavg()[0]
            report, each = surveyed(given.states, given.limit, workers)
            reports.append(report)
            taken.append(each)
            print(f"--workers {workers}  {each:6.1f} s  (load before: {load:.1f})", flush=True)
    one, several = (statistics.median(taken) for taken in seconds.values())
    print(f"medians {one:.1f} s and {several:.1f} s: {one / several:.2f} times as fast with {given.workers} workers")
    return int(any(report != reports[0] for report in reports))


if __name__ == "__main__":
    sys.exit(main())

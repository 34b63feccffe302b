"""The busy beaver's tree with one worker and with several, in turns: how evenly is it shared, how much sooner done?

    python benchmarks/beaver_cores.py [--states 4] [--limit 200] [--workers 2] [--rounds 1]

For each: the seconds that pass, and the CPU seconds that each process spends on branches of the tree. On a machine
where others are busy, too, the first say little; the largest share of CPU time is what a calm one would take, but for
the start of the workers. Beside it the load of the machine. Exit status 1 if two of them find another tree.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from compiled_models.sweep import Survey, busy_beaver
from compiled_models.sweep.survey import Branch, survey_of
from compiled_models.workers import Processes
from construction import base_network

__all__ = ["Timed"]


def timed(branch: Branch) -> tuple[Survey, int, float]:
    """What comes of a branch, who ran it, and the CPU seconds that it took."""
    began = time.process_time()
    survey = survey_of(branch)
    return survey, os.getpid(), time.process_time() - began


class Timed:
    """Workers who note who spent how much CPU time on branches."""

    def __init__(self, workers: Processes) -> None:
        self.workers, self.spent = workers, dict[int, float]()

    def answers(self, function: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        """The answers of `survey_of`, whatever the function; see `Workers.answers`."""
        for number, (survey, process, seconds) in self.workers.answers(timed, tasks):
            self.spent[process] = self.spent.get(process, 0.0) + seconds
            yield number, survey


def main() -> int:
    """Run them in turns, print what each took."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    for name, usual in (("states", 4), ("limit", 200), ("workers", 2), ("rounds", 1)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    given = parser.parse_args()
    network = base_network(states=max(8, given.states + 1), symbols=4, code="joint")
    run = partial(busy_beaver, network, given.states, limit=given.limit)
    busy_beaver(network, 2, limit=20)  # so that the kernel is compiled
    passed: dict[int, list[float]] = {1: [], given.workers: []}
    spent: dict[int, list[float]] = {1: [], given.workers: []}
    found = []
    print(f"{len(os.sched_getaffinity(0))} cores; {given.states} states, limit {given.limit}")
    for _ in range(given.rounds):
        for count in passed:
            load, began, workers = os.getloadavg()[0], time.perf_counter(), Timed(Processes(count))
            found.append(run(workers=workers))
            passed[count].append(time.perf_counter() - began)
            shares = sorted(workers.spent.values(), reverse=True)
            spent[count].append(shares[0])
            each = " + ".join(f"{share:.1f}" for share in shares)
            print(
                f"--workers {count}  {passed[count][-1]:5.1f} s; CPU seconds {each}; load before {load:.1f}", flush=True
            )
    for name, taken in (("seconds", passed), ("largest share of CPU time", spent)):
        one, several = (statistics.median(each) for each in taken.values())
        print(f"{name}: {one:.1f} and {several:.1f}, a ratio of {one / several:.2f}")
    return int(any(survey != found[0] for survey in found))


if __name__ == "__main__":
    sys.exit(main())

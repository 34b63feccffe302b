"""The parts of an experiment, spread over workers: what comes of each, in their order, whoever was done first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from compiled_models.elicit.report.experiment import Progress, silent
from compiled_models.workers import Processes, Workers

__all__ = ["spread"]

T = TypeVar("T")
A = TypeVar("A")


def spread(
    function: Callable[[T], A],
    tasks: Sequence[T],
    *,
    workers: Workers | None = None,
    progress: Progress = silent,
    description: str = "",
) -> list[A]:
    """What a function gives for each task, in the order of the tasks.

    Args:
        function: of a module, with nothing but its task to go by; so it gives the same wherever it is called.
        tasks: each of some tenths of a second or more; less, and handing it over costs more than doing it.
        workers: who does them; None: this process.
        progress: runs through the answers as they come.
        description: what `progress` says is being done.

    Raises:
        WorkerError: for a task of which workers die.

    >>> spread(abs, [-3, 2, -1])
    [3, 2, 1]
    """
    answers: list[Any] = [None] * len(tasks)
    coming = (workers or Processes(1)).answers(function, tasks)
    for number, answer in progress(_Answers(coming, len(tasks)), description):
        answers[number] = answer
    return answers


@dataclass(frozen=True)
class _Answers:
    """Answers to come, of which it is known how many there will be: what a progress bar asks for."""

    coming: Iterator[tuple[int, Any]]
    count: int

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        return self.coming

    def __len__(self) -> int:
        return self.count

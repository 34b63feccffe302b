"""What all workers have in common: tasks in, answers out, whatever becomes of a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

from tm import Problem, TapeheadError

__all__ = ["WorkerError", "Workers"]

T = TypeVar("T")
A = TypeVar("A")


class WorkerError(TapeheadError, RuntimeError):
    """A task that no worker gets done: each that was given it has died."""

    @classmethod
    def of(cls, number: int, deaths: int) -> WorkerError:
        """The error of the task of that number, which so many workers died of."""
        hint = "a machine without enough memory is the usual reason: use fewer workers, or larger machines"
        ended = "a worker" if deaths == 1 else f"{deaths} workers"
        return cls(Problem(f"task {number} ended {ended}, and was given to no other", hint=hint))


class Workers(Protocol):
    """Does tasks. A task is done once, whatever becomes of the worker that began with it."""

    def answers(self, function: Callable[[T], A], tasks: Iterable[T]) -> Iterator[tuple[int, A]]:
        """What a function gives for each task, with the task's number from 0 on, in the order in which they get done.

        Args:
            function: of a module, so that a worker elsewhere can import it; with nothing but its task to go by.
            tasks: taken from one by one as workers become free.

        Raises:
            WorkerError: for a task of which workers die.

        Whatever the function raises is raised here, and ends the work.
        """
        ...

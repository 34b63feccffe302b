"""The cores of this machine as workers: a process each, begun only where the work is worth it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from compiled_models.workers.protocol import WorkerError

__all__ = ["Processes"]

T = TypeVar("T")
A = TypeVar("A")

PATIENCE = 2.0
"""Seconds of work in this process before others are begun, each of which takes about as long to import the library."""
DEATHS = 3
"""How many workers may die of one task."""


class Processes:
    """Processes of this machine. A script that uses them does so below `if __name__ == "__main__":`, for each process
    imports the script, as `multiprocessing` has it.

    Args:
        count: how many; None: one for each core that this process may use. With 1 there is none but this one.
        patience: seconds for which this process works alone.

    >>> sorted(Processes(1).answers(abs, [-1, -2]))
    [(0, 1), (1, 2)]
    """

    def __init__(self, count: int | None = None, *, patience: float = PATIENCE) -> None:
        self.count, self.patience = count or _cores(), patience

    def answers(self, function: Callable[[T], A], tasks: Iterable[T]) -> Generator[tuple[int, A], None, None]:
        """What a function gives for each task; see `Workers.answers`."""
        numbered, began = enumerate(tasks), time.monotonic()
        while self.count == 1 or time.monotonic() - began < self.patience:
            if (item := next(numbered, None)) is None:
                return
            yield item[0], function(item[1])
        yield from self._spread(function, numbered)

    def _spread(self, function: Callable[[T], A], numbered: Iterator[tuple[int, T]]) -> Iterator[tuple[int, A]]:
        workers: list[_Worker] = []
        again: deque[tuple[int, T]] = deque()
        deaths: dict[int, int] = {}

        def following() -> tuple[int, T] | None:
            return again.popleft() if again else next(numbered, None)

        try:
            while len(workers) < self.count and (item := following()) is not None:
                workers.append(_Worker(function, item))
            while workers:
                ready = wait([each.connection for each in workers])
                for worker in [each for each in workers if each.connection in ready]:
                    number, task = worker.item
                    try:
                        done, answer = worker.connection.recv()
                    except (EOFError, OSError):  # it died
                        deaths[number] = deaths.get(number, 0) + 1
                        if deaths[number] == DEATHS:
                            raise WorkerError.of(number, DEATHS) from None
                        again.append((number, task))
                        worker.end()
                        workers[workers.index(worker)] = _Worker(function, again.popleft())
                        continue
                    if not done:
                        raise answer
                    if (item := following()) is None:
                        worker.end()
                        workers.remove(worker)
                    else:
                        worker.give(item)
                    yield number, answer
        finally:
            for worker in workers:
                worker.end()


class _Worker:
    """A process, and the task that it has."""

    def __init__(self, function: Callable[[Any], Any], item: tuple[int, Any]) -> None:
        context = _context(function.__module__)
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, function), daemon=True)
        self._process.start()
        theirs.close()  # ours is then the only end there is: when the process ends, it is closed
        self.give(item)

    def give(self, item: tuple[int, Any]) -> None:
        """Give it a task."""
        self.item = item
        try:
            self.connection.send(item[1])
        except OSError:  # it died; whoever waits for its answer finds out
            return

    def end(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self.connection.close()


def _work(connection: Connection, function: Callable[[Any], Any]) -> None:
    """A worker's life: tasks in, answers out, until nobody is there to give any."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for whoever gives the tasks
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        try:
            answer = True, function(task)
        except Exception as error:  # it is raised where the answer is waited for
            answer = False, error
        connection.send(answer)


def _end_with_parent() -> None:
    """A parent that was killed has no use for an answer."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _context(module: str) -> Any:
    """How processes are begun: from a server that has imported what they need; where there is none, each by itself."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([module])
    resource_tracker.ensure_running()  # it would let Ctrl-C through again, below
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:  # the server, and whoever it begins, inherit this: a Ctrl-C while they import is for whoever gives the tasks
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return context


def _cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

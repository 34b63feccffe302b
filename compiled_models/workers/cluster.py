"""A Dask cluster as workers: as many machines as have joined it, each with this library installed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from importlib.metadata import version
from typing import Any, TypeVar

from compiled_models.extra import extra
from compiled_models.workers.protocol import WorkerError
from tm import InputError, Problem

__all__ = ["DaskCluster"]

T = TypeVar("T")
A = TypeVar("A")

ANSWERS = 20  # seconds in which a scheduler answers, and a worker joins
AHEAD = 2  # tasks a thread of a worker: one that it does, and one that is there when it is done


class DaskCluster:
    """The workers of a Dask scheduler. One that dies is noticed by the scheduler, and its tasks done elsewhere.

    Args:
        address: of the scheduler, such as `tcp://10.0.0.1:8786`.
        seconds: how long is waited for an answer, and for a first worker.

    Raises:
        InputError: if Dask is not installed (the extra `dask`).
    """

    def __init__(self, address: str, *, seconds: float = ANSWERS) -> None:
        self.address, self.seconds = address, seconds
        self._dask = extra("distributed", "dask", "work on a Dask cluster")

    def require(self) -> None:
        """Ask whether the cluster can be worked on, before anything is begun, or lost, for it.

        Raises:
            InputError: where no scheduler answers, no worker joins it, or a worker has another version of this library.
        """
        self._client().close()

    def answers(self, function: Callable[[T], A], tasks: Iterable[T]) -> Iterator[tuple[int, A]]:
        """What a function gives for each task; see `Workers.answers`.

        Raises:
            InputError: where no scheduler answers, no worker joins it, or a worker has another version of this library.
            WorkerError: for a task of which workers die, and where the scheduler does.
        """
        numbered, flying = enumerate(tasks), {}
        with self._client() as client:
            done = self._dask.as_completed()
            threads = sum(client.nthreads().values())

            def give() -> bool:
                if (item := next(numbered, None)) is None:
                    return False
                future = client.submit(function, item[1], pure=False)
                flying[future] = item[0]
                done.add(future)
                return True

            while len(flying) < AHEAD * threads and give():
                pass
            for future in done:
                number = flying.pop(future)
                try:
                    answer = future.result()
                    future.release()
                    give()
                except self._dask.KilledWorker as error:
                    raise WorkerError.of(number, error.allowed_failures + 1) from error
                except (CancelledError, OSError) as error:  # the first is for lost ones; the other may be a task's own
                    if isinstance(error, OSError) and client.status == "running":
                        raise
                    hint = "begin it again, or find out why it ended; then give the same command"
                    raise WorkerError(Problem("the Dask scheduler is gone", found=self.address, hint=hint)) from error
                yield number, answer

    def _client(self) -> Any:
        """A client of a scheduler that has workers, all with this version of the library."""
        try:
            client = self._dask.Client(self.address, timeout=self.seconds)
        except (OSError, ValueError, TypeError) as error:
            expected = "the address of a running one, as `dask scheduler` prints it: tcp://HOST:8786"
            raise InputError(Problem("no Dask scheduler answers", expected, self.address)) from error
        try:
            client.wait_for_workers(1, timeout=self.seconds)
            found = client.run(_version)
        except TimeoutError as error:
            client.close()
            hint = f"begin some: dask worker {self.address}"
            raise InputError(Problem("the Dask scheduler has no workers", hint=hint)) from error
        except ImportError as error:
            client.close()
            hint = "install tapehead in the environment of each worker"
            raise InputError(Problem("Dask's workers have no tapehead", found=str(error), hint=hint)) from error
        if others := {worker: name for worker, name in found.items() if name != _version()}:
            client.close()
            named = ", ".join(f"{worker}: {name}" for worker, name in others.items())
            raise InputError(Problem("Dask's workers have another tapehead", _version(), named))
        return client


def _version() -> str:
    return version("tapehead")

"""What a computation costs, in floating-point operations and seconds; and one thread, where that costs least."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

import torch
from torch.utils.flop_counter import FlopCounterMode

__all__ = ["Cost", "one_thread"]


class Cost:
    """Counts while it is entered; where the operations are known already, only the seconds.

    >>> import torch
    >>> with Cost() as cost:
    ...     _ = torch.zeros(3, 4) @ torch.zeros(4, 5)
    >>> cost.flops, cost.seconds > 0
    (120, True)
    """

    def __init__(self, flops: int | None = None) -> None:
        self.flops, self.seconds = flops or 0, 0.0
        self._counter = FlopCounterMode(display=False) if flops is None else None

    def __enter__(self) -> Cost:
        if self._counter:
            self._counter.__enter__()
        self._started = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.seconds = time.perf_counter() - self._started
        if self._counter:
            self._counter.__exit__(kind, error, traceback)
            self.flops = int(self._counter.get_total_flops())


@contextmanager
def one_thread() -> Iterator[None]:
    """PyTorch computes in one thread while this is entered: products this small are faster, and much so if busy.

    >>> with one_thread():
    ...     torch.get_num_threads()
    1
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)

"""What something costs: floating-point operations of all products of matrices, and seconds."""

from __future__ import annotations

import time
from types import TracebackType

from torch.utils.flop_counter import FlopCounterMode

__all__ = ["Cost"]


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

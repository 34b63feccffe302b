"""A head with one key in a kernel: the mean of its values, kept as running sums in variables."""

from __future__ import annotations

import numpy as np

from compiled_models.decoding.entries import Entries
from compiled_models.decoding.kernels.emit.embedding import Residual
from compiled_models.decoding.kernels.emit.feed_forward import column
from compiled_models.decoding.kernels.emit.writer import Writer
from compiled_models.decoding.kernels.recognise import RecognisedHead
from compiled_models.decoding.kernels.routines.arrays import Arrays
from compiled_models.decoding.weights import Flags

__all__ = ["OneKeyHead", "write_output"]


class OneKeyHead:
    """Sums of values; the number of tokens is `seen`."""

    def __init__(self, head: RecognisedHead) -> None:
        self.head, self.name = head, head.name
        self.channels = head.weights.value.matrix.shape[1]
        self.sums = np.zeros(self.channels)

    def arrays(self) -> dict[str, Arrays]:
        """What the source refers to."""
        return {f"{self.name}_sums": self.sums}

    def write_start(self, out: Writer) -> None:
        """Load the sums."""
        for v in range(self.channels):
            out.line(f"{self.name}_s{v} = {self.name}_sums[{v}]")

    def write_memory(self, out: Writer, residual: Residual) -> None:
        """Add this token's values; the sums change only when the token is done with (`write_commit`)."""
        for v in range(self.channels):
            value = out.weighted(column(self.head.weights.value, v, residual))
            out.line(f"{self.name}_n{v} = {self.name}_s{v} + {value}")

    def write_answer(self, out: Writer, before: Residual, after: Residual) -> Residual:
        """Write the output; return the variables afterwards."""
        outputs = {}
        for v in range(self.channels):
            out.line(f"{self.name}_o{v} = {out.rounded(f'{self.name}_n{v} / seen')}")
            outputs[v] = f"{self.name}_o{v}"
        return write_output(out, self.head, outputs, after)

    def write_commit(self, out: Writer) -> None:
        """This token is done with."""
        for v in range(self.channels):
            out.line(f"{self.name}_s{v} = {self.name}_n{v}")

    def write_end(self, out: Writer) -> None:
        """Save the sums."""
        for v in range(self.channels):
            out.line(f"{self.name}_sums[{v}] = {self.name}_s{v}")

    def take(self, entries: Entries) -> bool:
        """Take over entries: always possible."""
        self.sums[:] = entries.sums.sum(0)
        return True

    def entries(self, length: int) -> Entries:
        """The one entry."""
        keys = np.zeros((1, 0), self.head.weights.key.matrix.dtype)
        return Entries(keys, self.sums[None].copy(), np.array([float(length)]))


def write_output(
    out: Writer, head: RecognisedHead, outputs: Residual, residual: Residual, scalar: Flags | None = None
) -> Residual:
    """Add what a head's value channels write to (the scalar) directions; return the variables afterwards."""
    after = dict(residual)
    for d in sorted(set(head.weights.out.targets.tolist())):
        if scalar is not None and not scalar[d]:
            continue
        if terms := column(head.weights.out, d, outputs):
            before = f"{residual[d]} + " if d in residual else ""
            out.line(f"{head.name}_x{d} = {before}{out.weighted(terms)}")
            after[d] = f"{head.name}_x{d}"
    return after

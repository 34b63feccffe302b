"""A head with one key in a kernel: the mean of its values, kept as running sums in variables."""

from __future__ import annotations

import numpy as np

from compiled_models.decoding.entries import Entries
from compiled_models.decoding.kernels.emit.read_out import ReadOut
from compiled_models.decoding.kernels.emit.residual_stream import Residual, column
from compiled_models.decoding.kernels.emit.writer import Writer
from compiled_models.decoding.kernels.heads.head import KernelHead
from compiled_models.decoding.kernels.recognise import RecognisedHead, RecognisedNetwork
from compiled_models.decoding.kernels.routines import Arrays
from construction.vocabulary import Tokens

__all__ = ["OneKeyHead"]


class OneKeyHead(KernelHead):
    """Sums of values; the number of tokens is `seen`."""

    def __init__(self, recognised: RecognisedHead, network: RecognisedNetwork, number: int, read_out: ReadOut) -> None:
        super().__init__(recognised, network, number, read_out)
        self.sums = np.zeros(self.channels)

    def write_start(self, out: Writer) -> None:
        """Load the sums."""
        for v in range(self.channels):
            out.line(f"{self.name}_s{v} = {self.name}_sums[{v}]")

    def write_memory(self, out: Writer, residual: Residual) -> None:
        """Add this token's values."""
        out.comment(f"{self.title(out)}: one key for all tokens, so that what it remembers is the sum of their values")
        for v in range(self.channels):
            self.comment_channels(out, "W_V", [v])
            value = out.weighted(column(self.recognised.weights.value, v, residual))
            out.line(f"{self.name}_n{v} = {self.name}_s{v} + {value}")

    def write_answer(self, out: Writer, before: Residual, after: Residual) -> Residual:
        """The means; see `KernelHead`."""
        out.comment(f"{self.title(out)}: the mean over all tokens so far")
        outputs = {v: f"{self.name}_o{v}" for v in range(self.channels)}
        for v, name in outputs.items():
            out.line(f"{name} = {out.rounded(f'{self.name}_n{v} / seen')}")
        return self.write_output(out, outputs, after)

    def commit(self) -> list[str]:
        """Keep the new sums."""
        return [f"{self.name}_s{v} = {self.name}_n{v}" for v in range(self.channels)]

    def end(self) -> list[str]:
        """Save the sums."""
        return [f"{self.name}_sums[{v}] = {self.name}_s{v}" for v in range(self.channels)]

    def write_row(self, out: Writer) -> None:
        """The sums are 0 again."""
        for v in range(self.channels):
            out.line(f"{self.name}_sums[{v}] = 0.0")

    def arrays(self) -> dict[str, Arrays]:
        """The sums."""
        return {f"{self.name}_sums": self.sums}

    def take_over(self, entries: Entries | None, pending: Tokens) -> bool:
        """Add up the sums of all entries: always possible."""
        if entries is not None:
            self.sums[:] = entries.sums.sum(0)
        return True

    def entries(self, length: int) -> Entries:
        """The one entry."""
        keys = np.zeros((1, 0), self.recognised.weights.key.matrix.dtype)
        return Entries(keys, self.sums[None].copy(), np.array([float(length)]))

"""A network as it is drafted: what of it is read at every position, what is decided, and the arrays of both."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from compiled_models.decoding.kernels.drafting.alike import divided
from compiled_models.decoding.kernels.emit.residual_stream import write_feed_forward
from compiled_models.decoding.kernels.emit.writer import Writer
from compiled_models.decoding.kernels.heads import OneKeyHead
from compiled_models.decoding.kernels.recognise import Unsupported
from compiled_models.decoding.kernels.source import KernelSource
from construction.vocabulary import Kind

__all__ = ["BLOCK", "NUMBER_BITS", "TOKEN_BITS", "WIDTH", "DraftedNetwork"]

BLOCK = 1024
"""Tokens drafted and verified at a time: as many as fit into a processor's nearest cache."""
TOKEN_BITS, NUMBER_BITS = 14, 6
"""Bits of an entry for the number of a token, of which it has two, and for the number of a sum, of which it has one a
head; together they have to fit into the 53 of a double."""
WIDTH = 1 << NUMBER_BITS


class DraftedNetwork:
    """What the functions that draft and verify are written from, for runs whose tokens are of one kind.

    Args:
        kernel: the kernel that the drafts are for.
        kind: of all tokens that are drafted.
        singles: for each parabola head, how many offsets with a single key there are beside the usual one.

    Attributes:
        readers: the parabola heads.
        brought: the scalar directions that tokens bring, each with a literal or where it is looked up.
        moving: the heads with one key, and their value channels to which drafted tokens bring anything.
        arguments: the arrays that the functions have.

    Raises:
        Unsupported: where tokens of this network cannot be verified many at a time.
    """

    def __init__(self, kernel: KernelSource, kind: Kind, singles: list[int]) -> None:
        self.kernel, self.recognised, self.kind, self.singles = kernel, kernel.network, kind, singles
        if self.recognised.weights.dtype != np.float64:
            raise Unsupported("drafts are verified in float64 only")
        self.divided = divided(self.recognised, kernel.heads, kind)
        self.readers = [reading.head for reading in self.divided.readings]
        if 2 * TOKEN_BITS + NUMBER_BITS * len(self.readers) > 53:
            raise Unsupported(f"{len(self.readers)} parabola heads are too many for the number of an entry")
        self.brought = self._brought()
        counters = [head for head in kernel.heads if isinstance(head, OneKeyHead)]
        self.moving = [(head, v) for head in counters for v in range(head.channels) if self._moves(head, v)]
        levels = [f"{array}{i}" for i in range(len(self.readers)) for array in ("after", "level")]
        blocks = [f"{head.name}_{part}" for head in self.readers for part in ("drafted", "numbers")]
        sums = [f"{head.name}_drafted" for head in counters]
        self.arguments = ["table", "ids", "following", "entries", "place", *levels, *blocks, *sums, *kernel.names]
        self.listed = ", ".join(self.arguments)

    def _brought(self) -> dict[int, str]:
        weights, brought, number = self.recognised.weights, {}, 0
        for d in self.kernel.embedding.directions.tolist():
            if any((weights.embed[field.rows, d] != 0).any() for field in self.kind.fields):
                brought[d] = f"table.brought[{number} * span + d]"
                number += 1
            elif weights.embed[self.kind.row, d]:
                brought[d] = repr(float(weights.embed[self.kind.row, d]))
        return brought

    @property
    def varying(self) -> list[int]:
        """The directions of `Table.brought`."""
        return [d for d, text in self.brought.items() if text.startswith("table")]

    def _moves(self, head: OneKeyHead, v: int) -> bool:
        """Whether a drafted token may bring something to a value channel."""
        read = head.recognised.weights.value.matrix[:, v] != 0
        written = self.recognised.weights.written_before(head.recognised.block)
        return bool(read[list(self.brought)].any() or (read & written).any())

    def read(self, i: int, mean: float) -> list[float]:
        """What the sample channel of head i has in the directions of its outcome if its mean is this.

        The lines are those of `verify`, run by Python.
        """
        means = [mean if j == i else 0.0 for j in range(len(self.readers))]
        return list(self._reads(*means)[i])

    @functools.cached_property
    def _reads(self) -> Callable[..., list[list[float]]]:
        out, residual = Writer(self.recognised.weights.dtype), dict[int, str]()
        with out.block(f"def reads({', '.join(f'{head.name}_o0' for head in self.readers)}):"):
            for d, text in self.brought.items():
                if d not in self.varying:
                    out.line(f"x{d} = {text}")
                    residual[d] = f"x{d}"
            for head in self.readers:
                residual = head.write_output(out, {0: f"{head.name}_o0"}, residual)
            residual = write_feed_forward(out, self.divided.sample, self.divided.block, residual)
            outcomes = [", ".join(residual[d] for d in reading.outcome) for reading in self.divided.readings]
            out.line(f"return [{', '.join(f'[{outcome}]' for outcome in outcomes)}]")
        names: dict[str, Callable[..., list[list[float]]]] = {}
        exec(out.text(), {}, names)
        return names["reads"]

"""What every head of a kernel is: the source that it writes, and the data that its source works on."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from compiled_models.decoding.entries import Entries
from compiled_models.decoding.kernels.emit.comments import Matrix
from compiled_models.decoding.kernels.emit.read_out import ReadOut
from compiled_models.decoding.kernels.emit.residual_stream import Residual, column
from compiled_models.decoding.kernels.emit.writer import Writer
from compiled_models.decoding.kernels.recognise import RecognisedHead, RecognisedNetwork
from compiled_models.decoding.kernels.routines import Arrays
from compiled_models.decoding.kernels.sparse import joined, links
from compiled_models.decoding.memory import SKIP
from compiled_models.decoding.weights import Flags, Sparse
from construction.vocabulary import Tokens

__all__ = ["KernelHead"]


class KernelHead(ABC):
    """One head. The methods that write source are called in the order in which the source runs.

    A kernel takes in every token (`write_memory`), but asks only where the next one is wanted (`write_answer`). It may
    return in the middle of a token and start on it again, so what a token changes lasts only from `commit` on.

    Args:
        recognised: its weights and the structure of its keys.
        network: the network that it is of.
        number: its number among all heads, which the kernel's array of gaps and its wishes for room go by.
        read_out: where it notes what it adds to logits on wide directions.

    Attributes:
        name: what its variables begin with.
        match, channels: how many channels its keys and its values have.
        largest: no token's value has an element beyond it (0 where every token counts, near or far).
        queried: the rows of the vocabulary whose lists it follows; `followed`, the variables that hold a token's.
        fixed: the directions that its keys and values are read from, if no generated token may bring any.
    """

    def __init__(self, recognised: RecognisedHead, network: RecognisedNetwork, number: int, read_out: ReadOut) -> None:
        self.recognised, self.network, self.number, self.read_out = recognised, network, number, read_out
        self.name = recognised.name
        self.match, self.channels = recognised.weights.key.matrix.shape[1], recognised.weights.value.matrix.shape[1]
        rows, directions = network.weights.embed.shape
        self.largest = 0.0
        self.queried: Flags = np.zeros(rows, dtype=bool)
        self.followed: list[str] = []
        self.fixed: Flags = np.zeros(directions, dtype=bool)

    # -- source ------------------------------------------------------------------------------------------------------

    def write_start(self, out: Writer) -> None:
        """Load what the loop works on: for a head that looks for the best key, how far it has to lead."""
        out.line(f"{self.name}_gap = gaps[{self.number}]")

    def write_memory(self, out: Writer, residual: Residual) -> None:
        """Take this token in: by default only the prompt's tokens, before the kernel starts."""
        out.comment(f"{self.title(out)}: its keys are the prompt's; no generated token has one")

    @abstractmethod
    def write_answer(self, out: Writer, before: Residual, after: Residual) -> Residual:
        """Answer this token's query, asked of `before`; return the variables `after` with the output added."""

    def commit(self) -> list[str]:
        """The lines that let last what this token changed; none where it changed nothing."""
        return []

    def end(self) -> list[str]:
        """The lines that save the data, without those of a token that is not done with; none where all are in place."""
        return []

    @abstractmethod
    def write_row(self, out: Writer) -> None:
        """Forget the row before, and have what belongs to this row of a batch before its first token (see `rows`)."""

    def title(self, out: Writer) -> str:
        """What comments call it."""
        return out.comments.head(self.recognised.block, self.recognised.weights)

    def comment_channels(self, out: Writer, matrix: Matrix, channels: Iterable[int]) -> None:
        """Say why channels read what they read."""
        out.comment(*out.comments.channels(self.recognised.block, self.recognised.weights, matrix, channels))

    def write_output(self, out: Writer, outputs: Residual, residual: Residual) -> Residual:
        """Add what the value channels write to the scalar directions; return the variables afterwards."""
        after = dict(residual)
        for d in sorted(set(self.recognised.weights.out.targets.tolist())):
            if not self.network.scalar[d]:
                continue
            if terms := column(self.recognised.weights.out, d, outputs):
                before = f"{residual[d]} + " if d in residual else ""
                out.comment(f"{self.name}_x{d}: {out.comments.direction(d)}")
                out.line(f"{self.name}_x{d} = {before}{out.weighted(terms)}")
                after[d] = f"{self.name}_x{d}"
        return after

    # -- data --------------------------------------------------------------------------------------------------------

    @abstractmethod
    def arrays(self) -> dict[str, Arrays]:
        """What the source refers to, by name."""

    @abstractmethod
    def take_over(self, entries: Entries | None, pending: Tokens) -> bool:
        """Go on from the merged entries of a state (None: of no token), which `pending` tokens [n w] follow.

        False if their keys are not of the structure that the weights promise.
        """

    @abstractmethod
    def entries(self, length: int) -> Entries:
        """The merged entries of all `length` tokens that the kernel is done with."""

    def take_table(self, table: Tokens) -> dict[str, Arrays] | None:
        """Get ready for rows whose prompts are made of these tokens [n w]: what `write_row` refers to, by name.

        None where such rows cannot share a kernel.
        """
        return {}

    def make_room(self, wanted: list[int], offset: NDArray[np.float64], token: NDArray[np.int64]) -> bool:
        """Provide what `write_memory` found no room for; False where there is none to be had."""
        return False

    def gap(self, tokens: int) -> float:
        """How far a score must lie behind the best for all such tokens to weigh less than SKIP."""
        return math.log(max(1.0, 2 * self.largest * tokens / SKIP))

    # -- what heads with values of the tokens' own share --------------------------------------------------------------

    def of_rows(self, matrix: Sparse) -> NDArray[np.floating]:
        """What each row of the vocabulary adds to a key or a value [r c]."""
        weights = self.network.weights
        paths = joined(links(weights.embed), links(matrix.matrix))
        added = np.zeros((len(weights.embed), matrix.matrix.shape[1]), weights.dtype)
        np.add.at(added, (paths.sources, paths.targets), paths.weights)
        return added

    def largest_value(self) -> float:
        """No token's value has an element beyond this."""
        values = np.abs(self.network.weights.embed.astype(np.float64) @ self.recognised.weights.value.matrix)  # [r v]
        largest = 0.0
        for kind in self.network.vocabulary.kinds.values():
            rows = values[kind.row] + sum(values[f.rows].max(0) for f in kind.fields)
            largest = max(largest, float(rows.max()))
        return largest

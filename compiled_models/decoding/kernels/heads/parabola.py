"""A parabola head in a kernel: keys (2c, f - c^2, rest) as cells by c for each offset (f, rest).

The kernel takes the best of the candidates, one an offset, if it leads everything else by the gap that makes the rest
of the softmax weigh less than SKIP; otherwise, and where a key is no such key, it gives up and hands the run over.
"""

from __future__ import annotations

import numpy as np

from compiled_models.decoding.entries import Entries
from compiled_models.decoding.kernels.emit.read_out import ReadOut
from compiled_models.decoding.kernels.emit.residual_stream import Residual, column
from compiled_models.decoding.kernels.emit.writer import Writer, integer, listed
from compiled_models.decoding.kernels.heads.head import KernelHead
from compiled_models.decoding.kernels.heads.sum_table import SumTable
from compiled_models.decoding.kernels.recognise import RecognisedHead, RecognisedNetwork
from compiled_models.decoding.kernels.routines import Arrays
from compiled_models.decoding.kernels.routines.cells import Cells, is_parabola
from compiled_models.decoding.memory import MANY_OFFSETS
from construction.vocabulary import Tokens, Vocabulary

__all__ = ["ParabolaHead"]

STRIDE = 2  # numbers a cell
ROOM = 32  # cells on either side of the first one
MOST_CELLS = 1 << 30
FEW = 4  # channels
OF_SUMS = "part", "sums", "after", "held"


class ParabolaHead(KernelHead):
    """One head, and its cells (see `routines.cells.Cells`)."""

    def __init__(self, recognised: RecognisedHead, network: RecognisedNetwork, number: int, read_out: ReadOut) -> None:
        super().__init__(recognised, network, number, read_out)
        self.linear, self.square = recognised.structure.linear, recognised.structure.square
        self.rest = [c for c in range(self.match) if c not in (self.linear, self.square)]
        self.dtype = recognised.weights.key.matrix.dtype
        self.cells = np.zeros(0, dtype=np.int64)
        self.start, self.first, self.width, self.distinct, self.single = (
            np.zeros(MANY_OFFSETS, dtype=np.int64) for _ in range(5)
        )
        self.only = np.zeros(MANY_OFFSETS)
        self.offset_size = self.match - 1
        self.offsets = np.full(MANY_OFFSETS * self.offset_size, np.nan)
        self.known, self.latest, self.undo, self.asked = (np.zeros(n, dtype=np.int64) for n in (1, 1, 6, 2))
        self.mean = np.zeros(self.channels)
        self.largest = self.largest_value()
        self.sums = SumTable(self.of_rows(recognised.weights.value))
        self.brought = [i for i, rows in enumerate(_places(network.vocabulary)) if self.sums.part[rows].any()] or [0]

    # -- source ------------------------------------------------------------------------------------------------------

    def write_memory(self, out: Writer, residual: Residual) -> None:
        """Find the cell of this token's key and add its value."""
        h = self.name
        out.comment(f"{self.title(out)}: the key (2c, f - c^2, rest) of this token, whose value goes into cell c")
        for c in range(self.match):
            self.comment_channels(out, "W_K", [c])
            out.line(f"{h}_k{c} = {out.weighted(column(self.recognised.weights.key, c, residual))}")
        out.line(f"{h}_half = {h}_k{self.linear} * {out.literal(0.5)}")
        out.line(f"{h}_f = {h}_k{self.square} + {h}_half * {h}_half")
        with out.block(f"if not is_parabola({h}_half, {h}_f, {h}_k{self.square}):"):
            out.lines("status = VIOLATED\nbreak")
        offset = listed(f"{h}_f", *(f"{h}_k{c}" for c in self.rest))
        rows = listed(*(f"r{i}" for i in self.brought))
        where = f"{h}, {integer(self.sums.parts)}, {h}_half, {offset}, {rows}, wanted, wanted_offset"
        with out.block(f"if not take_in({where}):"):
            out.lines(f"wanted[0] = {self.number}\nstatus = ROOM\nbreak")

    def write_answer(self, out: Writer, before: Residual, after: Residual) -> Residual:
        """Look up the nearest keys, take the best, write the output; return the variables afterwards."""
        h = self.name
        out.comment(f"{self.title(out)}: the query, and the cell whose key has all the weight")
        for c in range(self.match):
            self.comment_channels(out, "W_Q", [c])
            out.line(f"{h}_q{c} = f64({out.weighted(column(self.recognised.weights.query, c, before))})")
        query = listed(*(f"{h}_q{c}" for c in (self.square, *self.rest)))
        out.line(f"{h}_top = nearest({h}, {h}_q{self.linear}, {query}, {h}_gap)")
        with out.block(f"if {h}_top < 0:"):
            out.lines("status = VIOLATED\nbreak")
        out.comment("The mean of the values in that cell")
        outputs = {v: f"{h}_o{v}" for v in range(self.channels)}
        (self._write_few if self.channels <= FEW else self._write_many)(out, outputs)
        return self.write_output(out, outputs, after)

    def _write_few(self, out: Writer, outputs: Residual) -> None:
        """The mean of few channels: a division each."""
        h = self.name
        out.line(f"{h}_count, {h}_of = f64({h}.cells[{h}_top]), {self.channels} * {h}.cells[{h}_top + 1]")
        for v, name in outputs.items():
            out.line(f"{name} = {out.rounded(f'{h}.sums[{h}_of + {v}] / {h}_count')}")

    def _write_many(self, out: Writer, outputs: Residual) -> None:
        """The mean of many channels: a division only where the sum is not 0."""
        h = self.name
        out.line(f"write_mean({h}, {h}_top, {integer(self.channels)})")
        for v, name in outputs.items():
            out.line(f"{name} = {out.rounded(f'{h}.mean[{v}]')}")
        out.line(f"forget_mean({h}, {h}_top, {integer(self.channels)})")

    def commit(self) -> list[str]:
        """Forget how to take this token's value back."""
        return [f"{self.name}.undo[0] = 0"]

    def end(self) -> list[str]:
        """Take this token's value back if it is not done with."""
        return [f"take_back({self.name})"]

    def write_row(self, out: Writer) -> None:
        """Empty the cells."""
        out.line(f"forget_cells({self.name})")

    # -- data --------------------------------------------------------------------------------------------------------

    def arrays(self) -> dict[str, Arrays]:
        """The cells and the sums of values."""
        of_sums = {name: getattr(self.sums, name) for name in OF_SUMS}
        mine = {name: getattr(self, name) for name in Cells._fields if name not in OF_SUMS}
        return {self.name: Cells(**mine, **of_sums)}

    def make_room(self, wanted: list[int], offset: np.ndarray, token: np.ndarray) -> bool:
        """See to it that there is a cell for (c, offset), or the number of a sum; see `KernelHead`."""
        c, number = wanted
        if number < 0:
            return self._make_cell(offset[: self.offset_size].copy(), c)
        return self.sums.learn(number, [int(self.sums.part[token[i]]) for i in self.brought])

    def _make_cell(self, offset: np.ndarray, c: int) -> bool:
        if (j := self._number(offset)) is not None:
            return self._widen(j, c)
        if (j := int(self.known[0])) == MANY_OFFSETS:
            return False
        self.known[0] += 1
        self._offset(j)[:] = offset
        self.start[j], self.first[j], self.width[j] = len(self.cells) // STRIDE, c - ROOM, 2 * ROOM
        self.single[j], self.distinct[j] = -1, 0
        self.cells = np.concatenate([self.cells, np.zeros(2 * ROOM * STRIDE, dtype=np.int64)])
        return True

    def _offset(self, j: int) -> np.ndarray:
        return self.offsets[j * self.offset_size : (j + 1) * self.offset_size]

    def _number(self, offset: np.ndarray) -> int | None:
        """The number of an offset, if it is known."""
        return next((j for j in range(int(self.known[0])) if np.array_equal(self._offset(j), offset)), None)

    def _widen(self, j: int, c: int) -> bool:
        """Move an offset's cells into a range twice as wide, or as wide as c needs."""
        first, width = int(self.first[j]), int(self.width[j])
        low, high = min(first, c - width), max(first + width, c + width + 1)
        if high - low > MOST_CELLS:
            return False
        offsets, old = int(self.known[0]), self.cells
        before, sizes = (self.start * STRIDE).tolist(), (self.width * STRIDE).tolist()
        self.first[j], self.width[j] = low, high - low
        self.start[:offsets] = np.cumsum([0, *self.width[:offsets]])[:-1]
        cells = int(self.width[:offsets].sum())
        self.cells = np.zeros(cells * STRIDE, dtype=np.int64)  # pages to which nothing is copied cost nothing
        for i in range(offsets):
            to = (int(self.start[i]) + (first - low if i == j else 0)) * STRIDE
            self.cells[to : to + sizes[i]] = old[before[i] : before[i] + sizes[i]]
        for i in np.flatnonzero(self.single >= 0).tolist():
            self.single[i] = (self.start[i] + int(self.only[i]) - self.first[i]) * STRIDE
        return True

    def _cells(self, j: int) -> np.ndarray:
        """An offset's cells: counts and numbers of sums [c 2]."""
        start = int(self.start[j])
        return self.cells.reshape(-1, STRIDE)[start : start + int(self.width[j])]

    def take_over(self, entries: Entries | None, pending: Tokens) -> bool:
        """Put entries into cells; False where they are no parabola, or their sums too many."""
        for key, sums, count in () if entries is None else zip(*entries, strict=True):
            half = key[self.linear] * self.dtype.type(0.5)
            with np.errstate(over="ignore", invalid="ignore"):
                f = key[self.square] + half * half
                if not is_parabola(half, f, key[self.square]):
                    return False
            offset = key[[self.square, *self.rest]].astype(np.float64)
            offset[0] = f
            if not self._has_room(offset, int(half)):
                return False
            j, number = self._number(offset), self.sums.number(sums)
            if j is None or number is None:
                return False
            self._cells(j)[int(half) - self.first[j]] = count, number
            self.distinct[j] += 1
            self.single[j], self.only[j] = -1, half
            if self.distinct[j] == 1:
                self.single[j] = (self.start[j] + int(half) - self.first[j]) * STRIDE
        return True

    def _has_room(self, offset: np.ndarray, c: int) -> bool:
        j = self._number(offset)
        return (j is not None and 0 <= c - self.first[j] < self.width[j]) or self._make_cell(offset, c)

    def entries(self, length: int) -> Entries:
        """All entries, with their keys put together again."""
        keys, cells = [np.zeros((0, self.match), self.dtype)], [np.zeros((0, STRIDE), dtype=np.int64)]
        for j in range(int(self.known[0])):
            places = np.flatnonzero(self._cells(j)[:, 0])
            c = (places + self.first[j]).astype(self.dtype)
            key = np.zeros((len(places), self.match), self.dtype)
            key[:, [self.square, *self.rest]] = self._offset(j)
            key[:, self.linear] = 2 * c
            key[:, self.square] -= c * c
            keys.append(key)
            cells.append(self._cells(j)[places])
        counts, numbers = np.concatenate(cells).T
        sums = self.sums.sums.reshape(-1, self.channels)[numbers]
        return Entries(np.concatenate(keys), sums, counts.astype(np.float64))


def _places(vocabulary: Vocabulary) -> list[list[int]]:
    """For each place in a token, the rows that may stand there."""
    places: list[list[int]] = [[] for _ in range(vocabulary.width)]
    for kind in vocabulary.kinds.values():
        places[0].append(kind.row)
        for place, field in enumerate(kind.fields, 1):
            places[place] += range(*field.rows.indices(vocabulary.rows))
    return places

"""A parabola head in a kernel: keys (2c, f - c^2, rest) as cells by c for each offset (f, rest).

The kernel takes the best of the candidates, one an offset, if it leads everything else by the gap that makes the rest
of the softmax weigh less than SKIP; otherwise, and where a key is no such key, it gives up and hands the run over.
"""

from __future__ import annotations

import numpy as np

from compiled_models.decoding.entries import Entries
from compiled_models.decoding.kernels.embedding import Residual
from compiled_models.decoding.kernels.feed_forward import column
from compiled_models.decoding.kernels.gathering import of_rows
from compiled_models.decoding.kernels.one_key import write_output
from compiled_models.decoding.kernels.plan import Head, Plan
from compiled_models.decoding.kernels.sum_table import SumTable
from compiled_models.decoding.kernels.writer import Writer
from compiled_models.decoding.memory import MANY_OFFSETS
from construction.vocabulary import Vocabulary

__all__ = ["ParabolaHead"]

CELLS = ("cells", "start", "first", "width", "distinct", "single", "only", "offsets", "known")
STRIDE = 2  # a cell: how many tokens have its key, and the number of their values' sum
ROOM = 32  # cells on either side of the first one
FAR = 2.0**52  # no c beyond it


class ParabolaHead:
    """There is a cell for each c between an offset's `first` and `first + width`, from `start` on.

    `distinct` is the number of an offset's keys; if it is 1, `only` is that key's c and `single` where its cell is,
    otherwise `single` is -1. There are `known` offsets; offset j is the key with c = 0.
    """

    def __init__(self, head: Head, plan: Plan, number: int) -> None:
        self.head, self.name, self.number = head, head.name, number
        self.linear, self.square = head.structure.linear, head.structure.square
        self.match, self.channels = head.weights.key.matrix.shape[1], head.weights.value.matrix.shape[1]
        self.rest = [c for c in range(self.match) if c not in (self.linear, self.square)]
        self.dtype = head.weights.key.matrix.dtype
        self.cells = np.zeros(0, dtype=np.int64)
        self.start, self.first, self.width, self.distinct, self.single = (
            np.zeros(MANY_OFFSETS, dtype=np.int64) for _ in range(5)
        )
        self.only = np.zeros(MANY_OFFSETS)
        self.offsets = np.full(MANY_OFFSETS * self.match, np.nan)
        self.known = np.zeros(1, dtype=np.int64)
        self.largest = largest_value(head, plan)
        self.sums = SumTable(of_rows(plan, head.weights.value))
        self.brought = [i for i, rows in enumerate(_places(plan.vocabulary)) if self.sums.part[rows].any()]

    def arrays(self) -> dict[str, np.ndarray]:
        """What the source refers to."""
        cells = {f"{self.name}_{name}": getattr(self, name) for name in CELLS}
        return cells | {f"{self.name}_{name}": getattr(self.sums, name) for name in ("part", "sums", "after")}

    # -- source ------------------------------------------------------------------------------------------------------

    def write_start(self, out: Writer) -> None:
        """Begin with any offset."""
        h = self.name
        out.line(f"{h}_last, {h}_gap, {h}_added = 0, gaps[{self.number}], False")
        out.line(f"{h}_at, {h}_was, {h}_old, {h}_sum = 0, 0, 0, 0")

    def write_memory(self, out: Writer, residual: Residual) -> None:
        """Find the cell of this token's key and add its value."""
        h = self.name
        for c in range(self.match):
            out.line(f"{h}_k{c} = {out.weighted(column(self.head.weights.key, c, residual))}")
        out.line(f"{h}_half = {h}_k{self.linear} * {out.literal(0.5)}")
        out.line(f"{h}_f = {h}_k{self.square} + {h}_half * {h}_half")
        out.line(f"{h}_c = int({h}_half) if abs({h}_half) < {FAR!r} else 0")
        with out.block(f"if {h}_c != {h}_half or {h}_f - {h}_half * {h}_half != {h}_k{self.square}:"):
            out.lines("status = VIOLATED\nbreak")
        self._write_place(out)
        self._write_sum(out)
        self._write_add(out)

    def _write_place(self, out: Writer) -> None:
        h, wanted = self.name, [(self.square, f"{self.name}_f")] + [(c, f"{self.name}_k{c}") for c in self.rest]
        same = " and ".join(f"{h}_offsets[{self.match} * {{0}} + {c}] == {name}" for c, name in wanted)
        with out.block(f"if not ({same.format(f'{h}_last')}):"):
            out.line(f"{h}_last = -1")
            with out.block(f"for j in range({h}_known[0]):"), out.block(f"if {same.format('j')}:"):
                out.line(f"{h}_last = j")
        out.line(f"{h}_i = {h}_c - {h}_first[{h}_last] if {h}_last >= 0 else -1")
        with out.block(f"if {h}_i < 0 or {h}_i >= {h}_width[{h}_last]:"):
            self._write_want(out, f"{h}_c", "-1")
            out.line(f"{h}_last = 0")
            for c, name in wanted:
                out.line(f"wanted_offset[{c}] = {name}")
            out.lines("status = ROOM\nbreak")
        out.line(f"{h}_at = ({h}_start[{h}_last] + {h}_i) * {STRIDE}")

    def _write_want(self, out: Writer, what: str, part: str) -> None:
        """Give up for now: a cell for c is missing, or what comes after a sum."""
        out.line(f"wanted[0], wanted[1], wanted[2] = {self.number}, {what}, {part}")

    def _write_sum(self, out: Writer) -> None:
        """Look up the number of the cell's sum after this token."""
        h = self.name
        out.line(f"{h}_sum = {h}_cells[{h}_at + 1]")
        before = f"{h}_sum"
        for i in self.brought:
            out.line(f"{h}_part{i} = {h}_part[r{i}]")
            out.line(f"{h}_sum{i} = {h}_after[{self.sums.parts} * {before} + {h}_part{i}]")
            with out.block(f"if {h}_sum{i} < 0:"):
                self._write_want(out, before, f"{h}_part{i}")
                out.lines("status = ROOM\nbreak")
            before = f"{h}_sum{i}"
        out.line(f"{h}_new = {before}")

    def _write_add(self, out: Writer) -> None:
        h = self.name
        out.line(f"{h}_old, {h}_was, {h}_added = {h}_cells[{h}_at], {h}_single[{h}_last], True")
        with out.block(f"if {h}_old == 0:"):
            out.line(f"{h}_distinct[{h}_last] += 1")
            out.line(f"{h}_single[{h}_last] = -1")
            with out.block(f"if {h}_distinct[{h}_last] == 1:"):
                out.line(f"{h}_single[{h}_last], {h}_only[{h}_last] = {h}_at, {h}_half")
        out.line(f"{h}_cells[{h}_at], {h}_cells[{h}_at + 1] = {h}_old + 1, {h}_new")

    def write_commit(self, out: Writer) -> None:
        """This token is done with."""
        out.line(f"{self.name}_added = False")

    def write_end(self, out: Writer) -> None:
        """Take this token's value back if it is not done with."""
        h = self.name
        with out.block(f"if {h}_added:"):
            with out.block(f"if {h}_old == 0:"):
                out.line(f"{h}_distinct[{h}_last] -= 1")
            out.line(f"{h}_cells[{h}_at], {h}_cells[{h}_at + 1] = {h}_old, {h}_sum")
            out.line(f"{h}_single[{h}_last] = {h}_was")

    def write_answer(self, out: Writer, before: Residual, after: Residual) -> Residual:
        """Look up the nearest keys, take the best, write the output; return the variables afterwards."""
        h = self.name
        for c in range(self.match):
            out.line(f"{h}_q{c} = f64({out.weighted(column(self.head.weights.query, c, before))})")
        self._write_nearest(out)
        outputs = {}
        out.line(f"{h}_count, {h}_of = f64({h}_cells[{h}_top]), {self.channels} * {h}_cells[{h}_top + 1]")
        for v in range(self.channels):
            out.line(f"{h}_o{v} = {out.rounded(f'{h}_sums[{h}_of + {v}] / {h}_count')}")
            outputs[v] = f"{h}_o{v}"
        return write_output(out, self.head, outputs, after)

    def _write_nearest(self, out: Writer) -> None:
        """The key with all the weight: an offset's only one, or the one nearest to r; no other is nearer than `far`."""
        h, a, b = self.name, f"{self.name}_q{self.linear}", f"{self.name}_q{self.square}"
        rest = "".join(f" + {h}_q{c} * {h}_offsets[{self.match} * j + {c}]" for c in self.rest)
        square = f"{h}_offsets[{self.match} * j + {self.square}]"
        out.lines(f"""
{h}_r = {a} / {b} if {b} > 0.0 else inf
if not (abs({h}_r) < {FAR!r}):
    status = VIOLATED
    break
{h}_p = int(math.floor({h}_r + 0.5))
{h}_far = 1.0 - abs({h}_r - {h}_p)
{h}_best, {h}_next, {h}_top = -inf, -inf, 0
for j in range({h}_known[0]):
    at, place = {h}_single[j], {h}_only[j]
    if at < 0:
        others = {a} * {h}_r - {b} * {h}_far * {h}_far + {b} * {square}{rest}
        if others > {h}_next:
            {h}_next = others
        i, place = {h}_p - {h}_first[j], f64({h}_p)
        if i < 0 or i >= {h}_width[j]:
            continue
        at = ({h}_start[j] + i) * {STRIDE}
        if {h}_cells[at] == 0:
            continue
    score = {a} * (2.0 * place) + {b} * ({square} - place * place){rest}
    if score > {h}_best:
        if {h}_best > {h}_next:
            {h}_next = {h}_best
        {h}_best, {h}_top = score, at
    elif score > {h}_next:
        {h}_next = score
if not ({h}_best - {h}_next >= {h}_gap):
    status = VIOLATED
    break
""")

    def routines(self) -> dict[str, str]:
        """None."""
        return {}

    # -- data --------------------------------------------------------------------------------------------------------

    def provide(self, offset: np.ndarray, wanted: int, part: int) -> bool:
        """See to it that there is a cell for (offset, c), or the number of a sum; False where there is no room."""
        return self._make_room(offset, wanted) if part < 0 else self.sums.learn(wanted, part)

    def _make_room(self, offset: np.ndarray, c: int) -> bool:
        if (j := self._number(offset)) is not None:
            return self._widen(j, c)
        if (j := int(self.known[0])) == MANY_OFFSETS:
            return False
        self.known[0] += 1
        self._offset(j)[:] = offset
        self._offset(j)[self.linear] = 0
        self.start[j], self.first[j], self.width[j] = len(self.cells) // STRIDE, c - ROOM, 2 * ROOM
        self.single[j], self.distinct[j] = -1, 0
        self.cells = np.concatenate([self.cells, np.zeros(2 * ROOM * STRIDE, dtype=np.int64)])
        return True

    def _offset(self, j: int) -> np.ndarray:
        return self.offsets[j * self.match : (j + 1) * self.match]

    def _number(self, offset: np.ndarray) -> int | None:
        """The number of an offset, if it is known."""
        wanted = [self.square, *self.rest]
        numbers = range(int(self.known[0]))
        return next((j for j in numbers if np.array_equal(self._offset(j)[wanted], offset[wanted])), None)

    def _widen(self, j: int, c: int) -> bool:
        """Move an offset's cells into a range twice as wide, or as wide as c needs."""
        first, width = int(self.first[j]), int(self.width[j])
        low, high = min(first, c - width), max(first + width, c + width + 1)
        if high - low > MOST_CELLS:
            return False
        known, old = int(self.known[0]), self.cells
        before, sizes = (self.start * STRIDE).tolist(), (self.width * STRIDE).tolist()
        self.first[j], self.width[j] = low, high - low
        self.start[:known] = np.cumsum([0, *self.width[:known]])[:-1]
        cells = int(self.width[:known].sum())
        self.cells = np.zeros(cells * STRIDE, dtype=np.int64)  # pages to which nothing is copied cost nothing
        for i in range(known):
            to = (int(self.start[i]) + (first - low if i == j else 0)) * STRIDE
            self.cells[to : to + sizes[i]] = old[before[i] : before[i] + sizes[i]]
        for i in np.flatnonzero(self.single >= 0).tolist():
            self.single[i] = (self.start[i] + int(self.only[i]) - self.first[i]) * STRIDE
        return True

    def _cells(self, j: int) -> np.ndarray:
        """An offset's cells: counts and numbers of sums [c 2]."""
        start = int(self.start[j])
        return self.cells.reshape(-1, STRIDE)[start : start + int(self.width[j])]

    def take(self, entries: Entries) -> bool:
        """Take over entries; False where they are no parabola, or their sums too many."""
        for key, sums, count in zip(*entries, strict=True):
            half = key[self.linear] * self.dtype.type(0.5)
            offset = key.astype(np.float64)
            offset[self.square] = key[self.square] + half * half
            if half != int(half) or not self._has_room(offset, int(half)):
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
        return (j is not None and 0 <= c - self.first[j] < self.width[j]) or self._make_room(offset, c)

    def entries(self, length: int) -> Entries:
        """All entries, with their keys put together again."""
        keys, cells = [np.zeros((0, self.match), self.dtype)], [np.zeros((0, STRIDE), dtype=np.int64)]
        for j in range(int(self.known[0])):
            taken = np.flatnonzero(self._cells(j)[:, 0])
            c = (taken + self.first[j]).astype(self.dtype)
            key = np.repeat(self._offset(j).astype(self.dtype)[None], len(taken), 0)
            key[:, self.linear] = 2 * c
            key[:, self.square] -= c * c
            keys.append(key)
            cells.append(self._cells(j)[taken])
        counts, numbers = np.concatenate(cells).T
        sums = self.sums.sums.reshape(-1, self.channels)[numbers]
        return Entries(np.concatenate(keys), sums, counts.astype(np.float64))


MOST_CELLS = 1 << 30


def largest_value(head: Head, plan: Plan) -> float:
    """No token's value, of a head whose values are the tokens' own, has an element beyond this."""
    values = np.abs(plan.weights.embed.astype(np.float64) @ head.weights.value.matrix)  # [r v]
    largest = 0.0
    for kind in plan.vocabulary.kinds.values():
        largest = max(largest, float((values[kind.row] + sum(values[f.rows].max(0) for f in kind.fields)).max()))
    return largest


def _places(vocabulary: Vocabulary) -> list[list[int]]:
    """For each place in a token, the rows that may stand there."""
    places: list[list[int]] = [[] for _ in range(vocabulary.width)]
    for kind in vocabulary.kinds.values():
        places[0].append(kind.row)
        for place, field in enumerate(kind.fields, 1):
            places[place] += range(*field.rows.indices(vocabulary.rows))
    return places

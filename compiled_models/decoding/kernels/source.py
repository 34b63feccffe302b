"""The source of a network's kernel: a loop that takes in a token, and if it is the last one known, makes the next.

What later keys and values depend on is computed for every token; the rest only where the next token is wanted.
"""

from __future__ import annotations

import numpy as np

from compiled_models.decoding.kernels.emit.embedding import Embedding, Residual
from compiled_models.decoding.kernels.emit.feed_forward import write_feed_forward
from compiled_models.decoding.kernels.emit.read_out import ReadOut
from compiled_models.decoding.kernels.emit.writer import Writer, unsigned_indices
from compiled_models.decoding.kernels.heads.matching import MatchingHead
from compiled_models.decoding.kernels.heads.one_key import OneKeyHead
from compiled_models.decoding.kernels.heads.parabola import ParabolaHead
from compiled_models.decoding.kernels.recognise import RecognisedNetwork
from compiled_models.decoding.kernels.routines import decorator
from compiled_models.decoding.kernels.routines import source as routines
from compiled_models.decoding.kernels.routines.arrays import Arrays
from compiled_models.decoding.kernels.routines.cells import FAR
from compiled_models.decoding.kernels.routines.draw import CLEAR
from compiled_models.decoding.kernels.routines.logits import Landing
from compiled_models.decoding.kernels.routines.search import CHANNEL_BITS
from compiled_models.decoding.kernels.sparse import joined, links, lists
from compiled_models.decoding.sampler import merged_edge

__all__ = ["CLOSE", "DONE", "ROOM", "STOPPED", "VIOLATED", "KernelSource"]

DONE, STOPPED, VIOLATED, ROOM, CLOSE = range(5)
"""Why a kernel returns: enough tokens; the stop token; a head's keys are not as recognised; a table is too small;
rounding could decide a draw."""

HEADER = f"""# Generated from the non-zero weights of a network.
from __future__ import annotations

import math

import numpy as np
from numba import njit

f32, f64, i64, unsigned, inf = np.float32, np.float64, np.int64, np.uint64, math.inf
DONE, STOPPED, VIOLATED, ROOM, CLOSE = {DONE}, {STOPPED}, {VIOLATED}, {ROOM}, {CLOSE}
FAR, CHANNEL_BITS, CLEAR = {FAR!r}, {CHANNEL_BITS}, {CLEAR!r}


"""


class KernelSource:
    """The parts of a kernel, its source and the arrays that it is called with.

    Args:
        drawn: whether tokens are drawn by their probabilities.
    """

    def __init__(self, network: RecognisedNetwork, stop: tuple[int, ...], *, drawn: bool = False) -> None:
        self.network, self.stop, self.drawn = network, stop, drawn
        self.read_out = ReadOut(network)
        self.one_key: list[OneKeyHead] = []
        self.parabolas: list[ParabolaHead] = []
        self.matching: list[MatchingHead] = []
        for number, head in enumerate(network.heads):
            if head.structure.name == "one key":
                self.one_key.append(OneKeyHead(head))
            elif head.structure.name == "parabola":
                self.parabolas.append(ParabolaHead(head, network, number))
            else:
                self.matching.append(MatchingHead(head, network, number, self.read_out))
        self._link_rows()
        listed = np.logical_or.reduce([self.row_reaches, *(head.queried for head in self.matching)])
        self.embedding = Embedding(network, listed, self._adds())
        for part in self.matching:
            part.followed = self.embedding.followed
        self.text = self._text()
        self.shared = self._shared()

    def _link_rows(self) -> None:
        """The weights on wide directions from a token's rows straight to logits."""
        weights = self.network.weights
        wide = np.where(~self.network.scalar, weights.embed, 0)
        paths = joined(links(wide), links(weights.unembed.matrix))
        self.row_reaches = np.zeros(len(wide), dtype=bool)
        self.row_reaches[paths.sources] = True
        self.row_groups = sorted(set(self.read_out.group[paths.targets].tolist()))
        self._row_logits: dict[str, Arrays] = {}
        for group in self.row_groups:
            there = self.read_out.group[paths.targets] == group
            self.read_out.allow(group, int(there.sum()))
            self._row_logits[f"lists{group}"] = Landing(*lists(paths.of(there), len(wide)))

    def _adds(self) -> np.ndarray:
        """Which rows add to a key or value of a head with finitely many keys."""
        embed = self.network.weights.embed
        read = [head.head.weights.key.read | head.head.weights.value.read for head in self.matching]
        return (embed[:, np.logical_or.reduce([np.zeros(embed.shape[1], dtype=bool), *read])] != 0).any(1)

    def _shared(self) -> dict[str, Arrays]:
        """The arrays that belong to no head, by name."""
        every = self._row_logits | self.read_out.arrays() | self.embedding.arrays()
        if self.drawn:
            every |= {
                "logits": np.zeros(self.network.vocabulary.rows, self.network.weights.dtype),
                "kinds": _kinds(self.network),
            }
        return every

    # -- source ------------------------------------------------------------------------------------------------------

    def _text(self) -> str:
        out, width = Writer(self.network.weights.dtype), self.network.vocabulary.width
        self.names = [*self._shared(), *(name for part in self.parts for name in part.arrays())]
        out.line(decorator(drawn=self.drawn))
        fixed = "prompt, out, n, limit, draws, gaps, progress, wanted, wanted_offset"
        with out.block(f"def advance({fixed}, {', '.join(self.names)}):"):
            out.line("position, fed, first_made = progress[0], progress[1], progress[2]")
            out.line("known, status = len(prompt), DONE")
            for part in self.parts:
                part.write_start(out)
            for i in range(width):
                out.line(f"r{i} = prompt[fed, {i}]")
            with out.block("while n < limit:"):
                self._write_token(out)
            for part in self.parts:
                part.write_end(out)
            out.line("progress[0], progress[1] = position, fed")
            out.line("return n, status")
        return "\n".join([HEADER, unsigned_indices(routines(drawn=self.drawn)), unsigned_indices(out.text()), ""])

    @property
    def parts(self) -> list[OneKeyHead | ParabolaHead | MatchingHead]:
        """The heads."""
        return [*self.one_key, *self.parabolas, *self.matching]

    def _write_token(self, out: Writer) -> None:
        self.read_out.write_start(out)
        out.line("seen = position + 1.0")
        out.line(f"t = {out.rounded('seen')}")
        residual = self.embedding.write(out)
        later: list[int] = []
        for number in range(len(self.network.weights.blocks)):
            self._write_memory(out, number, residual)
            if number >= self._first_answer():
                later.append(number)
            else:
                residual = self._write_answer(out, number, residual)
        with out.block("if fed < known - 1:"):
            self._write_next(out)
            out.line("fed += 1")
            for i in range(self.network.vocabulary.width):
                out.line(f"r{i} = prompt[fed, {i}]")
            out.line("continue")
        for number in later:
            residual = self._write_answer(out, number, residual)
        self._write_choice(out, residual)

    def _first_answer(self) -> int:
        """The first block from which on nothing is needed for later keys and values."""
        needed = self.network.needed
        return 1 + max((i for i, block in enumerate(needed) if block.attention or block.feed_forward), default=-1)

    def _write_memory(self, out: Writer, number: int, residual: Residual) -> None:
        for part in self.parts:
            if part.head.block == number:
                part.write_memory(out, residual)

    def _write_answer(self, out: Writer, number: int, residual: Residual) -> Residual:
        after = residual
        for part in self.parts:
            if part.head.block == number:
                after = part.write_answer(out, residual, after)
        return write_feed_forward(out, self.network.weights.blocks[number], number, after)

    def _write_next(self, out: Writer) -> None:
        for part in self.parts:
            part.write_commit(out)
        out.line("position += 1")

    def _write_choice(self, out: Writer, residual: Residual) -> None:
        for row in self.embedding.followed:
            for group in self.row_groups:
                self.read_out.write_note(out, group, f"land(lists{group}", row)
        width = self.network.vocabulary.width
        if self.drawn:
            self.read_out.write_logits(out, residual)
            within = merged_edge(self.network.weights)
            with out.block(f"if not draw(logits, draws[n], kinds, out[n], {within!r}):"):
                out.lines("status = CLOSE\nbreak")
            for i in range(width):
                out.line(f"r{i} = out[n, {i}]")
        else:
            self.read_out.write_best(out, residual)
            for i in range(width):
                out.line(f"out[n, {i}] = r{i}")
        out.line("n += 1")
        self._write_next(out)
        stop = " and ".join(f"r{i} == {row}" for i, row in enumerate(self.stop))
        with out.block(f"if {stop}:"):
            out.lines("status = STOPPED\nbreak")


def _kinds(network: RecognisedNetwork) -> np.ndarray:
    """The vocabulary for `draw`: each kind's row and number of fields, then each field's first row and length."""
    kinds = list(network.vocabulary.kinds.values())
    table = np.zeros((len(kinds), 2 + 2 * (network.vocabulary.width - 1)), dtype=np.int64)
    for k, kind in enumerate(kinds):
        table[k, :2] = kind.row, len(kind.fields)
        for i, field in enumerate(kind.fields):
            table[k, 2 + 2 * i : 4 + 2 * i] = field.first, len(field.labels)
    return table

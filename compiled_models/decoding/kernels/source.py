"""The source of a network's kernel: a loop that takes in a token, and if it is the last one known, makes the next.

What later keys and values depend on is computed for every token; the rest only where the next token is wanted.
"""

from __future__ import annotations

import inspect

import numpy as np

from compiled_models.decoding.kernels.emit.comments import Comments, comments_for
from compiled_models.decoding.kernels.emit.read_out import ReadOut
from compiled_models.decoding.kernels.emit.residual_stream import Embedding, Residual, write_feed_forward
from compiled_models.decoding.kernels.emit.writer import Writer, finished
from compiled_models.decoding.kernels.heads import heads_of
from compiled_models.decoding.kernels.recognise import RecognisedNetwork, recognise
from compiled_models.decoding.kernels.routines import Arrays, cells, draw, logits, search
from compiled_models.decoding.kernels.routines.logits import Landing
from compiled_models.decoding.kernels.sparse import joined, links, lists
from compiled_models.decoding.sampler import merged_edge
from compiled_models.decoding.weights import read_weights
from construction.network import Network
from construction.vocabulary import Vocabulary

__all__ = ["CLOSE", "DONE", "MISSED", "ROOM", "STOPPED", "VIOLATED", "WRONG", "KernelSource", "commented_source"]

DONE, STOPPED, VIOLATED, ROOM, CLOSE, MISSED, WRONG = range(7)
"""Why a kernel returns: enough tokens; the stop token; a head's keys are not as recognised; a table is too small;
rounding could decide a draw; no draft for this situation; a draft that is not what the network generates."""

HEADER = f"""# Generated from the non-zero weights of a network.
from __future__ import annotations

import math

import numpy as np
from numba import njit

f32, f64, i64, unsigned, inf = np.float32, np.float64, np.int64, np.uint64, math.inf
DONE, STOPPED, VIOLATED, ROOM, CLOSE, MISSED, WRONG = range({WRONG + 1})
FAR, CHANNEL_BITS, CLEAR = {cells.FAR!r}, {search.CHANNEL_BITS}, {draw.CLEAR!r}


"""


def commented_source(network: Network, vocabulary: Vocabulary, stop: tuple[int, ...], *, drawn: bool = False) -> str:
    """The source of a network's kernel, for people: with comments, which machine code is made without.

    Raises:
        Unsupported: as `recognise` does.

    >>> from construction import base_network
    >>> from construction.vocabulary import machine_vocabulary
    >>> vocabulary = machine_vocabulary(3, 2, 1, "joint")
    >>> source = commented_source(base_network(states=3, symbols=2), vocabulary, vocabulary.token("STOP"))
    >>> "# The query asks for the cell p under the head; p is kept as p + M." in source
    True
    """
    recognised = recognise(read_weights(network), vocabulary)
    return KernelSource(recognised, stop, drawn=drawn, comments=comments_for(network)).text


class KernelSource:
    """The parts of a kernel, its source and the arrays that it is called with.

    Args:
        drawn: whether tokens are drawn by their probabilities.
        comments: the words to explain the source in, for people; None: a source for the compiler.
    """

    def __init__(
        self,
        network: RecognisedNetwork,
        stop: tuple[int, ...],
        *,
        drawn: bool = False,
        comments: Comments | None = None,
    ) -> None:
        self.network, self.stop, self.drawn, self.comments = network, stop, drawn, comments
        self.read_out = ReadOut(network)
        self.heads = heads_of(network, self.read_out)
        self._link_rows()
        listed = np.logical_or.reduce([self.row_reaches, *(head.queried for head in self.heads)])
        fixed = np.logical_or.reduce([np.zeros_like(network.scalar), *(head.fixed for head in self.heads)])
        self.embedding = Embedding(network, listed, (network.weights.embed[:, fixed] != 0).any(1))
        for head in self.heads:
            head.followed = self.embedding.followed
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
        out, width = Writer(self.network.weights.dtype, self.comments), self.network.vocabulary.width
        self.names = [*self._shared(), *(name for head in self.heads for name in head.arrays())]
        out.line(_decorator(drawn=self.drawn))
        fixed = "prompt, out, n, limit, draws, gaps, progress, wanted, wanted_offset"
        with out.block(f"def advance({fixed}, {', '.join(self.names)}):"):
            out.line("position, fed, first_made = progress[0], progress[1], progress[2]")
            out.line("known, status = len(prompt), DONE")
            for head in self.heads:
                head.write_start(out)
            for i in range(width):
                out.line(f"r{i} = prompt[fed, {i}]")
            with out.block("while n < limit:"):
                self._write_token(out)
            out.comment("What the next call goes on with")
            for line in (line for head in self.heads for line in head.end()):
                out.line(line)
            out.line("progress[0], progress[1] = position, fed")
            out.line("return n, status")
        return "\n".join([HEADER, finished(_routines(drawn=self.drawn)), finished(out.text()), ""])

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
                residual = self.write_answer(out, number, residual)
        out.comment("Only where the next token is wanted are queries asked")
        with out.block("if fed < known - 1:"):
            self._write_next(out)
            out.line("fed += 1")
            for i in range(self.network.vocabulary.width):
                out.line(f"r{i} = prompt[fed, {i}]")
            out.line("continue")
        for number in later:
            residual = self.write_answer(out, number, residual)
        self._write_choice(out, residual)

    def _first_answer(self) -> int:
        """The first block from which on nothing is needed for later keys and values."""
        needed = self.network.needed
        return 1 + max((i for i, block in enumerate(needed) if block.attention or block.feed_forward), default=-1)

    def _write_memory(self, out: Writer, number: int, residual: Residual) -> None:
        for head in self.heads:
            if head.recognised.block == number:
                head.write_memory(out, residual)

    def write_answer(self, out: Writer, number: int, residual: Residual) -> Residual:
        """Write what the heads of a block answer and its feed-forward layer; return the variables afterwards."""
        after = residual
        for head in self.heads:
            if head.recognised.block == number:
                after = head.write_answer(out, residual, after)
        if self.network.weights.blocks[number].units.size:
            out.comment(f"{out.comments.block(number)}, feed-forward")
        return write_feed_forward(out, self.network.weights.blocks[number], number, after)

    def _write_next(self, out: Writer) -> None:
        out.comment("This token is done with")
        for line in (line for head in self.heads for line in head.commit()):
            out.line(line)
        out.line("position += 1")

    def write_likeliest(self, out: Writer, residual: Residual) -> None:
        """Write the likeliest token's rows into r0, r1, ..."""
        self._write_notes(out)
        self.read_out.write_best(out, residual)

    def _write_notes(self, out: Writer) -> None:
        for row in self.embedding.followed:
            for group in self.row_groups:
                self.read_out.write_note(out, group, f"land(lists{group}", row)
        out.comment("The next token")

    def _write_choice(self, out: Writer, residual: Residual) -> None:
        width = self.network.vocabulary.width
        if self.drawn:
            self._write_notes(out)
            self.read_out.write_logits(out, residual)
            within = merged_edge(self.network.weights)
            with out.block(f"if not draw(logits, draws[n], kinds, out[n], {within!r}):"):
                out.lines("status = CLOSE\nbreak")
            for i in range(width):
                out.line(f"r{i} = out[n, {i}]")
        else:
            self.write_likeliest(out, residual)
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


def _decorator(*, drawn: bool, options: str = "") -> str:
    """How numba is to compile a function of a kernel; only a draw makes arrays, and without any it compiles sooner."""
    return f"@njit(error_model='numpy'{'' if drawn else ', _nrt=False'}{options})"


def _routines(*, drawn: bool) -> str:
    """The source of all routines that a kernel may call."""
    parts, alone = [], ", no_cpython_wrapper=True, no_cfunc_wrapper=True"
    for function in (*logits.SELDOM, *search.SELDOM, *(draw.ROUTINES if drawn else ())):
        parts += [_decorator(drawn=drawn, options=alone), inspect.getsource(function)]
    for function in (*cells.ROUTINES, *logits.ROUTINES, *search.ROUTINES):
        parts += [_decorator(drawn=drawn, options=f"{alone}, forceinline=True"), inspect.getsource(function)]
    return "\n".join(parts)

"""Many prompts through one network by one compiled function: a row a prompt, each with caches of its own.

The function is a kernel and a loop over rows around it. What a row needs before its first token is of the size of its
prompt: the keys of all tokens that may stand in a prompt are indexed once, and a row has those of its own tokens.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compiled_models.decoding.kernels.emit.writer import Writer, finished
from compiled_models.decoding.kernels.kernel_decoder import KernelDecoder
from compiled_models.decoding.kernels.recognise import Unsupported, recognise
from compiled_models.decoding.kernels.routines import Arrays, rows
from compiled_models.decoding.kernels.source import CLOSE, DONE, STOPPED, VIOLATED, KernelSource
from compiled_models.decoding.weights import read_weights
from compiled_models.machine_code.kernels import kernel
from construction.codec import Prompt
from construction.network import Network
from construction.vocabulary import Tokens, Vocabulary

__all__ = ["GeneratedRows", "KernelRows", "numbered"]

Integers = NDArray[np.int64]
MEMORY = 1 << 25  # bytes of generated tokens at a time


@dataclass(frozen=True, slots=True)
class GeneratedRows:
    """What came of some rows.

    Attributes:
        tokens: the generated tokens of each row [r n w]; zeros after the last one.
        made: how many tokens each row has [r].
        stopped: whether its last one is the stop token [r].
    """

    tokens: Tokens
    made: Integers
    stopped: NDArray[np.bool_]

    def row(self, number: int) -> Tokens:
        """The tokens [n w] of one row."""
        return self.tokens[number, : self.made[number]]


def numbered(prompts: Sequence[Tokens]) -> tuple[Tokens, list[Integers]]:
    """The tokens [t w] that prompts [n w] hold, each once, and the prompts as numbers of them.

    >>> numbered([np.array([[5, 1], [6, 0]]), np.array([[6, 0]])])
    (array([[5, 1],
           [6, 0]]), [array([0, 1]), array([1])])
    """
    table, numbers = np.unique(np.concatenate(prompts), axis=0, return_inverse=True)
    ends = np.cumsum([len(prompt) for prompt in prompts])[:-1]
    return table, np.split(numbers.reshape(-1), ends)


class KernelRows:
    """Generates what follows each of many prompts, greedily: token for token what a decoder of its own would.

    Args:
        network: any transformer of this architecture, in float64 or float32.
        vocabulary: its tokens.
        table: all tokens [t w] that a prompt may hold; a prompt is a row of numbers of them.
        stop: the token that stops the generation.

    Attributes:
        alone: how many rows were given to a decoder of their own, because two of their examples share a key, or a key
            was not of the structure that the weights promise, or because rows are drawn.

    >>> from construction import Codec, base_network
    >>> from tm import Machine
    >>> network = base_network(states=8, symbols=4)
    >>> codec = Codec(network.config, Machine.read("1RB1LB_1LA1RZ"))
    >>> prompt = codec.prompt()
    >>> batch = KernelRows(network, codec.vocabulary, prompt.tokens, prompt.stop)
    >>> [made.made.tolist() for made in batch.generate([range(len(prompt)), [0, 1, 5]], limit=9)]
    [[7, 2]]
    """

    def __init__(self, network: Network, vocabulary: Vocabulary, table: Tokens, stop: tuple[int, ...]) -> None:
        self._network, self._vocabulary, self.table, self.stop = network, vocabulary, table, stop
        self.alone = 0
        self._ready = False
        try:
            self.source = KernelSource(recognise(read_weights(network), vocabulary), stop)
        except Unsupported:
            return
        tables = [head.take_table(table) for head in self.source.heads]
        if all(of is not None for of in tables):
            self._tables = {name: array for of in tables if of is not None for name, array in of.items()}
            self._advance = kernel(self._text(), "advance_rows")
            self._progress, self._wanted = np.zeros(3, dtype=np.int64), np.zeros(3, dtype=np.int64)
            self._wanted_offset = np.zeros(max([1] + [head.match for head in self.source.heads]))
            self._ready = True

    def generate(
        self, prompts: Sequence[Sequence[int]] | Integers, limit: int, seeds: Sequence[int | None] | None = None
    ) -> Iterator[GeneratedRows]:
        """What follows each prompt, up to `limit` tokens a row, some rows at a time, in order; see `batched.Rows`."""
        at_once = max(1, MEMORY // (8 * limit * self.table.shape[1]))
        for first in range(0, len(prompts), at_once):
            these = slice(first, first + at_once)
            yield self._some(*_flat(prompts[these]), limit, None if seeds is None else seeds[these])

    def _some(self, tokens: Integers, ends: Integers, limit: int, seeds: Sequence[int | None] | None) -> GeneratedRows:
        """What follows the prompts `tokens[ends[i]:ends[i + 1]]`."""
        size, width = len(ends) - 1, self.table.shape[1]
        out = np.zeros((size, limit, width), dtype=np.int64)
        made, status = np.zeros(size, dtype=np.int64), np.full(size, VIOLATED)
        if self._ready and seeds is None:
            self._run(tokens, self.table[tokens], ends, out, made, status)
        for row in np.flatnonzero((status == VIOLATED) | (status == CLOSE)).tolist():
            self.alone += 1
            out[row] = 0
            prompt = Prompt(self.table[tokens[ends[row] : ends[row + 1]]], self.stop)
            seed = None if seeds is None else seeds[row]
            decoder = KernelDecoder(self._network, self._vocabulary, prompt, seed=seed)
            chunks = list(decoder.generate(limit))
            made[row] = sum(map(len, chunks))
            out[row, : made[row]] = np.concatenate(chunks)
            status[row] = STOPPED if tuple(out[row, made[row] - 1].tolist()) == self.stop else DONE
        return GeneratedRows(out, made, status == STOPPED)

    def _run(
        self, tokens: Integers, prompts: Tokens, ends: Integers, out: Tokens, made: Integers, status: Integers
    ) -> None:
        """Call the compiled function until all rows are done; make room where it asks for it."""
        longest = int(np.diff(ends).max(initial=0)) + out.shape[1]
        gaps = np.array([head.gap(longest) for head in self.source.heads], dtype=np.float64)
        begin = np.array([0, 1], dtype=np.int64)  # the row to go on with, and whether it is a new one
        while begin[0] < len(made):
            fixed = (begin, tokens, prompts, ends, out, made, status, np.zeros(1), gaps)
            arrays = self._arrays()
            self._advance(*fixed, self._progress, self._wanted, self._wanted_offset, *arrays)
            if begin[0] < len(made) and not self._grow(int(begin[0]), prompts[ends[begin[0]] :], out, made):
                status[begin[0]] = VIOLATED
                begin[:] = begin[0] + 1, 1

    def _grow(self, row: int, prompt: Tokens, out: Tokens, made: Integers) -> bool:
        token = out[row, made[row] - 1] if made[row] else prompt[self._progress[1]]
        return self.source.heads[self._wanted[0]].make_room(self._wanted[1:].tolist(), self._wanted_offset, token)

    def _arrays(self) -> list[Arrays]:
        every = dict(self.source.shared) | self._tables
        for head in self.source.heads:
            every |= head.arrays()
        return [every[name] for name in (*self.source.names, *self._tables)]

    def _text(self) -> str:
        """The source of the kernel, and of the loop over rows."""
        names, tables = ", ".join(self.source.names), ", ".join(self._tables)
        out = Writer(self.source.network.weights.dtype)
        out.line("@njit(error_model='numpy', _nrt=False, nogil=True)")
        fixed = "begin, tokens, prompts, ends, out, made, done, draws, gaps, progress, wanted, wanted_offset"
        with out.block(f"def advance_rows({fixed}, {', '.join(filter(None, (names, tables)))}):"):
            out.line("row = begin[0]")
            with out.block("while row < len(made):"):
                out.line("first, last, status, n = ends[row], ends[row + 1], DONE, made[row]")
                with out.block("if begin[1] == 1:"):
                    for head in self.source.heads:
                        head.write_row(out)
                    out.line("forget_logits(wide)")
                    out.line("progress[0], progress[1], progress[2] = 0, 0, last - first")
                with out.block("if status == DONE:"):
                    with out.block("if n > 0:"):
                        out.line("known = out[row, n - 1:n]")
                    with out.block("else:"):
                        out.line("known = prompts[first:last]")
                    call = "draws, gaps, progress, wanted, wanted_offset"
                    out.line(f"n, status = advance(known, out[row], n, out.shape[1], {call}, {names})")
                    with out.block("if n > made[row]:"):
                        out.line("progress[1] = 0")
                out.line("made[row], done[row], begin[0], begin[1] = n, status, row, 0")
                with out.block("if status == ROOM:"):
                    out.line("return")
                out.line("row += 1")
                out.line("begin[0], begin[1] = row, 1")
        routines = ["@njit(error_model='numpy', _nrt=False)\n" + inspect.getsource(f) for f in rows.ROUTINES]
        return "\n".join([self.source.text, finished("\n".join(routines)), finished(out.text()), ""])


def _flat(prompts: Sequence[Sequence[int]] | Integers) -> tuple[Integers, Integers]:
    """All numbers of tokens, one prompt after the other, and where each ends (and the first begins)."""
    if isinstance(prompts, np.ndarray):
        held = prompts >= 0
        lengths = held.sum(1)
        flat = prompts[held].astype(np.int64)
    else:
        lengths = np.array([len(prompt) for prompt in prompts], dtype=np.int64)
        flat = np.array([number for prompt in prompts for number in prompt], dtype=np.int64)
    return flat, np.concatenate([[0], np.cumsum(lengths)])

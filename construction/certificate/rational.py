"""A network in exact rational arithmetic with averaging hard attention: the setting in which papers prove theorems.

The weights are those of the tensors, taken as the rationals that they are. Attention is divided evenly among the keys
with the largest score: the limit of softmax as beta grows. Nothing is rounded, so "exact in theory" is run here and
not only argued; it is for small runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from construction.transformer import Transformer

__all__ = ["RationalNetwork"]

Vector = dict[int, Fraction]  # the non-zero elements
Watcher = Callable[[int, Vector], None]


class RationalNetwork:
    """A transformer and the tokens it has seen, in exact arithmetic.

    Args:
        network: any transformer of this architecture whose weights are finite.
        watch: called with the number of each block and the residual stream after it.

    >>> from construction import Codec, base_network
    >>> from tm import Machine
    >>> network, machine = base_network(states=2, symbols=2), Machine.read("blank: 0\\nA 0 -> B 1 R")
    >>> codec = Codec(network.config, machine)
    >>> rational = RationalNetwork(network)
    >>> for token in codec.prompt().tokens:
    ...     logits = rational.advance(token)
    >>> codec.text(codec.vocabulary.best(logits)), codec.vocabulary.positive(logits)[0][1]
    ('A0>1RB', 1.0)
    """

    def __init__(self, network: Transformer, watch: Watcher | None = None) -> None:
        tensors = {name: weight.detach() for name, weight in network.named_parameters()}
        self.embed = _matrix(tensors["embed.W_E"])
        self.position = _matrix(tensors["embed.W_pos"])[0]
        self.unembed = _matrix(tensors["unembed.W_U"])
        self.rows = network.shape.d_vocab
        self.blocks = [_Block(tensors, f"blocks.{i}", block.heads) for i, block in enumerate(network.shape.blocks)]
        self.watch = watch
        self.length = 0

    def advance(self, token: Sequence[int] | NDArray[np.int64]) -> NDArray[Any]:
        """Take in a token; return the logits [r] that follow it, as Fractions."""
        self.length += 1
        x = _sum([self.embed[int(row)] for row in token] + [_scaled(self.position, Fraction(self.length))])
        for number, block in enumerate(self.blocks):
            x = block(x)
            if self.watch is not None:
                self.watch(number, x)
        logits = np.full(self.rows, Fraction(0), dtype=object)
        for row, value in _times(x, self.unembed).items():
            logits[row] = value
        return logits

    def generate(
        self,
        prompt: Sequence[Sequence[int]] | NDArray[np.int64],
        best: Callable[[NDArray[Any]], tuple[int, ...]],
        stop: tuple[int, ...],
        limit: int,
    ) -> Iterator[tuple[int, ...]]:
        """The tokens that follow a prompt, chosen by `best`, until the stop token or the limit."""
        for token in prompt:
            logits = self.advance(token)
        for _ in range(limit):
            likeliest = best(logits)
            yield likeliest
            if likeliest == stop:
                return
            logits = self.advance(likeliest)


class _Block:
    """One block: its heads, which keep all keys and values, and its feed-forward layer."""

    def __init__(self, tensors: dict[str, torch.Tensor], name: str, heads: int) -> None:
        parts = [tensors[f"{name}.attn.{part}"] for part in ("W_Q", "W_K", "W_V", "W_O")]
        self.heads = [_Head(*(_matrix(part[head]) for part in parts)) for head in range(heads)]
        self.gate, self.times, self.out = (
            _matrix(tensors[f"{name}.mlp.{part}"]) for part in ("W_gate", "W_in", "W_out")
        )

    def __call__(self, x: Vector) -> Vector:
        x = _sum([x, *(head(x) for head in self.heads)])
        gates, factors = _times(x, self.gate), _times(x, self.times)
        units = {unit: gate * factors[unit] for unit, gate in gates.items() if gate > 0 and unit in factors}
        return _sum([x, _times(units, self.out)])


class _Head:
    """One attention head with averaging hard attention."""

    def __init__(self, query: list[Vector], key: list[Vector], value: list[Vector], out: list[Vector]) -> None:
        self.query, self.key, self.value, self.out = query, key, value, out
        self.keys: list[Vector] = []
        self.values: list[Vector] = []

    def __call__(self, x: Vector) -> Vector:
        self.keys.append(_times(x, self.key))
        self.values.append(_times(x, self.value))
        if not any(self.out):
            return {}
        query = _times(x, self.query)
        scores = [_dot(query, key) for key in self.keys]
        largest = max(scores)
        attended = [value for value, score in zip(self.values, scores, strict=True) if score == largest]
        return _times(_scaled(_sum(attended), Fraction(1, len(attended))), self.out)


def _matrix(tensor: torch.Tensor) -> list[Vector]:
    """The rows of a matrix, exactly."""
    rows: list[Vector] = [{} for _ in range(tensor.shape[0])]
    for row, column in tensor.nonzero().tolist():
        rows[row][column] = Fraction(float(tensor[row, column]))
    return rows


def _times(x: Vector, matrix: list[Vector]) -> Vector:
    return _sum([_scaled(matrix[i], value) for i, value in x.items()])


def _scaled(x: Vector, factor: Fraction) -> Vector:
    return {i: factor * value for i, value in x.items()}


def _dot(x: Vector, y: Vector) -> Fraction:
    return sum((value * y[i] for i, value in x.items() if i in y), start=Fraction(0))


def _sum(vectors: list[Vector]) -> Vector:
    total: Vector = defaultdict(Fraction)
    for vector in vectors:
        for i, value in vector.items():
            total[i] += value
    return {i: value for i, value in total.items() if value}

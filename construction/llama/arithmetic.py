"""What rounding does to a stock Llama, as numbers: of clocks, of weights of attention, of saturation.

The model of arithmetic. A product of matrices is a sum of exact products, kept in float32 over blocks of consecutive
tokens, in any order of the blocks, and rounded once to the number format; every other operation rounds once; a softmax
is computed in float32. So it is in PyTorch and in transformers. Of attention there are two kinds: "eager" rounds scores
to the format before the softmax, "sdpa" (fused, flash-like) does not; both round the weights of the softmax after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from construction.llama.config import HEAD_DIM, POSITION_PAIRS, THETA
from construction.llama.gadgets import OFFSET, SCALE
from construction.llama.transformer import rotary_tables, rotated

__all__ = ["Clocks", "LlamaArithmetic", "clocks", "gap"]

FLOAT32 = 2.0**-24
"""The unit roundoff of float32, in which products of matrices and softmaxes are computed."""
PIECE = 1 << 14


@dataclass(frozen=True, slots=True)
class LlamaArithmetic:
    """A number format: its unit roundoff, its significant bits, and half of its smallest step near 0.

    >>> LlamaArithmetic.of(torch.bfloat16).u == 2**-8, LlamaArithmetic.of(torch.float16).tiny == 2**-25
    (True, True)
    """

    dtype: torch.dtype
    u: float
    bits: int
    tiny: float

    @classmethod
    def of(cls, dtype: torch.dtype) -> LlamaArithmetic:
        """The arithmetic of a number format."""
        about = torch.finfo(dtype)
        return cls(dtype, about.eps / 2, 1 - round(np.log2(about.eps)), about.smallest_normal * about.eps / 2)


@dataclass(frozen=True, slots=True)
class Clocks:
    """How far rounding moves the scores of the offset heads, up to each position (cumulative maxima).

    Attributes:
        queries: the distance [p] of a turned query from the exact one, in one rotary pair, over OFFSET.
        keys: the same of a turned key, whose length is 1.
    """

    queries: NDArray[np.float64]
    keys: NDArray[np.float64]

    def error(self, tokens: int) -> float:
        """How far a score can be from the exact one, in logits, before it is rounded itself."""
        query, key = self.queries[tokens - 1], self.keys[tokens - 1]
        per_pair = query * (1 + key) + key
        summation = 4 * POSITION_PAIRS * FLOAT32
        return float(OFFSET / SCALE * POSITION_PAIRS * (per_pair + summation))


@lru_cache(maxsize=8)
def clocks(dtype: torch.dtype, positions: int, backs: tuple[int, ...] = (1, 2)) -> Clocks:
    """The errors of all positions up to a number, computed as the forward pass computes them.

    Args:
        dtype: the number format.
        positions: how many.
        backs: the distances that offset heads look back.

    >>> found = clocks(torch.bfloat16, 1000)
    >>> bool(0 < found.keys[-1] < 2**-7)
    True
    """
    pairs = torch.arange(0, HEAD_DIM, 2, dtype=torch.float32) / HEAD_DIM
    frequencies = (1.0 / THETA**pairs)[:POSITION_PAIRS].double().numpy()  # as the forward pass has them
    queries, keys = np.zeros(positions), np.zeros(positions)
    for first in range(0, positions, PIECE):
        place = torch.arange(first, min(first + PIECE, positions))
        tables = rotary_tables(place, dtype)
        angles = place.double().numpy()[:, None] * frequencies
        part = slice(first, first + len(place))
        keys[part] = _distance(_vector(1.0, 0.0, dtype), tables, np.cos(angles), np.sin(angles), 1.0)
        for back in backs:
            turn = back * frequencies
            vector = _vector(OFFSET * np.cos(turn), -OFFSET * np.sin(turn), dtype)
            exact = np.cos(angles - turn), np.sin(angles - turn)
            queries[part] = np.maximum(queries[part], _distance(vector, tables, *exact, OFFSET))
    return Clocks(np.maximum.accumulate(queries), np.maximum.accumulate(keys))


def _vector(first: Any, second: Any, dtype: torch.dtype) -> torch.Tensor:
    """A query or key [1 c] as it is before it is turned, rounded as its weights are."""
    vector = torch.zeros(1, HEAD_DIM)
    vector[0, :POSITION_PAIRS] = torch.as_tensor(first, dtype=torch.float32)
    vector[0, HEAD_DIM // 2 : HEAD_DIM // 2 + POSITION_PAIRS] = torch.as_tensor(second, dtype=torch.float32)
    return vector.bfloat16().to(dtype)


def _distance(
    vector: torch.Tensor,
    tables: tuple[torch.Tensor, torch.Tensor],
    cosines: NDArray[np.float64],
    sines: NDArray[np.float64],
    length: float,
) -> NDArray[np.float64]:
    """The largest distance, over the pairs, of turned vectors [p] from the exact ones, over their length."""
    turned = rotated(vector, *tables).double().numpy()  # [p c]
    half = HEAD_DIM // 2
    across = turned[:, :POSITION_PAIRS] / length - cosines
    along = turned[:, half : half + POSITION_PAIRS] / length - sines
    return np.asarray(np.hypot(across, along).max(1))


@lru_cache(maxsize=8)
def _gaps(tokens: int, frequencies: tuple[float, ...]) -> NDArray[np.float64]:
    distances = np.arange(1, tokens + 1)[:, None]
    short = POSITION_PAIRS - np.cos(distances * np.array(frequencies)).sum(1)
    return np.asarray(np.minimum.accumulate(short))


def gap(tokens: int, frequencies: tuple[float, ...], context: int) -> float:
    """By how much the score of the token asked for leads every other, over 256, for distances up to a number of tokens.

    >>> from construction.llama import LlamaConfig
    >>> round(gap(131_072, LlamaConfig().frequencies, 131_072), 3)
    0.476
    """
    return float(_gaps(context, frequencies[:POSITION_PAIRS])[tokens - 1])

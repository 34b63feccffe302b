"""A stock Llama on paper: every non-zero weight, what it joins, and the sentence that justifies it.

As `construction.blueprint` for the base network, in the shape of Llama: the layers' weights one by one (`Entry`), the
embedding and the unembedding by columns (`Column`), since a vocabulary of thousands of words repeats itself there.
Weights are indexed as in the checkpoint: row = what a weight feeds, column = what it reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import torch
from numpy.typing import NDArray

from construction.blueprint import Entry
from construction.llama.config import HEAD_DIM, LlamaConfig
from construction.llama.transformer import LAYERS, LlamaTransformer
from construction.llama.vocabulary import LlamaVocabulary, llama_vocabulary
from construction.number_format import Weight
from construction.residual import Direction, ResidualStream

__all__ = ["Channel", "Column", "LayerPlan", "LlamaBlueprint", "LlamaHeadPlan"]

Number = Fraction | int | float
Terms = Mapping[Direction, Number]
EMBEDDING, UNEMBEDDING = "model.embed_tokens.weight", "lm_head.weight"
UNIT_BLOCK = 128
"""Feed-forward layers are as wide as a multiple of this, as kernels and quantised formats like it."""


@dataclass(frozen=True, slots=True)
class Column:
    """Weights of the embedding or the unembedding that share a direction and a sentence: one for each word."""

    tensor: str
    words: NDArray[np.int64]
    direction: Direction
    values: NDArray[np.float64]
    what: str
    because: str


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel of a head, with the name of what it carries."""

    number: int
    name: str


class LlamaBlueprint:
    """The weights of a stock Llama, in the order in which they are drawn.

    Args:
        config: what it is built for.
        stream: the residual directions.
    """

    def __init__(self, config: LlamaConfig, stream: ResidualStream) -> None:
        self.config, self.stream = config, stream
        self.vocabulary: LlamaVocabulary = llama_vocabulary(config)
        self.layers = tuple(LayerPlan(self, number) for number in range(LAYERS))
        self.entries: list[Entry] = []
        self.columns: list[Column] = []

    def embed(
        self, words: NDArray[np.int64], direction: Direction, values: NDArray[np.float64] | float, what: str, why: str
    ) -> None:
        """What each of some words brings along in a direction; a zero is left out."""
        self._column(EMBEDDING, words, direction, values, what, why)

    def unembed(
        self, words: NDArray[np.int64], direction: Direction, values: NDArray[np.float64] | float, what: str, why: str
    ) -> None:
        """What a direction adds to the logit of each of some words; a zero is left out."""
        self._column(UNEMBEDDING, words, direction, values, what, why)

    def _column(
        self,
        tensor: str,
        words: NDArray[np.int64],
        direction: Direction,
        values: NDArray[np.float64] | float,
        what: str,
        why: str,
    ) -> None:
        spread = np.broadcast_to(np.asarray(values, dtype=np.float64), words.shape)
        some = np.flatnonzero(spread)
        if len(some):
            self.columns.append(Column(tensor, words[some], direction, spread[some], what, why))

    def add(self, tensor: str, index: tuple[int, ...], source: str, target: str, weight: Number, why: str) -> None:
        """Write down one weight; a zero is left out."""
        if weight:
            self.entries.append(Entry(tensor, index, source, target, Weight.of(Fraction(weight)), why))

    @property
    def units(self) -> int:
        """Units of a feed-forward layer: those of the layer that has more, rounded up."""
        most = max(len(layer.units) for layer in self.layers)
        return -(-most // UNIT_BLOCK) * UNIT_BLOCK

    @property
    def nonzero(self) -> int:
        """Weights that are not zero."""
        return len(self.entries) + sum(len(column.words) for column in self.columns)

    @property
    def in_layers(self) -> int:
        """Weights of the two layers that are not zero, the norms' left out."""
        return sum("_proj" in entry.tensor for entry in self.entries)

    def sizes(self) -> dict[str, tuple[int, ...]]:
        """The tensors' names and sizes."""
        return {name: tuple(w.shape) for name, w in LlamaTransformer(self.config, self.units).named_parameters()}

    def tensors(self) -> dict[str, torch.Tensor]:
        """The weights by name, in float32.

        Raises:
            ValueError: where a weight is drawn twice, or is no number of bfloat16, float16 and float32 alike.
        """
        tensors = {name: np.zeros(size) for name, size in self.sizes().items()}
        drawn = dict.fromkeys(tensors, 0)
        for entry in self.entries:
            tensors[entry.tensor][entry.index] = float(entry.weight.coefficient)
            drawn[entry.tensor] += 1
        for column in self.columns:
            tensors[column.tensor][column.words, column.direction.column] = column.values
            drawn[column.tensor] += len(column.words)
        for name, values in tensors.items():
            if np.count_nonzero(values) != drawn[name]:
                raise ValueError(f"{name}: a weight is drawn twice")
            exact = torch.from_numpy(values)
            for dtype in (torch.bfloat16, torch.float16):
                if not torch.equal(exact.to(dtype).double(), exact):
                    raise ValueError(f"{name}: a weight is no {dtype} number")
        return {name: torch.from_numpy(values).float() for name, values in tensors.items()}

    def network(self, *, dtype: torch.dtype = torch.float32, attention: str = "sdpa") -> LlamaTransformer:
        """A Llama with these weights, in a number format; no number is rounded by it."""
        network = LlamaTransformer(self.config, self.units, attention)
        network.load_state_dict(self.tensors(), assign=True)
        return network.to(dtype).eval().requires_grad_(False)


@dataclass(slots=True)
class LayerPlan:
    """One layer: its heads and its feed-forward units."""

    blueprint: LlamaBlueprint
    number: int
    heads: list[LlamaHeadPlan] = field(default_factory=list)
    units: list[str] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        """How the names of its tensors begin."""
        return f"model.layers.{self.number}"

    def head(self, name: str) -> LlamaHeadPlan:
        """Add an attention head."""
        self.heads.append(LlamaHeadPlan(self, len(self.heads), name))
        return self.heads[-1]

    def unit(self, name: str, *, gate: Terms, up: Terms, out: Terms, because: str) -> None:
        """Add a unit that writes silu(gate) * up into the directions of `out`, weighted."""
        number = len(self.units)
        self.units.append(name)
        label, add, mlp = f"unit [{name}]", self.blueprint.add, f"{self.prefix}.mlp"
        for kind, terms in (("gate", gate), ("up", up)):
            for direction, weight in terms.items():
                index = (number, direction.column)
                add(f"{mlp}.{kind}_proj.weight", index, direction.name, f"{kind} of {label}", weight, because)
        for direction, weight in out.items():
            add(f"{mlp}.down_proj.weight", (direction.column, number), label, direction.name, weight, because)


@dataclass(slots=True)
class LlamaHeadPlan:
    """One attention head, its channels known by name."""

    layer: LayerPlan
    number: int
    name: str
    contents: dict[str, Channel] = field(default_factory=dict)
    values: dict[str, Channel] = field(default_factory=dict)

    @property
    def _first(self) -> int:
        return self.number * HEAD_DIM

    def content(self, name: str) -> Channel:
        """The channel of that name; for a new name the stillest that is free: it does not turn with the position."""
        still = self.layer.blueprint.config.content_channels
        if name not in self.contents:
            self.contents[name] = Channel(still[len(self.contents)], name)
        return self.contents[name]

    def query(self, channel: Channel, terms: Terms, because: str) -> None:
        """What a query asks in a channel."""
        self._inward("q", channel, terms, because)

    def key(self, channel: Channel, terms: Terms, because: str) -> None:
        """What a key answers in a channel."""
        self._inward("k", channel, terms, because)

    def move(self, terms: Terms, target: Direction, weight: Number, because: str) -> None:
        """Carry `terms` of the tokens attended to into a direction here, times `weight`, through a value channel."""
        channel = self.values.setdefault(target.name, Channel(len(self.values), target.name))
        self._inward("v", channel, terms, because)
        index = (target.column, self._first + channel.number)
        name = f"{self.layer.prefix}.self_attn.o_proj.weight"
        self.layer.blueprint.add(name, index, f"{self.name} value [{channel.name}]", target.name, weight, because)

    def _inward(self, kind: str, channel: Channel, terms: Terms, because: str) -> None:
        role = {"q": "query", "k": "key", "v": "value"}[kind]
        for direction, weight in terms.items():
            index = (self._first + channel.number, direction.column)
            name = f"{self.layer.prefix}.self_attn.{kind}_proj.weight"
            target = f"{self.name} {role} [{channel.name}]"
            self.layer.blueprint.add(name, index, direction.name, target, weight, because)

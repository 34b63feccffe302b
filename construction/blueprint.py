"""A network on paper: every non-zero weight, what it joins, and the sentence that justifies it.

The construction draws a blueprint; `weights` makes it numbers, `network` a transformer of them. `explain` prints it,
and the certificate compares a network's tensors with it. So what is explained, what is built and what is checked are
one list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from construction.config import usable_device
from construction.network import Weights
from construction.number_format import Constants, Numeric, Weight, format_name, rounded
from construction.residual import Direction, ResidualStream
from construction.shape import BlockShape, Shape
from construction.vocabulary import Vocabulary
from construction.zeros import zeros

if TYPE_CHECKING:
    import torch

    from construction.transformer import Transformer

__all__ = ["Blueprint", "Entry", "FeedForwardPlan", "HeadPlan"]

Terms = Mapping[Direction, Numeric]
Channels = dict[str, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One non-zero weight: the tensor, where in it, what it joins, its value and why.

    `source` is what the weight reads (a token's row, a direction, a channel, a unit), `target` what it feeds.
    """

    tensor: str
    index: tuple[int, ...]
    source: str
    target: str
    weight: Weight
    because: str


class Blueprint:
    """The weights of a transformer, in the order in which they are drawn.

    Args:
        vocabulary: the rows of W_E and W_U.
        stream: the residual directions.
        blocks: the names of the blocks, first to last.
    """

    def __init__(self, vocabulary: Vocabulary, stream: ResidualStream, blocks: tuple[str, ...]) -> None:
        self.vocabulary, self.stream = vocabulary, stream
        self.blocks = {name: BlockPlan(self, i, name) for i, name in enumerate(blocks)}
        self.entries: list[Entry] = []

    def embed(self, row: int, terms: Terms, because: str) -> None:
        """The embedding of a row of the vocabulary (terms: direction -> weight)."""
        for direction, weight in terms.items():
            index = (row, direction.column)
            self.add("embed.W_E", index, self.vocabulary.name(row), direction.name, weight, because)

    def position(self, direction: Direction, because: str) -> None:
        """The direction that holds t, the number of a token counted from 1."""
        self.add("embed.W_pos", (0, direction.column), "t", direction.name, 1, because)

    def unembed(self, terms: Terms, row: int, because: str) -> None:
        """The logit of a row of the vocabulary."""
        for direction, weight in terms.items():
            index = (direction.column, row)
            self.add("unembed.W_U", index, direction.name, self.vocabulary.name(row), weight, because)

    def add(self, tensor: str, index: tuple[int, ...], source: str, target: str, weight: Numeric, because: str) -> None:
        """Write down one weight; a zero is left out."""
        if (drawn := Weight.of(weight)).coefficient:
            self.entries.append(Entry(tensor, index, source, target, drawn, because))

    @property
    def shape(self) -> Shape:
        """The sizes of the transformer that holds these weights."""
        return Shape(self.vocabulary.rows, self.stream.width, tuple(b.shape for b in self.blocks.values()))

    def joins(self, tensor: str, index: tuple[int, ...]) -> tuple[str, str]:
        """What a weight at this place reads, and what it feeds, also where no weight belongs.

        >>> from construction import NetworkConfig, draw_base_network
        >>> blueprint = draw_base_network(NetworkConfig.of(states=2, symbols=2))
        >>> blueprint.joins("embed.W_E", (1, 0)), blueprint.joins("blocks.2.attn.W_Q", (0, 1, 2))
        (('BOS', 'one'), ('t', 'READ 1 query [sink]'))
        >>> blueprint.joins("blocks.1.attn.W_O", (0, 0, 1))
        ('ADDRESS 1 value [unused 0]', 't')
        """
        row = self.vocabulary.name

        def column(number: int) -> str:
            return self.stream.direction(number).name

        if tensor == "embed.W_E":
            return row(index[0]), column(index[1])
        if tensor == "embed.W_pos":
            return "t", column(index[1])
        if tensor == "unembed.W_U":
            return column(index[0]), row(index[1])
        _, number, layer, name = tensor.split(".")
        block = list(self.blocks.values())[int(number)]
        if layer == "mlp":
            unit = f"unit [{_named(block.units, index[0] if name == 'W_out' else index[1])}]"
            return (unit, column(index[1])) if name == "W_out" else (column(index[0]), f"{name[2:]} of {unit}")
        head = block.heads[index[0]]
        role = {"W_Q": "query", "W_K": "key", "W_V": "value", "W_O": "value"}[name]
        channels = head.match_channels if role in ("query", "key") else head.value_channels
        channel = f"{head.name} {role} [{_named([*channels], index[1] if name == 'W_O' else index[2])}]"
        return (channel, column(index[2])) if name == "W_O" else (column(index[1]), channel)

    def network(
        self,
        config: Any = None,
        *,
        dtype: torch.dtype | str = "float64",
        device: torch.device | str | None = None,
        constants: Constants | None = None,
    ) -> Transformer:
        """A transformer with these weights: PyTorch's module.

        Args:
            config: what it is built for; kept as its `config`.
            dtype: its number format.
            device: where to build it; None: on the CPU.
            constants: beta, M, L, K and g; None: those of the number format.

        Raises:
            InputError: for a device that is not there.
            ValueError: as `weights` does.
        """
        from construction.module import module_of

        place = usable_device(device)
        return module_of(self.weights(config, dtype=dtype, constants=constants), place)

    def weights(
        self, config: Any = None, *, dtype: torch.dtype | str = "float64", constants: Constants | None = None
    ) -> Weights:
        """These weights as numbers, without PyTorch; see `network`.

        Raises:
            ValueError: where two entries name the same weight, or one is not representable in the number format.
        """
        weights = self.blank(config, dtype=dtype)
        for name, drawn in self._drawn(format_name(dtype), constants or Constants.of(dtype)).items():
            if drawn:
                weights.tensors[name][tuple(np.array(list(drawn)).T)] = list(drawn.values())
        return weights

    def blank(self, config: Any = None, *, dtype: torch.dtype | str = "float64") -> Weights:
        """Weights of this shape, with these names, all of them zero."""
        name = format_name(dtype)
        return Weights(
            shape=self.shape,
            number_format=name,
            tensors=zeros(self.shape.tensors, np.float64 if name == "float64" else np.float32),
            config=config,
            stream=self.stream,
            vocabulary=self.vocabulary,
            block_names=tuple(self.blocks),
        )

    def _drawn(self, number_format: str, constants: Constants) -> dict[str, dict[tuple[int, ...], float]]:
        """The weights that are not zero as numbers of a format: for each tensor, where and which."""
        drawn: dict[str, dict[tuple[int, ...], float]] = {name: {} for name in self.shape.tensors}
        numbers: dict[int, float] = {}  # few weights are different, and it takes long to hash one
        for entry in self.entries:
            if (number := numbers.get(id(entry.weight))) is None:
                value = entry.weight.value(constants)
                number = numbers[id(entry.weight)] = rounded(float(value), number_format)
                if Fraction(number) != value:
                    raise ValueError(f"{entry.tensor}: {entry.weight} = {value} is no torch.{number_format} number")
            tensor = drawn[entry.tensor]
            if entry.index in tensor:
                raise ValueError(f"{entry.tensor}: {entry.source} -> {entry.target} is drawn twice")
            tensor[entry.index] = number
        return drawn


@dataclass(slots=True)
class BlockPlan:
    """One block of a blueprint: its heads and its feed-forward units."""

    blueprint: Blueprint
    number: int
    name: str
    heads: list[HeadPlan] = field(default_factory=list)
    units: list[str] = field(default_factory=list)

    def head(self, name: str) -> HeadPlan:
        """Add an attention head; without weights it averages everything and writes nothing."""
        self.heads.append(HeadPlan(self, len(self.heads), name))
        return self.heads[-1]

    @property
    def feed_forward(self) -> FeedForwardPlan:
        """The feed-forward layer, to add units to."""
        return FeedForwardPlan(self)

    @property
    def shape(self) -> BlockShape:
        """The sizes that this block needs; a head has at least one channel."""
        d_head = max([1] + [max(len(h.match_channels), len(h.value_channels)) for h in self.heads])
        return BlockShape(max(1, len(self.heads)), d_head, len(self.units))


@dataclass(slots=True)
class HeadPlan:
    """One attention head of a blueprint, its channels known by name, each with its number.

    W_Q and W_K meet in match channels (a score is the sum over them of query times key); W_V and W_O in value channels.
    """

    block: BlockPlan
    number: int
    name: str
    match_channels: Channels = field(default_factory=dict)
    value_channels: Channels = field(default_factory=dict)

    def query(self, terms: Terms, channel: str, because: str) -> None:
        """What a query asks in a match channel."""
        self._inward("W_Q", self.match_channels, "query", terms, channel, because)

    def key(self, terms: Terms, channel: str, because: str) -> None:
        """What a key answers in a match channel."""
        self._inward("W_K", self.match_channels, "key", terms, channel, because)

    def move(self, source: Direction, target: Direction, because: str) -> None:
        """Carry a direction of the tokens attended to into another direction here, through a value channel."""
        channel = target.name
        number = self._inward("W_V", self.value_channels, "value", {source: 1}, channel, because)
        index = (self.number, number, target.column)
        self._add("W_O", index, f"{self.name} value [{channel}]", target.name, 1, because)

    def _inward(self, tensor: str, channels: Channels, role: str, terms: Terms, channel: str, because: str) -> int:
        """Draw what goes into a channel, a new one if there is none of that name; return its number."""
        number, name = channels.setdefault(channel, len(channels)), f"{self.name} {role} [{channel}]"
        for direction, weight in terms.items():
            self._add(tensor, (self.number, direction.column, number), direction.name, name, weight, because)
        return number

    def _add(
        self, tensor: str, index: tuple[int, ...], source: str, target: str, weight: Numeric, because: str
    ) -> None:
        name = f"blocks.{self.block.number}.attn.{tensor}"
        self.block.blueprint.add(name, index, source, target, weight, because)


@dataclass(frozen=True, slots=True)
class FeedForwardPlan:
    """The feed-forward layer of one block."""

    block: BlockPlan

    def unit(self, name: str, *, gate: Terms, times: Terms, out: Terms, because: str) -> None:
        """Add a unit that writes relu(gate) * times into the directions of `out`, weighted."""
        number, add = len(self.block.units), self.block.blueprint.add
        self.block.units.append(name)
        prefix, label = f"blocks.{self.block.number}.mlp", f"unit [{name}]"
        for direction, weight in gate.items():
            add(f"{prefix}.W_gate", (direction.column, number), direction.name, f"gate of {label}", weight, because)
        for direction, weight in times.items():
            add(f"{prefix}.W_in", (direction.column, number), direction.name, f"in of {label}", weight, because)
        for direction, weight in out.items():
            add(f"{prefix}.W_out", (number, direction.column), label, direction.name, weight, because)


def _named(names: list[str], number: int) -> str:
    return names[number] if number < len(names) else f"unused {number}"

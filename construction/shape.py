"""The sizes of a transformer: of its vocabulary, its residual stream, its blocks, and so of every weight by name."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BlockShape", "Shape"]


@dataclass(frozen=True, slots=True)
class BlockShape:
    """The sizes of one block; each block has its own, and an export pads them to the largest."""

    heads: int
    d_head: int
    d_mlp: int


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a transformer.

    >>> shape = Shape(d_vocab=3, d_model=2, blocks=(BlockShape(1, 1, 4),))
    >>> shape.parameters, shape.tensors["blocks.0.attn.W_Q"]
    (46, (1, 2, 1))
    """

    d_vocab: int
    d_model: int
    blocks: tuple[BlockShape, ...]

    @property
    def parameters(self) -> int:
        """The number of weights."""
        each = (4 * block.heads * block.d_head + 3 * block.d_mlp for block in self.blocks)
        return self.d_model * (2 * self.d_vocab + 1 + sum(each))

    @property
    def tensors(self) -> dict[str, tuple[int, ...]]:
        """The size of each tensor by its name, in the order of the forward pass: a network's state dict."""
        every: dict[str, tuple[int, ...]] = {}
        every |= {"embed.W_E": (self.d_vocab, self.d_model), "embed.W_pos": (1, self.d_model)}
        for i, block in enumerate(self.blocks):
            inward, outward = (block.heads, self.d_model, block.d_head), (block.heads, block.d_head, self.d_model)
            every |= {f"blocks.{i}.attn.{name}": inward for name in ("W_Q", "W_K", "W_V")}
            every[f"blocks.{i}.attn.W_O"] = outward
            every |= {f"blocks.{i}.mlp.{name}": (self.d_model, block.d_mlp) for name in ("W_gate", "W_in")}
            every[f"blocks.{i}.mlp.W_out"] = (block.d_mlp, self.d_model)
        return every | {"unembed.W_U": (self.d_model, self.d_vocab)}

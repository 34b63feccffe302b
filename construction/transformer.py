"""The transformer: plain, decoder-only, and ignorant of what its weights compute.

Names as in TransformerLens: W_E, W_pos, W_Q, W_K, W_V, W_O, W_gate, W_in, W_out, W_U. No normalisation, no biases,
softmax attention with scale 1, feed-forward `W_out(relu(W_gate x) * (W_in x))` (ReGLU).

Glossary of shapes: b batch, p positions of this call, s positions so far (cached ones included), h heads,
c channels of a head (d_head), m residual directions (d_model), u units of a feed-forward layer (d_mlp),
w fields of a token (its kind is the first; 0 = no field), r rows of the vocabulary (d_vocab).
Every activation passes through an `nn.Identity` named as in TransformerLens, where a hook finds it (activations.py).
The shapes in the signatures are checked by tests alone (tests/construction/test_shapes.py): users pay nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from construction.activations import INTEGERS, HookPoints
from construction.member import Point, Weight
from construction.network import Network
from construction.shape import BlockShape, Shape

__all__ = ["BlockShape", "KeyValueCache", "Shape", "Transformer"]


class _FixedFormat(nn.Module):
    """A module whose weights belong to their number format: it moves between devices, but is never cast."""

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> _FixedFormat:
        for weight in self.parameters():
            if (cast := fn(weight.detach().flatten()[:0]).dtype) != weight.dtype:
                raise TypeError(
                    f"a network built for {weight.dtype} cannot be cast to {cast}: its constants (M, K, L) belong to "
                    f"its number format. Build it anew: base_network(..., dtype={cast})"
                )
        return super()._apply(fn, recurse)


def _weight(*size: int, dtype: torch.dtype, device: Any) -> nn.Parameter:
    return nn.Parameter(torch.zeros(*size, dtype=dtype, device=device))


class KeyValueCache:
    """The keys and values of every block for the positions seen so far; its buffers grow by doubling."""

    def __init__(self) -> None:
        self.length = 0
        self._keys: dict[int, Tensor] = {}
        self._values: dict[int, Tensor] = {}

    def append(
        self, block: int, keys: Float[Tensor, "b h p c"], values: Float[Tensor, "b h p c"]
    ) -> tuple[Float[Tensor, "b h s c"], Float[Tensor, "b h s c"]]:
        """Add keys and values of new positions; return all of them."""
        new = keys.shape[2]
        end = self.length + new
        all_keys = self._keys[block] = _grown(self._keys.get(block), keys, end)
        all_values = self._values[block] = _grown(self._values.get(block), values, end)
        all_keys.narrow(2, self.length, new).copy_(keys)  # narrow: a slice in a third of an index's time
        all_values.narrow(2, self.length, new).copy_(values)
        return all_keys.narrow(2, 0, end), all_values.narrow(2, 0, end)

    def numbers(self, new: int, device: torch.device) -> Int[Tensor, "rows p"]:
        """The numbers of the next positions, from 1 on: the same for every row of the batch, or some for each."""
        return torch.arange(self.length + 1, self.length + 1 + new, device=device)[None]

    def hidden(self, scores: Float[Tensor, "b h p s"]) -> Bool[Tensor, "*batch p s"] | None:
        """Which of the positions so far each new one may not attend to, those after it; None where it may to all."""
        if (p := scores.shape[-2]) == 1:
            return None
        return torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(scores.shape[-1] - p + 1)

    def seen(self) -> Iterator[tuple[int, Float[Tensor, "b h s c"], Float[Tensor, "b h s c"]]]:
        """Each block, and its keys and values for the positions that are counted."""
        for block, keys in self._keys.items():
            yield block, keys.narrow(2, 0, self.length), self._values[block].narrow(2, 0, self.length)

    def advance(self, positions: int) -> None:
        """Count the positions that every block has now appended."""
        self.length += positions


def _grown(
    buffer: Float[Tensor, "b h room c"] | None, like: Float[Tensor, "b h p c"], length: int
) -> Float[Tensor, "b h more c"]:
    if buffer is not None and buffer.shape[2] >= length:
        return buffer
    b, h, _, c = like.shape
    grown = like.new_zeros(b, h, max(64, 2 * length), c)
    if buffer is not None:
        grown[:, :, : buffer.shape[2]] = buffer
    return grown


class Attention(_FixedFormat):
    """Causal softmax attention, explicitly: matmul, softmax, matmul."""

    W_Q, W_K, W_V, W_O = Weight(), Weight(), Weight(), Weight()
    hook_q, hook_k, hook_v, hook_attn_scores, hook_pattern, hook_z = (Point() for _ in range(6))

    def __init__(self, d_model: int, shape: BlockShape, *, dtype: torch.dtype, device: Any = None) -> None:
        super().__init__()
        inward = (shape.heads, d_model, shape.d_head)
        self.W_Q = _weight(*inward, dtype=dtype, device=device)  # [h m c]
        self.W_K = _weight(*inward, dtype=dtype, device=device)  # [h m c]
        self.W_V = _weight(*inward, dtype=dtype, device=device)  # [h m c]
        self.W_O = _weight(shape.heads, shape.d_head, d_model, dtype=dtype, device=device)  # [h c m]
        self.hook_q, self.hook_k, self.hook_v = nn.Identity(), nn.Identity(), nn.Identity()
        self.hook_attn_scores, self.hook_pattern, self.hook_z = nn.Identity(), nn.Identity(), nn.Identity()

    def forward(self, x: Float[Tensor, "b p m"], block: int, cache: KeyValueCache) -> Float[Tensor, "b p m"]:
        x = x.unsqueeze(1)  # [b 1 p m]
        queries = self.hook_q(x @ self.W_Q)  # [b h p c]
        keys, values = cache.append(block, self.hook_k(x @ self.W_K), self.hook_v(x @ self.W_V))  # [b h s c]
        scores = queries @ keys.transpose(-1, -2)  # [b h p s]
        if (hidden := cache.hidden(scores)) is not None:
            scores = scores.masked_fill(hidden, -torch.inf)
        pattern = self.hook_pattern(self.hook_attn_scores(scores).softmax(-1))  # [b h p s]
        return (self.hook_z(pattern @ values) @ self.W_O).sum(1)  # [b p m]


class FeedForward(_FixedFormat):
    """The gated feed-forward layer: W_out(relu(W_gate x) * (W_in x))."""

    W_gate, W_in, W_out = Weight(), Weight(), Weight()
    hook_pre, hook_pre_linear, hook_post = Point(), Point(), Point()

    def __init__(self, d_model: int, shape: BlockShape, *, dtype: torch.dtype, device: Any = None) -> None:
        super().__init__()
        self.W_gate = _weight(d_model, shape.d_mlp, dtype=dtype, device=device)  # [m u]
        self.W_in = _weight(d_model, shape.d_mlp, dtype=dtype, device=device)  # [m u]
        self.W_out = _weight(shape.d_mlp, d_model, dtype=dtype, device=device)  # [u m]
        self.hook_pre, self.hook_pre_linear, self.hook_post = nn.Identity(), nn.Identity(), nn.Identity()

    def forward(self, x: Float[Tensor, "b p m"]) -> Float[Tensor, "b p m"]:
        gate, linear = self.hook_pre(x @ self.W_gate), self.hook_pre_linear(x @ self.W_in)  # [b p u]
        return self.hook_post(gate.relu() * linear) @ self.W_out  # [b p m]


class Block(_FixedFormat):
    """One block: attention, then feed-forward, each added to the residual stream."""

    hook_resid_pre, hook_resid_mid, hook_resid_post, hook_attn_out, hook_mlp_out = (Point() for _ in range(5))

    def __init__(self, d_model: int, shape: BlockShape, *, dtype: torch.dtype, device: Any = None) -> None:
        super().__init__()
        self.attn = Attention(d_model, shape, dtype=dtype, device=device)
        self.mlp = FeedForward(d_model, shape, dtype=dtype, device=device)
        self.hook_resid_pre, self.hook_resid_mid, self.hook_resid_post = nn.Identity(), nn.Identity(), nn.Identity()
        self.hook_attn_out, self.hook_mlp_out = nn.Identity(), nn.Identity()

    def forward(self, x: Float[Tensor, "b p m"], block: int, cache: KeyValueCache) -> Float[Tensor, "b p m"]:
        x = self.hook_resid_pre(x)
        x = self.hook_resid_mid(x + self.hook_attn_out(self.attn(x, block, cache)))
        return self.hook_resid_post(x + self.hook_mlp_out(self.mlp(x)))


class Embedding(_FixedFormat):
    """A token's embedding: the rows of its kind and its fields, and its number times a vector.

    Row 0 means "no field" and is zero.
    """

    W_E, W_pos, hook_embed, hook_pos_embed = Weight(), Weight(), Point(), Point()

    def __init__(self, shape: Shape, *, dtype: torch.dtype, device: Any = None) -> None:
        super().__init__()
        self.W_E = _weight(shape.d_vocab, shape.d_model, dtype=dtype, device=device)  # [r m]
        self.W_pos = _weight(1, shape.d_model, dtype=dtype, device=device)  # [1 m]
        self.hook_embed, self.hook_pos_embed = nn.Identity(), nn.Identity()

    def forward(self, tokens: Int[Tensor, "b p w"], numbers: Int[Tensor, "rows p"]) -> Float[Tensor, "b p m"]:
        t = numbers.to(self.W_pos.dtype)[..., None]  # [1 p 1], or a row's own [b p 1]
        return self.hook_embed(self.W_E[tokens].sum(2)) + self.hook_pos_embed(t * self.W_pos)  # [b p m]


class Unembedding(_FixedFormat):
    """The logit of every row of the vocabulary; a token's logit is the sum over its kind and fields."""

    W_U = Weight()

    def __init__(self, shape: Shape, *, dtype: torch.dtype, device: Any = None) -> None:
        super().__init__()
        self.W_U = _weight(shape.d_model, shape.d_vocab, dtype=dtype, device=device)  # [m r]

    def forward(self, x: Float[Tensor, "b p m"]) -> Float[Tensor, "b p r"]:
        return x @ self.W_U  # [b p r]


class Transformer(HookPoints, _FixedFormat, Network):
    """A decoder-only transformer with all weights zero, ready to be filled in (or trained).

    Args:
        shape: the sizes.
        dtype: the number format of every weight; the network is never cast to another.
        config: what the network was built for; carried along, as all that follows, and read by nothing in here.
        stream: the named directions of its residual stream.
        vocabulary: its tokens, and what each row stands for.
        block_names: what its blocks are called.

    >>> shape = Shape(d_vocab=3, d_model=2, blocks=(BlockShape(1, 1, 4),))
    >>> network = Transformer(shape, dtype=torch.float64)
    >>> network(torch.tensor([[[1, 0], [2, 0]]])).shape
    torch.Size([1, 2, 3])
    >>> network.float()
    Traceback (most recent call last):
    TypeError: a network built for torch.float64 cannot be cast to torch.float32: its constants (M, K, L) belong to...
    """

    def __init__(
        self,
        shape: Shape,
        *,
        dtype: torch.dtype,
        config: Any = None,
        stream: Any = None,
        vocabulary: Any = None,
        block_names: tuple[str, ...] = (),
        device: Any = None,
    ) -> None:
        super().__init__()
        self.shape, self.dtype, self.number_format = shape, dtype, str(dtype).removeprefix("torch.")
        self.config, self.stream, self.vocabulary, self.block_names = config, stream, vocabulary, block_names
        self.embed = Embedding(shape, dtype=dtype, device=device)
        self.blocks = nn.ModuleList(Block(shape.d_model, b, dtype=dtype, device=device) for b in shape.blocks)
        self.unembed = Unembedding(shape, dtype=dtype, device=device)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.embed.W_E.device

    def extra_repr(self) -> str:
        shape = f"d_vocab={self.shape.d_vocab}, d_model={self.shape.d_model}, {self.number_format}"
        return shape if self.config is None else f"{self.config}\n{shape}"

    def forward(
        self, tokens: Int[Tensor, "b p w"], cache: KeyValueCache | None = None, *, logits_from: int = 0
    ) -> Float[Tensor, "b wanted r"]:
        """The logits that follow each of `tokens`.

        Args:
            tokens: row numbers of the vocabulary; the kind first, then the fields, 0 where there is none.
            cache: holds the positions before these, and takes these in; None: these are the first.
            logits_from: the first position (of this call) whose logits are wanted; -1: only the last.
        """
        shape, dtype = getattr(tokens, "shape", ()), getattr(tokens, "dtype", type(tokens).__name__)
        if len(shape) != 3 or dtype not in INTEGERS:
            expected = "tokens are a tensor of integers [batch, positions, fields], row numbers of the vocabulary"
            raise ValueError(f"{expected}; found {dtype} of shape {tuple(shape)}")
        cache = KeyValueCache() if cache is None else cache
        x = self.embed(tokens, cache.numbers(tokens.shape[1], tokens.device))  # [b p m]
        for i, block in enumerate(self.blocks):
            x = block(x, i, cache)
        cache.advance(tokens.shape[1])
        return self.unembed(x[:, logits_from:])

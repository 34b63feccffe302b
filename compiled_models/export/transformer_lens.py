"""A network as a TransformerLens model: the same weights in that library's own architecture, for its own tools.

TransformerLens numbers tokens, one row each; here a token is a sum of rows. So every token becomes a number of its own,
with the sum of its rows as its embedding and the sum of their columns as its unembedding: the vocabulary is as large as
`Vocabulary.size()` says, which is few enough for a small base network only. Blocks are padded to one size with zeros,
and the position's part, t times `W_pos`, is written out as a table. A test compares every activation.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from compiled_models.export.folder import json_bytes, require_folder, write_folder
from compiled_models.extra import extra
from construction.fingerprint import fingerprint
from construction.residual import ResidualStream
from construction.transformer import Transformer
from construction.vocabulary import Vocabulary
from tm import InputError, Problem
from tm.integers import is_integer

__all__ = ["Lens", "export_transformer_lens", "to_transformer_lens"]

MOST_TOKENS = 50_000
"""Numbered tokens: embedding and unembedding have a row of d_model weights for each."""
MODULES = tuple(
    f"transformer_lens.{name}" for name in ("config", "model_bridge.sources.native", "model_bridge.sources")
)
LOAD = '''"""The model of this folder, by TransformerLens alone: `from load import model, directions, tokens`.

`tokens[i]` says what number i stands for; `cache["blocks.2.hook_resid_post"][0, :, directions["head 1"]]`.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformer_lens.config import TransformerBridgeConfig
from transformer_lens.model_bridge.sources import build_bridge_from_module
from transformer_lens.model_bridge.sources.native import NativeModel

here = Path(__file__).parent
settings = json.loads((here / "config.json").read_text(encoding="utf-8"))
dtype = getattr(torch, settings.pop("dtype"))
config = TransformerBridgeConfig(**settings, dtype=dtype)
native = NativeModel(config).to(dtype)
native.load_state_dict(load_file(here / "model.safetensors"))
model = build_bridge_from_module(
    native, architecture="TransformerLensNative", tl_config=config, tokenizer=None, dtype=dtype
)
names = json.loads((here / "names.json").read_text(encoding="utf-8"))
directions, tokens = names["directions"], names["tokens"]
'''
CARD = """# A network of tapehead, for TransformerLens

{network}; {nonzero:,} weights, set by hand, are not zero. In this folder
`from load import model, directions, tokens` needs TransformerLens alone: `model` is a `TransformerBridge`, `tokens[i]`
says what number i stands for, `directions[name]` is a column of the residual stream.

Written by `tapehead export transformer-lens`. sha256 of the network's weights: {sha256}
"""
SCALE = 2.0
"""Scores are divided by it, and queries multiplied, which changes no bit: TransformerLens 4 refuses a scale of 1."""


@dataclass(frozen=True, eq=False)
class Lens:
    """A network in TransformerLens, with the names of its directions and tokens beside it.

    Attributes:
        model: a `TransformerBridge`, with `run_with_cache`, `run_with_hooks` and all else of TransformerLens.
        stream: the named directions of the residual stream: `cache[...][..., direction.column]`.
        vocabulary: the rows that tokens are sums of.
        rows: the rows of each token [n w]; `codec.text(rows[i].tolist())` is its text.
    """

    model: Any
    stream: ResidualStream
    vocabulary: Vocabulary
    rows: Tensor
    _numbers: dict[tuple[int, ...], int] = field(repr=False)

    def ids(self, tokens: Tensor) -> Tensor:
        """The numbers [b p] of tokens [b p w], which `model` takes.

        Raises:
            InputError: for rows that make no token.
        """
        if not isinstance(tokens, Tensor) or tokens.ndim != 3 or tokens.is_floating_point():
            raise InputError(Problem("tokens are a tensor of integers [batch, positions, fields]"))
        flat = [tuple(token) for prompt in tokens.tolist() for token in prompt]
        if missing := [token for token in flat if token not in self._numbers]:
            raise InputError(Problem("rows that make no token of this network", found=str(missing[0])))
        return torch.tensor([self._numbers[token] for token in flat], dtype=torch.int64).reshape(tokens.shape[:2])


def to_transformer_lens(network: Transformer, *, positions: int = 1024) -> Lens:
    """The network as a TransformerLens model: the same logits and patterns, to the last bit or nearly so.

    Args:
        network: from `base_network`, `compile_machine` or `load`; its hooks do not come along.
        positions: the longest context. TransformerLens keeps a table of all positions; here there is no such limit.

    Returns:
        the model, and the names of what it computes. Heads and units that a block does not have are zero: their
        attention is spread evenly over the context and changes nothing.

    Raises:
        InputError: if TransformerLens is not installed (the extra `transformer-lens`), for a network without names, and
            for one with too many tokens to number.

    >>> from construction import base_network
    >>> to_transformer_lens(base_network(states=16, symbols=8, tapes=2))
    Traceback (most recent call last):
    tm.errors.InputError: the network has too many tokens to number them
        expected: at most 50,000
        found: 22,127,654
        mend: a smaller one: base_network(states=4, symbols=3) has 1,163
    """
    settings, model, rows = _native(network, positions)
    bridge = extra(MODULES[2], "transformer-lens")
    lens = bridge.build_bridge_from_module(
        model, architecture="TransformerLensNative", tl_config=settings, tokenizer=None, dtype=network.dtype
    )
    numbers = {tuple(token): number for number, token in enumerate(rows.tolist())}
    return Lens(lens, network.stream, network.vocabulary, rows, numbers)


def _native(network: Transformer, positions: int) -> tuple[Any, Any, Tensor]:
    """What TransformerLens has to know, its module with the network's weights, and the rows of each token [n w]."""
    _require(network, positions)
    config, native, _ = (extra(name, "transformer-lens") for name in MODULES)
    rows = torch.tensor(list(_tokens(network.vocabulary)), dtype=torch.int64)
    settings = config.TransformerBridgeConfig(**_settings(network, positions, len(rows)), dtype=network.dtype)
    model = native.NativeModel(settings).to(network.dtype)
    with torch.no_grad():
        _fill(model, network, rows)
    return settings, model, rows


def export_transformer_lens(
    folder: str | Path, network: Transformer, *, positions: int = 1024, force: bool = False
) -> Path:
    """Write the network as TransformerLens has it, the names of its directions and tokens beside it.

    `load.py` there makes the model of the other files, with TransformerLens alone.

    Args:
        folder: a new or an empty one, unless `force` is given.
        network: as for `to_transformer_lens`.
        positions: the longest context.

    Raises:
        InputError: as `to_transformer_lens` does.
        FileError: if the folder cannot be written to.
    """
    require_folder(folder, force=force)
    _, model, rows = _native(network, positions)
    settings = _settings(network, positions, len(rows)) | {"dtype": str(network.dtype).removeprefix("torch.")}
    directions = {network.stream.direction(column).name: column for column in range(network.stream.width)}
    tokens = [" ".join(network.vocabulary.name(row) for row in token if row) for token in rows.tolist()]
    files = {
        "README.md": _card(network).encode(),
        "config.json": json_bytes(settings),
        "load.py": LOAD.encode(),
        "model.safetensors": save({name: weight.contiguous() for name, weight in model.state_dict().items()}),
        "names.json": json_bytes({"directions": directions, "tokens": tokens}),
    }
    return write_folder(folder, files, force=force)


def _card(network: Transformer) -> str:
    """What the folder is, for a reader."""
    identity = fingerprint(network)
    return CARD.format(network=network.config, nonzero=identity.nonzero, sha256=identity.sha256)


def _settings(network: Transformer, positions: int, tokens: int) -> dict[str, Any]:
    """What TransformerLens has to know of the architecture; the number format apart."""
    shape = network.shape
    return {
        "d_model": shape.d_model,
        "d_head": max(block.d_head for block in shape.blocks),
        "n_heads": max(block.heads for block in shape.blocks),
        "d_mlp": max(block.d_mlp for block in shape.blocks),
        "n_layers": len(shape.blocks),
        "n_ctx": positions,
        "d_vocab": tokens,
        "act_fn": "relu",
        "gated_mlp": True,
        "normalization_type": None,
        "positional_embedding_type": "standard",
        "use_attn_scale": True,
        "attn_scale": SCALE,
        "attention_dir": "causal",
        "default_prepend_bos": False,
        "init_weights": False,
    }


def _require(network: Transformer, positions: object) -> None:
    problems = []
    if not isinstance(network.vocabulary, Vocabulary) or not isinstance(network.stream, ResidualStream):
        expected = "a network from base_network, compile_machine or load"
        problems.append(Problem("the network's tokens and directions have no names", expected))
    elif (size := network.vocabulary.size()) > MOST_TOKENS:
        hint = "a smaller one: base_network(states=4, symbols=3) has 1,163"
        what = "the network has too many tokens to number them"
        problems.append(Problem(what, f"at most {MOST_TOKENS:,}", f"{size:,}", hint))
    if not is_integer(positions, 1):
        problems.append(Problem("positions is the length of the longest context", "1 or more", repr(positions)))
    if problems:
        raise InputError(*problems)


def _tokens(vocabulary: Vocabulary) -> Iterator[tuple[int, ...]]:
    """Every token, in the order of its kinds and labels."""
    for kind in vocabulary.kinds.values():
        for values in itertools.product(*(range(len(each.labels)) for each in kind.fields)):
            yield vocabulary.token(kind.name, *values)


def _fill(model: Any, network: Transformer, rows: Tensor) -> None:
    """Write a network's weights into TransformerLens' module, in which all else is zero."""
    for weight in model.parameters():
        weight.zero_()
    embed, unembed = network.embed, network.unembed
    model.tok_embed.weight.copy_(embed.W_E[rows].sum(1))
    model.head.weight.copy_(unembed.W_U.T[rows].sum(1))
    positions = model.pos.weight.shape[0]
    model.pos.weight.copy_(torch.arange(1, positions + 1, dtype=network.dtype)[:, None] * embed.W_pos)
    for number, layer in enumerate(model.layers):
        attention = network.get_submodule(f"blocks.{number}.attn").get_parameter
        feed_forward = network.get_submodule(f"blocks.{number}.mlp").get_parameter
        _fill_attention(layer.attn, *(attention(name) for name in ("W_Q", "W_K", "W_V", "W_O")))
        gate, linear, out = (feed_forward(name) for name in ("W_gate", "W_in", "W_out"))
        units = gate.shape[1]
        layer.mlp.gate.weight[:units] = gate.T
        getattr(layer.mlp, "in").weight[:units] = linear.T
        layer.mlp.out.weight[:, :units] = out.T


def _fill_attention(layer: Any, queries: Tensor, keys: Tensor, values: Tensor, out: Tensor) -> None:
    """Write a block's attention, head by head: [h m c], and [h c m] outwards."""
    for head in range(queries.shape[0]):
        channels = slice(head * layer.d_head, head * layer.d_head + queries.shape[2])
        layer.q.weight[channels] = SCALE * queries[head].T
        layer.k.weight[channels] = keys[head].T
        layer.v.weight[channels] = values[head].T
        layer.o.weight[:, channels] = out[head].T

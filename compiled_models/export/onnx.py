"""`export_llama_onnx` and `export_base_onnx`: networks as ONNX graphs, node by node.

The Llama's has the inputs and outputs that ONNX Runtime's users expect of a decoder: input_ids, attention_mask and
position_ids, and the keys and values of the positions so far. The base network's takes tokens as rows of its vocabulary
and gives the logit of every row, in float64.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from compiled_models.atomic import replacing, require_replaceable
from compiled_models.export.graph import Graph
from construction.llama import LlamaConfig, LlamaTransformer, draw_llama
from construction.llama.config import HEAD_DIM, THETA
from construction.llama.transformer import EPSILON, LAYERS
from construction.transformer import Transformer

__all__ = ["base_graph", "export_base_onnx", "export_llama_onnx", "llama_graph"]

HALF = HEAD_DIM // 2
NEVER = -1e9  # a score that no softmax sees


def export_llama_onnx(file: str | Path, config: LlamaConfig | None = None, *, force: bool = False) -> Path:
    """Write a stock Llama as an ONNX model in float32, with its keys and values as inputs and outputs.

    Raises:
        InputError: if onnx is not installed.
        FileError: if the file cannot be written, or stands there and `force` is not given.
    """
    require_replaceable(file, force=force)
    return _saved(llama_graph(draw_llama(config or LlamaConfig()).network()), file, force=force)


def export_base_onnx(file: str | Path, network: Transformer, *, force: bool = False) -> Path:
    """Write a base or tuned network as an ONNX model: tokens [b p w] in, logits [b p r] out, in its number format.

    Raises:
        InputError: if onnx is not installed.
        FileError: if the file cannot be written, or stands there and `force` is not given.
    """
    require_replaceable(file, force=force)
    return _saved(base_graph(network), file, force=force)


def _saved(graph: Graph, file: str | Path, *, force: bool) -> Path:
    with replacing(file, force=force) as beside:
        beside.write_bytes(graph.serialized())
    return Path(file)


# -- the stock Llama -------------------------------------------------------------------------------------------------


def llama_graph(network: LlamaTransformer) -> Graph:
    """A stock Llama as a graph.

    Raises:
        InputError: if onnx is not installed.
    """
    config, g = network.config, Graph("tapehead_llama")
    weights = {name: weight.detach().float().numpy() for name, weight in network.state_dict().items()}
    ids = g.input("input_ids", np.int64, ["batch", "sequence"])
    mask = g.input("attention_mask", np.int64, ["batch", "total"])
    positions = g.input("position_ids", np.int64, ["batch", "sequence"])
    tables = _rotary_tables(g, positions)
    x = g("Gather", g.constant(weights["model.embed_tokens.weight"]), ids)  # [b p m]
    past = [_past(g, layer, config.heads) for layer in range(LAYERS)]
    allowed = _allowed(g, mask, past[0][0])  # [b 1 p s]
    present = []
    for layer in range(LAYERS):
        own = {
            name.removeprefix(f"model.layers.{layer}.").removesuffix(".weight"): weight
            for name, weight in weights.items()
            if name.startswith(f"model.layers.{layer}.")
        }
        normal = _norm(g, x, own["input_layernorm"])
        attended, keys, values = _attention(g, normal, own, config.heads, tables, past[layer], allowed)
        present.append((keys, values))
        x = g("Add", x, attended)
        x = g("Add", x, _feed_forward(g, _norm(g, x, own["post_attention_layernorm"]), own))
    logits = _linear(g, _norm(g, x, weights["model.norm.weight"]), weights["lm_head.weight"])
    g.output(logits, "logits", np.float32, ["batch", "sequence", config.words])
    for layer, pair in enumerate(present):
        for name, value in zip(("key", "value"), pair, strict=True):
            sizes: list[str | int] = ["batch", config.heads, "total", HEAD_DIM]
            g.output(value, f"present.{layer}.{name}", np.float32, sizes)
    return g


def _past(g: Graph, layer: int, heads: int) -> tuple[str, str]:
    sizes: list[str | int] = ["batch", heads, "past", HEAD_DIM]
    key, value = (g.input(f"past_key_values.{layer}.{name}", np.float32, sizes) for name in ("key", "value"))
    return key, value


def _rotary_tables(g: Graph, positions: str) -> tuple[str, str]:
    """Cosines and sines [b 1 p c] of the positions' angles, from the frequencies as transformers computes them."""
    pairs = torch.arange(0, HEAD_DIM, 2, dtype=torch.float32) / HEAD_DIM
    frequencies = (1.0 / THETA**pairs).numpy()
    place = g("Unsqueeze", g("Cast", positions, to=g.kind(np.float32)), g.integers(1, 3))  # [b 1 p 1], float32
    angles = g("Mul", place, g.constant(np.concatenate([frequencies, frequencies])))
    return g("Cos", angles), g("Sin", angles)


def _allowed(g: Graph, mask: str, past: str) -> str:
    """Which positions [b 1 p s] a position may attend to: earlier ones and itself, if they are no padding."""
    total, before = g.dimension(mask, 1), g.dimension(past, 2)
    place = g("Unsqueeze", g.counted(before, total), g.integers(1))  # [p 1]
    causal = g("LessOrEqual", g.counted(g.integers(0), total), place)  # [p s]
    real = g("Cast", g("Unsqueeze", mask, g.integers(1, 2)), to=g.kind(np.bool_))  # [b 1 1 s], bool
    return g("And", real, causal)


def _norm(g: Graph, x: str, weight: np.ndarray) -> str:
    square = g("ReduceMean", g("Mul", x, x), axes=[-1], keepdims=1)
    root = g("Sqrt", g("Add", square, g.constant(EPSILON, np.float32)))
    return g("Mul", g("Div", x, root), g.constant(weight))


def _linear(g: Graph, x: str, weight: np.ndarray) -> str:
    return g("MatMul", x, g.constant(weight.T))


def _heads_of(g: Graph, x: str, heads: int) -> str:
    """[b p h*c] to [b h p c]."""
    return g("Transpose", g("Reshape", x, g.integers(0, 0, heads, HEAD_DIM)), perm=[0, 2, 1, 3])


def _rotated(g: Graph, x: str, tables: tuple[str, str]) -> str:
    axis = g.integers(3)
    first = g("Slice", x, g.integers(0), g.integers(HALF), axis)
    second = g("Slice", x, g.integers(HALF), g.integers(HEAD_DIM), axis)
    turned = g("Concat", g("Neg", second), first, axis=3)
    return g("Add", g("Mul", x, tables[0]), g("Mul", turned, tables[1]))


def _attention(
    g: Graph,
    x: str,
    own: dict[str, np.ndarray],
    heads: int,
    tables: tuple[str, str],
    past: tuple[str, str],
    allowed: str,
) -> tuple[str, str, str]:
    q, k, v = (_heads_of(g, _linear(g, x, own[f"self_attn.{name}_proj"]), heads) for name in "qkv")
    q, k = _rotated(g, q, tables), _rotated(g, k, tables)
    k, v = g("Concat", past[0], k, axis=2), g("Concat", past[1], v, axis=2)  # [b h s c]
    scores = g("MatMul", q, g("Transpose", k, perm=[0, 1, 3, 2]))  # [b h p s]
    scores = g("Mul", scores, g.constant(HEAD_DIM**-0.5, np.float32))
    pattern = g("Softmax", g("Where", allowed, scores, g.constant(NEVER, np.float32)), axis=-1)
    z = g("Transpose", g("MatMul", pattern, v), perm=[0, 2, 1, 3])  # [b p h c]
    flat = g("Reshape", z, g.integers(0, 0, heads * HEAD_DIM))
    return _linear(g, flat, own["self_attn.o_proj"]), k, v


def _feed_forward(g: Graph, x: str, own: dict[str, np.ndarray]) -> str:
    gate, up = (_linear(g, x, own[f"mlp.{name}_proj"]) for name in ("gate", "up"))
    silu = g("Mul", gate, g("Sigmoid", gate))
    return _linear(g, g("Mul", silu, up), own["mlp.down_proj"])


# -- the base network ------------------------------------------------------------------------------------------------


def base_graph(network: Transformer) -> Graph:
    """A base or tuned network as a graph.

    Raises:
        InputError: if onnx is not installed.
    """
    g = Graph("tapehead")
    weights = {name: weight.detach().cpu().numpy() for name, weight in network.state_dict().items()}
    dtype = weights["embed.W_E"].dtype
    tokens = g.input("tokens", np.int64, ["batch", "sequence", "fields"])
    length = g.dimension(tokens, 1)
    rows = g("Gather", g.constant(weights["embed.W_E"]), tokens)  # [b p w m]
    t = g("Cast", g("Add", g.counted(g.integers(0), length), g.integers(1)), to=g.kind(dtype))  # [p], from 1
    place = g("Mul", g("Unsqueeze", t, g.integers(1)), g.constant(weights["embed.W_pos"]))  # [p m]
    x = g("Add", g("ReduceSum", rows, g.integers(2), keepdims=0), place)  # [b p m]
    positions = g.counted(g.integers(0), length)
    causal = g("LessOrEqual", positions, g("Unsqueeze", positions, g.integers(1)))  # [p s]
    never = g.constant(-np.inf, dtype)
    for number, block in enumerate(network.shape.blocks):
        own = {name: weights[f"blocks.{number}.{name}"] for name in _BLOCK}
        wide = g("Unsqueeze", x, g.integers(1))  # [b 1 p m]
        q, k, v = (g("MatMul", wide, g.constant(own[f"attn.W_{name}"])) for name in "QKV")  # [b h p c]
        scores = g("MatMul", q, g("Transpose", k, perm=[0, 1, 3, 2]))
        pattern = g("Softmax", g("Where", causal, scores, never), axis=-1)
        z = g("MatMul", g("MatMul", pattern, v), g.constant(own["attn.W_O"]))  # [b h p m]
        x = g("Add", x, g("ReduceSum", z, g.integers(1), keepdims=0))
        if block.d_mlp:
            gate, linear = (g("MatMul", x, g.constant(own[f"mlp.W_{name}"])) for name in ("gate", "in"))
            post = g("Mul", g("Relu", gate), linear)
            x = g("Add", x, g("MatMul", post, g.constant(own["mlp.W_out"])))
    logits = g("MatMul", x, g.constant(weights["unembed.W_U"]))
    g.output(logits, "logits", dtype, ["batch", "sequence", network.shape.d_vocab])
    return g


_BLOCK = ("attn.W_Q", "attn.W_K", "attn.W_V", "attn.W_O", "mlp.W_gate", "mlp.W_in", "mlp.W_out")

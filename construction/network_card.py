"""A network as a notebook shows it: its blocks, their widths, and the hash of its weights."""

from __future__ import annotations

from typing import Any

from construction.fingerprint import fingerprint
from tm.html import card, code, facts, table

__all__ = ["network_card"]


def network_card(network: Any) -> str:
    """A transformer as HTML.

    >>> from construction import base_network
    >>> "READ" in network_card(base_network(states=2, symbols=2))
    True
    """
    weights, shape = fingerprint(network), network.shape
    rows = []
    for i, (block, sizes) in enumerate(zip(network.blocks, shape.blocks, strict=True)):
        name = network.block_names[i] if i < len(network.block_names) else ""
        nonzero = sum(int(weight.count_nonzero()) for weight in block.parameters())
        rows.append([f"blocks.{i}", name, *map(str, (sizes.heads, sizes.d_head, sizes.d_mlp)), f"{nonzero:,}"])
    spaces = "" if network.stream is None else f" in {len(network.stream.spaces)} spaces"
    dtype = str(network.dtype).removeprefix("torch.")
    about = [
        ("residual stream", f"{shape.d_model} directions{spaces}"),
        ("vocabulary", f"{shape.d_vocab} rows"),
        ("weights", f"{weights.nonzero:,} of {weights.parameters:,} are not zero, {dtype}"),
        ("sha256", code(weights.sha256)),
    ]
    title = "a transformer" if network.config is None else str(network.config)
    columns = ("block", "", "heads", "d_head", "d_mlp", "non-zero weights")
    return str(card(title, table(columns, rows), facts(about)))

"""The template of a network: its blueprint as arrays, so that a thousand weights are compared at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from construction.blueprint import Blueprint, Entry
from construction.config import NetworkConfig
from construction.number_format import Weight
from construction.tuned_network import draw_network

__all__ = ["Template", "TensorTemplate", "template_of"]

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TensorTemplate:
    """One tensor: where its non-zero weights stand (flat), and which of the template's weights each is."""

    name: str
    size: tuple[int, ...]
    places: Integers  # [e], ascending
    weights: Integers  # [e], numbers of Template.weights
    entries: tuple[Entry, ...]  # [e]


@dataclass(frozen=True, slots=True)
class Template:
    """All tensors of a network, and the different weights in them: a literal times named parameters."""

    blueprint: Blueprint
    weights: tuple[Weight, ...]
    tensors: dict[str, TensorTemplate]


@lru_cache(maxsize=16)
def template_of(config: NetworkConfig) -> Template:
    """The template of the network that a configuration describes.

    >>> template = template_of(NetworkConfig.of(states=2, symbols=2))
    >>> len(template.tensors), sorted(map(str, template.weights))[-1]
    (31, 'g')
    """
    blueprint = draw_network(config)
    numbers: dict[Weight, int] = {}
    drawn: dict[str, list[Entry]] = {name: [] for name in _sizes(blueprint)}
    for entry in blueprint.entries:
        drawn[entry.tensor].append(entry)
        numbers.setdefault(entry.weight, len(numbers))
    tensors = {name: _tensor(name, size, drawn[name], numbers) for name, size in _sizes(blueprint).items()}
    return Template(blueprint, tuple(numbers), tensors)


def _sizes(blueprint: Blueprint) -> dict[str, tuple[int, ...]]:
    """The names and sizes of a transformer's tensors."""
    shape = blueprint.shape
    sizes: dict[str, tuple[int, ...]] = {
        "embed.W_E": (shape.d_vocab, shape.d_model),
        "embed.W_pos": (1, shape.d_model),
        "unembed.W_U": (shape.d_model, shape.d_vocab),
    }
    for i, block in enumerate(shape.blocks):
        inward, outward = (block.heads, shape.d_model, block.d_head), (block.heads, block.d_head, shape.d_model)
        sizes |= {f"blocks.{i}.attn.{name}": inward for name in ("W_Q", "W_K", "W_V")}
        sizes[f"blocks.{i}.attn.W_O"] = outward
        sizes |= {f"blocks.{i}.mlp.{name}": (shape.d_model, block.d_mlp) for name in ("W_gate", "W_in")}
        sizes[f"blocks.{i}.mlp.W_out"] = (block.d_mlp, shape.d_model)
    return sizes


def _tensor(name: str, size: tuple[int, ...], entries: list[Entry], numbers: dict[Weight, int]) -> TensorTemplate:
    index = np.array([entry.index for entry in entries], dtype=np.int64).reshape(len(entries), len(size))
    flat = np.asarray(np.ravel_multi_index(tuple(index.T), size), dtype=np.int64).reshape(len(entries))
    order = np.argsort(flat)
    weights = np.array([numbers[entry.weight] for entry in entries], dtype=np.int64)[order]
    return TensorTemplate(name, size, flat[order], weights, tuple(entries[i] for i in order))

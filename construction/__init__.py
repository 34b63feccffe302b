"""The network and its weights: a plain transformer, and the blueprints that set every one of its weights by hand.

PyTorch, and what needs it, is imported when it is asked for: a blueprint, its numbers and a prompt are made without.

>>> network = base_network(states=2, symbols=2)
>>> type(network).__name__, network.config.kind
('Transformer', 'base')
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from construction.base_network import base_network, draw_base_network
from construction.blueprint import Blueprint, Entry
from construction.codec import Codec, Prompt
from construction.config import CapacityError, NetworkConfig
from construction.example import Example
from construction.network import Weights
from construction.shape import Shape
from construction.tuned_network import compile_machine, construct, construct_weights, draw_tuned_network
from construction.vocabulary import Vocabulary, machine_vocabulary
from tm.lazy import lazily

if TYPE_CHECKING:
    from construction.module import module_of
    from construction.precision import exact_arithmetic
    from construction.transformer import KeyValueCache, Transformer

__all__ = [
    "Blueprint",
    "CapacityError",
    "Codec",
    "Entry",
    "Example",
    "KeyValueCache",
    "NetworkConfig",
    "Prompt",
    "Shape",
    "Transformer",
    "Vocabulary",
    "Weights",
    "base_network",
    "compile_machine",
    "construct",
    "construct_weights",
    "draw_base_network",
    "draw_tuned_network",
    "exact_arithmetic",
    "machine_vocabulary",
    "module_of",
]

_NEED_TORCH = {
    ".module": ("module_of",),
    ".precision": ("exact_arithmetic",),
    ".transformer": ("KeyValueCache", "Transformer"),
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazily(__name__, _NEED_TORCH, __all__)

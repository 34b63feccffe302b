"""The network and its weights: a plain transformer, and the blueprints that set every one of its weights by hand.

>>> network = base_network(states=2, symbols=2)
>>> type(network).__name__, network.config.kind
('Transformer', 'base')
"""

from construction.base_network import base_network, draw_base_network
from construction.blueprint import Blueprint, Entry
from construction.codec import Codec, Prompt
from construction.config import CapacityError, NetworkConfig
from construction.exact_arithmetic import exact_arithmetic
from construction.example import Example
from construction.transformer import KeyValueCache, Shape, Transformer
from construction.tuned_network import compile_machine, construct, draw_tuned_network
from construction.vocabulary import Vocabulary, machine_vocabulary

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
    "base_network",
    "compile_machine",
    "construct",
    "draw_base_network",
    "draw_tuned_network",
    "exact_arithmetic",
    "machine_vocabulary",
]

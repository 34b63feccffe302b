"""Networks with other constants than those of their number format, every use of each the same."""

from __future__ import annotations

from fractions import Fraction

import torch

from construction import Transformer
from construction.base_network import draw_base_network
from construction.config import NetworkConfig
from construction.number_format import Constants

__all__ = ["with_constants"]


def with_constants(
    dtype: torch.dtype = torch.float64, states: int = 4, symbols: int = 3, **changed: int | Fraction
) -> Transformer:
    """A base network with some of its constants (beta, M, L, K, g) changed."""
    config, usual = NetworkConfig.of(states=states, symbols=symbols, dtype=dtype), Constants.of(dtype)
    constants = Constants(**{name: Fraction(changed.get(name, getattr(usual, name))) for name in usual.__slots__})
    return draw_base_network(config).network(config, dtype=dtype, constants=constants)

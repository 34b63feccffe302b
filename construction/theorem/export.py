"""The exporter: a network's tensors as data for the prover, every non-zero entry, exactly.

What the prover says, it says of the tensors that are written down here; so this file has to be trusted, and is short.
`exported` in Prefix.v is the type, and `tensors_of` there says which tensors the lists stand for.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import torch
from torch import Tensor

from construction.transformer import Transformer

__all__ = ["exported"]


def exported(network: Transformer) -> str:
    """A term of Coq's type `exported`.

    >>> from construction import base_network
    >>> exported(base_network(states=1, symbols=2)).splitlines()[:3]
    ['Exported 33', '[[];', '[(0%nat, 1 # 1); (2%nat, 1 # 1)];']
    """
    weights = {name: tensor.detach() for name, tensor in network.named_parameters()}
    blocks = (_block(weights, f"blocks.{i}", len(weights[f"blocks.{i}.attn.W_Q"])) for i in range(len(network.blocks)))
    parts = [
        _list(_terms(row) for row in weights["embed.W_E"]),  # [r m]
        _terms(weights["embed.W_pos"][0]),  # [1 m]
        _list(blocks),
        _list(_terms(column) for column in weights["unembed.W_U"].T),  # [m r]
    ]
    return "\n".join([f"Exported {network.shape.d_model}", *parts])


def _block(weights: dict[str, Tensor], name: str, heads: int) -> str:
    W_Q, W_K, W_V, W_O = (weights[f"{name}.attn.{part}"] for part in ("W_Q", "W_K", "W_V", "W_O"))  # [h m c], [h c m]
    W_gate, W_in, W_out = (weights[f"{name}.mlp.{part}"] for part in ("W_gate", "W_in", "W_out"))  # [m u], [u m]
    pairs = [(_pairs(W_Q[h].T, W_K[h].T), _pairs(W_V[h].T, W_O[h])) for h in range(heads)]
    units = zip(W_gate.T, W_in.T, W_out, strict=True)
    return (
        f"Block {_list(f'Head {match} {value}' for match, value in pairs)}\n"
        f"{_list('Unit ' + ' '.join(map(_terms, unit)) for unit in units)}"
    )


def _pairs(one: Tensor, other: Tensor) -> str:
    return _list(f"({_terms(a)}, {_terms(b)})" for a, b in zip(one, other, strict=True))


def _terms(vector: Tensor) -> str:
    """The non-zero entries of a vector: (index, weight)."""
    places = torch.nonzero(vector).flatten().tolist()
    return "[" + "; ".join(f"({i}%nat, {_rational(vector[i])})" for i in places) + "]"


def _rational(weight: Tensor) -> str:
    value = Fraction(float(weight))
    return f"{value.numerator if value >= 0 else f'({value.numerator})'} # {value.denominator}"


def _list(items: Iterable[str]) -> str:
    return "[" + ";\n".join(items) + "]"

"""What the page is told: the network's weights and names, and the machines to choose from, as plain data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from construction.blueprint import Blueprint, Entry
from construction.certificate import read_frame
from construction.fingerprint import fingerprint
from construction.network import Network, Tensor, tensors_of
from construction.shape import Shape
from construction.tuned_network import draw_network
from tm import Machine, Start, library

__all__ = ["described", "request"]


def described(network: Network) -> dict[str, Any]:
    """A base network, as the script takes it: its non-zero weights, their reasons, its vocabulary and directions."""
    config, tensors = network.config, tensors_of(network)
    blueprint = draw_network(config)
    sentences = {because: number for number, because in enumerate(dict.fromkeys(e.because for e in blueprint.entries))}
    constants = read_frame(network).constants
    return {
        "sha256": fingerprint(network).sha256,
        "capacity": {"states": config.states, "symbols": config.symbols, "tapes": config.tapes, "code": config.code},
        "network": _weights(network.shape, tensors),
        "vocabulary": [
            [kind.name, [[field.name, list(field.labels)] for field in kind.fields]]
            for kind in blueprint.vocabulary.kinds.values()
        ],
        "directions": [blueprint.stream.direction(column).name for column in range(blueprint.stream.width)],
        "channels": [[[*head.value_channels] for head in block.heads] for block in blueprint.blocks.values()],
        "constants": {"M": float(constants.M)},
        "entries": [_entry(entry, tensors, sentences) for entry in blueprint.entries],
        "sentences": list(sentences),
        "library": [_of_library(name, blueprint, network) for name in library.names()],
    }


def _weights(shape: Shape, tensors: dict[str, Tensor]) -> dict[str, Any]:
    written = {}
    for name, tensor in tensors.items():
        flat = tensor.array.reshape(-1)
        places = np.flatnonzero(flat)
        written[name] = {"size": [*tensor.array.shape], "places": places.tolist(), "numbers": flat[places].tolist()}
    blocks = [{"heads": block.heads, "channels": block.d_head, "units": block.d_mlp} for block in shape.blocks]
    return {"rows": shape.d_vocab, "width": shape.d_model, "blocks": blocks, "tensors": written}


def _entry(entry: Entry, tensors: dict[str, Tensor], sentences: dict[str, int]) -> dict[str, Any]:
    array, place = tensors[entry.tensor].array, 0
    for index, size in zip(entry.index, array.shape, strict=True):
        place = place * size + index
    return {
        "tensor": entry.tensor,
        "place": place,
        "source": entry.source,
        "target": entry.target,
        "number": float(array[entry.index]),
        "because": sentences[entry.because],
    }


def _of_library(name: str, blueprint: Blueprint, network: Network) -> dict[str, Any]:
    machine, config = library.load(name), network.config
    example = library.examples(name)[0]
    start = Start.of(machine, example.input, example.head)
    fits = (
        len(start.machine.states) <= config.states
        and len(start.machine.symbols) <= config.symbols
        and machine.tapes <= config.tapes
        and (config.code == "joint" or not machine.stochastic)
    )
    return {"name": name, "fits": fits, **request(start, seed=example.seed)}


def request(start: Start, seed: int | None = None) -> dict[str, Any]:
    """A machine with its input, as the page runs it: plain rules, for the symbols that stand on the tape too."""
    machine = start.machine
    plain: Machine = replace(
        machine,
        others=(),
        states=machine.states,
        symbols=machine.symbols,
        inputs=replace(machine.inputs, sample=None),
    )
    return {
        "text": plain.write(),
        "input": [list(tape) for tape in start.input],
        "heads": list(start.head),
        "seed": 1 if seed is None else seed,
    }

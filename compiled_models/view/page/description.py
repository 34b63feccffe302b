"""What the page is told: the network's weights and names, and the machines to choose from, as plain data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from construction.blueprint import Blueprint, Entry
from construction.certificate import read_frame
from construction.fingerprint import fingerprint
from construction.transformer import Transformer
from construction.tuned_network import draw_network
from tm import Machine, Start, library

__all__ = ["described", "request"]


def described(network: Transformer) -> dict[str, Any]:
    """A base network, as the script takes it: its non-zero weights, their reasons, its vocabulary and directions."""
    config = network.config
    blueprint = draw_network(config)
    sentences = {because: number for number, because in enumerate(dict.fromkeys(e.because for e in blueprint.entries))}
    sizes = {name: tuple(weight.shape) for name, weight in network.named_parameters()}
    constants = read_frame(network).constants
    return {
        "sha256": fingerprint(network).sha256,
        "capacity": {"states": config.states, "symbols": config.symbols, "tapes": config.tapes, "code": config.code},
        "network": _weights(network),
        "vocabulary": [
            [kind.name, [[field.name, list(field.labels)] for field in kind.fields]]
            for kind in blueprint.vocabulary.kinds.values()
        ],
        "directions": [blueprint.stream.direction(column).name for column in range(blueprint.stream.width)],
        "channels": [[head.value_channels for head in block.heads] for block in blueprint.blocks.values()],
        "constants": {"M": float(constants.M)},
        "entries": [_entry(entry, sizes, sentences, network) for entry in blueprint.entries],
        "sentences": list(sentences),
        "library": [_of_library(name, blueprint, network) for name in library.names()],
    }


def _weights(network: Transformer) -> dict[str, Any]:
    shape = network.shape
    tensors = {}
    for name, weight in network.named_parameters():
        flat = weight.detach().cpu().flatten()
        places = flat.nonzero().flatten()
        tensors[name] = {"size": list(weight.shape), "places": places.tolist(), "numbers": flat[places].tolist()}
    blocks = [{"heads": block.heads, "channels": block.d_head, "units": block.d_mlp} for block in shape.blocks]
    return {"rows": shape.d_vocab, "width": shape.d_model, "blocks": blocks, "tensors": tensors}


def _entry(
    entry: Entry, sizes: dict[str, tuple[int, ...]], sentences: dict[str, int], network: Transformer
) -> dict[str, Any]:
    place = 0
    for index, size in zip(entry.index, sizes[entry.tensor], strict=True):
        place = place * size + index
    return {
        "tensor": entry.tensor,
        "place": place,
        "source": entry.source,
        "target": entry.target,
        "number": float(network.get_parameter(entry.tensor).detach()[entry.index]),
        "because": sentences[entry.because],
    }


def _of_library(name: str, blueprint: Blueprint, network: Transformer) -> dict[str, Any]:
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

"""Names for every place of every tensor, also for those where no weight belongs: what it would join."""

from __future__ import annotations

from collections.abc import Callable

from construction.blueprint import Blueprint

__all__ = ["joined_by"]


def joined_by(blueprint: Blueprint, tensor: str, index: tuple[int, ...]) -> tuple[str, str]:
    """What a weight at this place reads, and what it feeds, in the words of the blueprint.

    >>> from construction import NetworkConfig, draw_base_network
    >>> blueprint = draw_base_network(NetworkConfig.of(states=2, symbols=2))
    >>> joined_by(blueprint, "embed.W_E", (1, 0))
    ('BOS', 'one')
    >>> joined_by(blueprint, "blocks.2.attn.W_Q", (0, 1, 2))
    ('t', 'READ 1 query [sink]')
    >>> joined_by(blueprint, "blocks.1.attn.W_O", (0, 0, 1))
    ('ADDRESS 1 value [unused 0]', 't')
    """
    row, column = blueprint.vocabulary.name, _direction(blueprint)
    if tensor == "embed.W_E":
        return row(index[0]), column(index[1])
    if tensor == "embed.W_pos":
        return "t", column(index[1])
    if tensor == "unembed.W_U":
        return column(index[0]), row(index[1])
    _, number, layer, name = tensor.split(".")
    block = list(blueprint.blocks.values())[int(number)]
    if layer == "mlp":
        unit = f"unit [{_named(block.units, index[0] if name == 'W_out' else index[1])}]"
        return (unit, column(index[1])) if name == "W_out" else (column(index[0]), f"{name[2:]} of {unit}")
    head = block.heads[index[0]]
    role = {"W_Q": "query", "W_K": "key", "W_V": "value", "W_O": "value"}[name]
    channels = head.match_channels if role in ("query", "key") else head.value_channels
    channel = f"{head.name} {role} [{_named(channels, index[1] if name == 'W_O' else index[2])}]"
    return (channel, column(index[2])) if name == "W_O" else (column(index[1]), channel)


def _direction(blueprint: Blueprint) -> Callable[[int], str]:
    return lambda column: blueprint.stream.direction(column).name


def _named(names: list[str], number: int) -> str:
    return names[number] if number < len(names) else f"unused {number}"

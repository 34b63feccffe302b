"""The network's data and weights on its tapes, and what it learnt off them again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tm.learners.parts import register
from tm.learners.word import number, word

__all__ = ["network_numbers", "network_tapes"]


def network_tapes(
    examples: Iterable[tuple[Sequence[int], int]],
    queries: Iterable[Sequence[int]],
    weights: Sequence[Sequence[int]],
    outgoing: Sequence[int],
    *,
    rate: int,
    bits: int,
    fraction: int,
    epochs: int,
) -> list[str]:
    """What stands on the three tapes, from numbers in fixed point.

    Args:
        examples: inputs (the first is 1) and target of each.
        queries: inputs.
        weights: the first weights of each unit.
        outgoing: and of what it adds to the output.
        rate: the learning rate.
        bits: W.
        fraction: F.
        epochs: how often the data is gone through.

    Raises:
        OverflowError: where a number needs more bits.

    >>> network_tapes([([4, 0], 4)], [[4, 4]], [[1, -1]], [2], rate=1, bits=5, fraction=2, epochs=1)[0]
    'ex00100x00000t00100?00000#x00100x00100?00000'
    """
    zero = "?" + word(0, bits)
    inputs = [("".join("x" + word(x, bits) for x in row), "t" + word(target, bits)) for row, target in examples]
    data = "e" * epochs + "".join(row + target + zero for row, target in inputs) + "#"
    data += "".join("".join("x" + word(x, bits) for x in row) + zero for row in queries)
    units = "".join(
        "h" + word(0, bits) + "v" + word(v, bits) + "g" + word(0, bits) + "".join("w" + word(w, bits) for w in row)
        for row, v in zip(weights, outgoing, strict=True)
    )
    terms = max(len(outgoing), len(weights[0]))
    return [data, "e" + word(rate, bits) + units, register(bits, fraction, terms)]


def network_numbers(cells: Sequence[str], label: str) -> list[int]:
    """The numbers on a tape that stand behind a label: weights behind w, errors and answers behind ?.

    >>> network_numbers("h00v11g00w10w01", "w")
    [1, -2]
    """
    parts = ("".join(cells) + "_").replace("#", "_")
    for other in "xt?ehvgw":
        parts = parts.replace(other, f"_{other}")
    return [number(part[1:]) for part in parts.split("_") if part.startswith(label)]

"""The gadgets of the stock Llama: constant norm, offset head, content match, heavy sink, AND unit, carry, saturation.

Each is a handful of weights with a property, a proof and a margin. Everything is a bit, +1 or -1, and 0 where there is
none; a direction of the residual stream holds a bit times the unit u, and the normalised stream, from which every
weight reads, holds the bit itself. "Exact" means for exact softmax, silu and rotation; what rounding does to it is the
certificate's business (construction.llama.certificate), where each margin is checked as a number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

import torch

from construction.llama.blueprint import Channel, LayerPlan, LlamaBlueprint, LlamaHeadPlan
from construction.llama.config import HEAD_DIM, POSITION_PAIRS
from construction.residual import Direction

__all__ = [
    "AND",
    "BETA",
    "CONSTANT",
    "GAIN",
    "LOGIT",
    "OFFSET",
    "POSTING",
    "SINK",
    "UNIT",
    "and_unit",
    "bits_match",
    "carry",
    "constant_norm",
    "heavy_sink",
    "offset_key",
    "offset_query",
    "saturate",
]

CONSTANT = 2**13
"""What a constant direction holds: so much more than all others that the norm does not see them."""
UNIT = Fraction(1, 8)
"""What a bit is in the residual stream."""
BETA = 256
"""The query of a bit: a bit that differs costs 2 * 256 / 8 = 64 logits."""
SCALE = math.isqrt(HEAD_DIM)
"""Scores are divided by it: 8."""
OFFSET = 2048
"""The query of a rotary pair in an offset head: 256 logits a pair."""
SINK = Fraction(19, 2)
"""Logits by which the sink of READ leads a match."""
POSTING = 64
"""A posting is 0 or twice this, so that it is a normal number in float16 after n visits."""
GAIN = 2**14
"""2^14 exp(-9.5) = 1.226: what READ reads of a symbol after one visit."""
AND = 32
"""The gate of an AND unit that holds: silu(32) = 32 to within 32 exp(-32)."""
LOGIT = 64
"""Logits a point."""


def constant_norm(blueprint: LlamaBlueprint, constants: Sequence[Direction]) -> None:
    """Every norm multiplies by the same power of two: a bit times u becomes the bit, a constant becomes 1.

    Proof. With c constants of C = 2^13 in d directions, d / c a power of four, the mean of the squares is C^2 c / d,
    the square of a power of two, r. All other directions are at most a few u = 1/8: the sum of their squares is under
    half a unit in the last place of C^2 in float32, whatever the order of the sum, so the computed mean is the same
    number for every token. Its inverse root is exact, the weights r / u and r / C are powers of two.
    Margin: the sum of squares of all bits is under 256 (4 of 8, the last place of 2^26).
    """
    config = blueprint.config
    root = Fraction(CONSTANT) / math.isqrt(config.hidden // config.constants)
    names = [f"{layer.prefix}.{name}.weight" for layer in blueprint.layers for name in LAYER_NORMS]
    for tensor in (*names, "model.norm.weight"):
        for space in blueprint.stream.spaces.values():
            for direction in space:
                constant = direction in constants
                weight = root / CONSTANT if constant else root / UNIT
                why = "A constant becomes 1: biases are weights of it." if constant else "A unit becomes 1."
                blueprint.add(tensor, (direction.column,), direction.name, direction.name, weight, why)


LAYER_NORMS = ("input_layernorm", "post_attention_layernorm")


def offset_key(head: LlamaHeadPlan, one: Direction) -> None:
    """Every token's key says where it stands: (cos w s, sin w s) in each of the fast rotary pairs w, for position s.

    Proof. The key is 1 in the pair's first channel and 0 in its second; the rotary embedding turns it by w s.
    """
    for pair in range(POSITION_PAIRS):
        because = "A key is a hand on eight clocks; the rotary embedding turns it to the token's position."
        head.key(Channel(pair, f"clock {pair}"), {one: 1}, because)


def offset_query(head: LlamaHeadPlan, askers: Iterable[Direction], back: int, because: str) -> None:
    """A token that has one of the flags `askers` attends to the token so many positions back.

    Proof. The query of position p, turned by w p, is OFFSET (cos w (p - back), sin w (p - back)): its product with
    the key of position s is OFFSET cos w (p - back - s). Over all pairs, and divided by 8, the score is 256 times the
    sum of the cosines: 2048 at s = p - back, elsewhere less by 256 times the gap, 8 - sum cos w (p - back - s).
    Margin: the gap is 0.476 or more for distances under 2^17: 122 logits.
    """
    frequencies = head.layer.blueprint.config.frequencies
    askers = tuple(askers)
    for pair in range(POSITION_PAIRS):
        turn = back * frequencies[pair]
        for channel, part in ((pair, math.cos(turn)), (pair + HEAD_DIM // 2, -math.sin(turn))):
            weight = _bfloat16(OFFSET * part)
            head.query(Channel(channel, f"clock {channel}"), dict.fromkeys(askers, weight), because)


def _bfloat16(number: float) -> float:
    return float(torch.tensor(number).bfloat16())


def bits_match(
    head: LlamaHeadPlan,
    pairs: Iterable[tuple[Direction, Direction]],
    one: Direction,
    exempt: Iterable[Direction],
    because: str,
) -> None:
    """Score 0 where all bits agree, less by 64 for each that differs, by 32 for each that the key does not have.

    A token with one of the flags `exempt` has no bits and scores 0 by this.

    Proof. The query BETA a_j meets the key b_j: BETA times the number of bits that agree less those that differ, over n
    bits BETA (n - 2 wrong - absent). As many channels more subtract BETA each, a constant that exempt tokens take back.
    One channel a bit for the constant, not one for all: every entry of a query has the same size, so that formats with
    one scale for 32 numbers lose nothing.
    Margin: 64 logits. All these scores are whole multiples of BETA / 8, exact in every format.
    """
    for query, key in pairs:
        channel = head.content(f"bit {query.name}")
        head.query(channel, {query: BETA}, because)
        head.key(channel, {key: 1}, because)
        constant = head.content(f"less {query.name}")
        head.query(constant, {one: -BETA}, "Less one for each bit, so that a full match scores 0.")
        head.key(constant, {one: 1}, "Less one for each bit, so that a full match scores 0.")
        head.key(
            constant, dict.fromkeys(exempt, -1), "... which is not counted for a token that has no bits to compare."
        )


def heavy_sink(head: LlamaHeadPlan, sink: Direction, one: Direction, because: str) -> None:
    """The sink scores SINK = 9.5 where a match scores 0: with v matches each weighs eps / (1 + v eps), eps = exp(-9.5).

    Proof. The softmax over the sink and v matches, divided by exp(9.5). A light sink would give each match 1 / v, which
    sinks below what can be told from 0 as visits add up; under a heavy one the first thousand visits weigh much the
    same, and after v visits the weight is still 1 / (1 + v eps) of the first one's. Equal scores have equal weights,
    to the bit.
    Margin: after 52,000 visits a symbol still reads as a quarter, which `saturate` takes for a whole.
    """
    channel = head.content("sink")
    head.query(channel, {one: SINK * SCALE}, because)
    head.key(channel, {sink: 1}, because)


def and_unit(
    layer: LayerPlan,
    name: str,
    conditions: Mapping[Direction, int],
    one: Direction,
    out: Mapping[Direction, int],
    because: str,
) -> None:
    """out += its weights, in units, where every condition holds; nothing where one does not.

    A condition is a bit that has to have that sign, or a flag that has to be 1.

    Proof. The gate is 32 (sum of conditions - (n - 1)): 32 where all n hold, and at most 0 where one does not, since a
    condition that fails adds 0 or -1. silu(32) = 32 and silu(0) = 0; what silu of -32 leaves is 32 exp(-32) < 5e-13.
    """
    gate = {direction: AND * sign for direction, sign in conditions.items()}
    if len(conditions) > 1:
        gate[one] = -AND * (len(conditions) - 1)
    terms = {direction: Fraction(weight) * UNIT / AND for direction, weight in out.items()}
    layer.unit(name, gate=gate, up={one: 1}, out=terms, because=because)


def carry(
    layer: LayerPlan,
    when: Direction,
    bits: Sequence[Direction],
    delta: Sequence[Direction],
    overflow: Direction,
    one: Direction,
    *,
    step: int,
    because: str,
) -> None:
    """delta = half of what changes in a binary number, lowest bit first, as step (+1 or -1) is added where `when` is 1.

    Bits + 2 delta are the bits of the sum; where it has no room, overflow += 1.

    Proof. Adding 1 flips bit j just if all lower ones are 1, subtracting 1 just if all lower ones are 0: an AND of
    `when`, j lower bits and bit j itself, for each of its two values. At most one of them fires for each j.
    """
    sign = "+" if step > 0 else "-"
    for j, (bit, half) in enumerate(zip(bits, delta, strict=True)):
        lower = {when: 1} | dict.fromkeys(bits[:j], step)
        for value in (1, -1):
            name = f"{sign}1: {bit.name} is {value:+d}"
            and_unit(layer, name, lower | {bit: value}, one, {half: -value}, because)
    text = "All bits are at their end: the head would leave the tape."
    and_unit(layer, f"{sign}1: {overflow.name}", {when: 1} | dict.fromkeys(bits, step), one, {overflow: 1}, text)


def saturate(layer: LayerPlan, one: Direction, source: Direction, target: Direction, because: str) -> None:
    """target = 2 where source >= 1/4, 0 where it is 0.

    Proof. Two units: silu(64 x - 8) - silu(64 x - 16), which is 8 for x >= 1/4 and nothing for x = 0, over 4.
    Margin: at x = 0, silu(-8) leaves 0.0007; at 1/4, silu(8) - silu(0) = 7.997 instead of 8: together 0.0014 of 2.
    """
    for threshold, sign in ((8, 1), (16, -1)):
        gate = {source: 2 * AND, one: -threshold}
        out = {target: sign * UNIT / 4}
        layer.unit(f"64 {source.name} > {threshold}", gate=gate, up={one: 1}, out=out, because=because)

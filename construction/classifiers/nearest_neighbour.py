"""The nearest-neighbour network: attention that finds the exact k nearest examples, one a round, and then answers.

    <bos> examples <question> <nearest 3>  ->  #7 (2 to go)  #4 (1 to go)  #9 (0 to go)  outcome

NORM      |x|^2 of every example
GATHER    the question's x, and which examples are taken: the mean of the neighbours generated so far
NEAREST   score 2<q, x> - |x|^2 = |q|^2 - |q - x|^2, out of reach for what is taken: the next neighbour;
          ANSWER, a second head: the taken examples' outcomes, averaged

The answer is linear, P(outcome) = relu(logit): exactly the share of the outcome among the k. All scores are integers
and powers of two, so nothing is rounded and no number of examples or rounds makes it wrong. Equally near examples are
taken in the order of their numbers. The token that a neighbour is generated as counts down: its rest is in its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch

from construction.blueprint import Blueprint
from construction.classifiers.labelled_vectors import Integers, coordinate_fields, embed_coordinates, rows_of_vectors
from construction.config import CapacityError
from construction.number_format import Numeric, parameter
from construction.residual import Direction, ResidualStream
from construction.transformer import Transformer
from construction.vocabulary import Tokens, Vocabulary
from tm import InputError, Problem

__all__ = [
    "NEIGHBOUR_BLOCKS",
    "NeighbourConfig",
    "draw_nearest_neighbour",
    "nearest_neighbour_network",
    "neighbour_prompt",
    "neighbour_vocabulary",
]

NEIGHBOUR_BLOCKS = ("NORM", "GATHER", "NEAREST")
SHARP = 2**16 * parameter("beta")  # 2^23: distances that differ by 1 / (2 n) are told apart for any n <= 2^14
TAKEN = 2**40  # out of reach: a taken example loses TAKEN / (T + 1), more than any distance while T < 2^15
UNKNOWN = "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourConfig:
    """The capacity of a nearest-neighbour network.

    Args:
        dimensions: coordinates of a vector.
        examples: how many it can tell apart; a power of two.
        levels: coordinates are integers from -levels to levels.
        outcomes: how many different outcomes there are.
        rounds: the largest k.

    >>> NeighbourConfig(dimensions=2, examples=3, levels=4, outcomes=2, rounds=1)
    Traceback (most recent call last):
    construction.config.CapacityError: no such network: examples is 3, expected a power of two, 2^14 at most
    """

    dimensions: int
    examples: int
    levels: int
    outcomes: int
    rounds: int

    def __post_init__(self) -> None:
        names = ("dimensions", "examples", "levels", "outcomes", "rounds")
        wrong = [f"{name} is {getattr(self, name)}, expected 1 or more" for name in names if getattr(self, name) < 1]
        if self.examples & (self.examples - 1) or self.examples > 2**14:
            wrong.append(f"examples is {self.examples}, expected a power of two, 2^14 at most")
        if self.dimensions * (2 * self.levels) ** 2 > 2**24:
            wrong.append("a squared distance may exceed 2^24: fewer dimensions or levels are expected")
        if wrong:
            raise CapacityError("no such network: " + "; ".join(wrong))


def neighbour_vocabulary(config: NeighbourConfig) -> Vocabulary:
    """The vocabulary of a nearest-neighbour network of this capacity.

    >>> list(neighbour_vocabulary(NeighbourConfig(dimensions=2, examples=4, levels=3, outcomes=2, rounds=2)).kinds)
    ['BOS', 'EXAMPLE', 'NEAREST', 'NEIGHBOUR', 'OUTCOME']
    """
    numbers, outcomes = [str(i) for i in range(config.examples)], [str(y) for y in range(config.outcomes)]
    coordinates = coordinate_fields(config.dimensions, config.levels)
    return Vocabulary(
        {
            "BOS": {},
            "EXAMPLE": {"number": [UNKNOWN, *numbers], "outcome": [UNKNOWN, *outcomes], **coordinates},
            "NEAREST": {"to go": [str(k) for k in range(1, config.rounds + 1)]},
            "NEIGHBOUR": {"number": numbers, "to go": [str(k) for k in range(config.rounds)]},
            "OUTCOME": {"outcome": outcomes},
        }
    )


def neighbour_prompt(
    vocabulary: Vocabulary, vectors: Integers, outcomes: Integers, question: Integers, neighbours: int
) -> Tokens:
    """The prompt [p w]: BOS, an example for each vector [n d] with its outcome [n], the question [d], and k.

    Raises:
        InputError: for what the network cannot be told, or more neighbours than there are examples.

    >>> vocabulary = neighbour_vocabulary(NeighbourConfig(dimensions=2, examples=4, levels=3, outcomes=2, rounds=2))
    >>> neighbour_prompt(vocabulary, np.array([[1, 2], [3, -1]]), np.array([0, 1]), np.array([0, 0]), 2).shape
    (5, 5)
    """
    kind, known = vocabulary["EXAMPLE"], len(vocabulary["OUTCOME"]["outcome"].labels)
    capacity, rounds = len(kind["number"].labels) - 1, len(vocabulary["NEAREST"]["to go"].labels)
    wrong = []
    if len(vectors) > capacity:
        wrong.append(Problem("too many examples", f"{capacity} at most", str(len(vectors))))
    if len(outcomes) != len(vectors) or not np.isin(outcomes, range(known)).all():
        wrong.append(Problem("each vector has an outcome", f"0 to {known - 1} for each", f"{len(outcomes)} outcomes"))
    if not 1 <= neighbours <= min(rounds, len(vectors)):
        most = min(rounds, len(vectors))
        wrong.append(Problem("that many neighbours cannot be found", f"1 to {most}", str(neighbours)))
    if wrong:
        raise InputError(*wrong)
    tokens = np.zeros((len(vectors) + 3, vocabulary.width), dtype=np.int64)
    tokens[0, 0] = vocabulary["BOS"].row
    tokens[1:-1, 0] = kind.row
    tokens[1:-2, 1] = kind["number"].row(1) + np.arange(len(vectors))
    tokens[1:-2, 2] = kind["outcome"].row(1) + outcomes
    tokens[-2, 1:3] = kind["number"].row(0), kind["outcome"].row(0)
    tokens[1:-1, 3:] = rows_of_vectors(kind, np.concatenate([vectors, question[None]]))
    tokens[-1] = vocabulary.token("NEAREST", neighbours - 1)
    return tokens


def nearest_neighbour_network(
    dimensions: int,
    examples: int,
    levels: int,
    *,
    outcomes: int = 2,
    rounds: int = 16,
    device: torch.device | str | None = None,
) -> Transformer:
    """The one fixed network that finds the nearest of any examples in its prompt; the arguments as in NeighbourConfig.

    Raises:
        CapacityError: for sizes that make no network.

    >>> network = nearest_neighbour_network(dimensions=2, examples=4, levels=3)
    >>> [len(block.mlp.W_out) for block in network.blocks]
    [4, 0, 1]
    """
    config = NeighbourConfig(dimensions=dimensions, examples=examples, levels=levels, outcomes=outcomes, rounds=rounds)
    return draw_nearest_neighbour(config).network(config, device=device)


def draw_nearest_neighbour(config: NeighbourConfig) -> Blueprint:
    """The blueprint: every non-zero weight with the sentence that justifies it."""
    blueprint = Blueprint(neighbour_vocabulary(config), _residual_stream(config), NEIGHBOUR_BLOCKS)
    _embed(blueprint)
    _norm(blueprint)
    _gather(blueprint)
    _nearest(blueprint, config)
    _answer(blueprint)
    _unembed(blueprint)
    return blueprint


def _residual_stream(config: NeighbourConfig) -> ResidualStream:
    stream, coordinates = ResidualStream(), [str(j) for j in range(1, config.dimensions + 1)]
    numbers, outcomes = [str(i) for i in range(config.examples)], [str(y) for y in range(config.outcomes)]
    for flag in ("one", "bos", "example", "question", "neighbour", "done"):
        stream.add(flag, "flag")
    for integer in ("number", "to go", "to go squared", "nearest", "nearest squared", "norm"):
        stream.add(integer, "integer")
    stream.add("x", "integer", coordinates)
    stream.add("asked", "integer", coordinates)
    stream.add("which", "one-hot", numbers)
    stream.add("taken", "fraction", numbers)
    stream.add("outcome", "one-hot", outcomes)
    stream.add("answer", "fraction", outcomes)
    return stream


def _embed(blueprint: Blueprint) -> None:
    stream, vocabulary = blueprint.stream, blueprint.vocabulary
    for kind in vocabulary.kinds.values():
        blueprint.embed(kind.row, {stream["one"].only: 1}, "Every token carries a 1: the network has no biases.")
    blueprint.embed(vocabulary["BOS"].row, {stream["bos"].only: 1}, "BOS stands for nothing taken.")
    embed_coordinates(blueprint, "EXAMPLE", stream["x"])
    example, neighbour = vocabulary["EXAMPLE"], vocabulary["NEIGHBOUR"]
    blueprint.embed(
        example["outcome"].row(0), {stream["question"].only: 1}, "An example of unknown outcome is a question."
    )
    for y, direction in enumerate(stream["outcome"]):
        value: dict[Direction, Numeric] = {stream["example"].only: 1, direction: 1}
        blueprint.embed(example["outcome"].row(y + 1), value, "An example carries its outcome as a value.")
    for i, which in enumerate(stream["which"]):
        key: dict[Direction, Numeric] = {stream["number"].only: i, which: 1}
        blueprint.embed(example["number"].row(i + 1), key, "An example is known by its number.")
        blueprint.embed(neighbour["number"].row(i), {which: 1}, "A neighbour says which example is taken.")
    blueprint.embed(neighbour.row, {stream["neighbour"].only: 1}, "A neighbour counts among the taken.")
    for field in (vocabulary["NEAREST"]["to go"], neighbour["to go"]):
        for index, label in enumerate(field.labels):
            rest: dict[Direction, Numeric] = {stream["to go"].only: int(label)}
            rest |= {stream["to go squared"].only: int(label) ** 2, stream["done"].only: int(label == "0")}
            blueprint.embed(field.row(index), rest, "How many neighbours are to be found yet, and its square.")


def _norm(blueprint: Blueprint) -> None:
    """norm = |x|^2: relu(x) x + relu(-x) (-x), summed over the coordinates."""
    stream, block = blueprint.stream, blueprint.blocks["NORM"]
    block.head("NORM")
    for x in stream["x"]:
        for sign, name in ((1, "+"), (-1, "-")):
            signed: dict[Direction, Numeric] = {x: sign}
            out: dict[Direction, Numeric] = {stream["norm"].only: 1}
            because = "|x|^2, a part of the distance."
            block.feed_forward.unit(f"{x.name}^2, {name}", gate=signed, times=signed, out=out, because=because)


def _gather(blueprint: Blueprint) -> None:
    """asked = the question's x; taken = the mean over BOS and the neighbours of which example each is.

    Proof. What is to be attended to scores 0, the rest -SHARP, whose exponential is 0 in float64. So `taken` is the
    same 1 / (T + 1) for each taken example, to the bit, and exactly 0 for any other.
    """
    stream, block = blueprint.stream, blueprint.blocks["GATHER"]
    one, bos, question = (stream[name].only for name in ("one", "bos", "question"))
    ask, take = block.head("QUESTION"), block.head("TAKEN")
    ask.query({one: SHARP}, "question", "Where is the question?")
    ask.key({one: -1, question: 1}, "question", "Only the question is attended to.")
    for x, asked in stream["x"].pairs(stream["asked"]):
        ask.move(x, asked, "The question's vector, at every later token.")
    take.query({one: SHARP}, "members", "Which neighbours are there so far?")
    take.key({one: -1, bos: 1, stream["neighbour"].only: 1}, "members", "BOS and the neighbours, all alike.")
    for which, taken in stream["which"].pairs(stream["taken"]):
        take.move(which, taken, "1 / (T + 1) for every example taken.")


def _nearest(blueprint: Blueprint, config: NeighbourConfig) -> None:
    """The number of the nearest example that is not taken.

    Proof. Scores over SHARP: example i is worth 2<q, x_i> - |x_i|^2 - i / (2 n), less TAKEN / (T + 1) if it is taken.
    The first part is |q|^2 - |q - x_i|^2, an integer; so two examples differ by 1 / (2 n) or more and of equally near
    ones the first leads. No token but an example is worth more than -TAKEN. Margin: 1 / (2 n) >= 2^-15, over SHARP
    256; all the others weigh at most (number of tokens) * exp(-256).
    """
    stream, block = blueprint.stream, blueprint.blocks["NEAREST"]
    head, one, nearest = block.head("NEAREST"), stream["one"].only, stream["nearest"].only
    for asked, x in stream["asked"].pairs(stream["x"]):
        head.query({asked: 2 * SHARP}, x.name, "2<q, x> - |x|^2 is |q|^2 - |q - x|^2: largest at the nearest.")
        head.key({x: 1}, x.name, "An example answers with its x.")
    head.query({one: SHARP}, "norm", "Every query takes the key's own norm into account.")
    head.key({stream["norm"].only: -1}, "norm", "- |x|^2.")
    because = "Equally near examples are taken in the order of their numbers."
    head.key({stream["number"].only: Fraction(-1, 2 * config.examples)}, "norm", because)
    head.key({one: -TAKEN, stream["example"].only: TAKEN}, "norm", "What is no example is out of reach.")
    for which, taken in stream["which"].pairs(stream["taken"]):
        head.query({taken: -TAKEN * SHARP}, which.name, "What is taken is out of reach.")
        head.key({which: 1}, which.name, "An example answers with its number, one-hot.")
    head.move(stream["number"].only, nearest, "The number of the nearest example that is left.")
    out: dict[Direction, Numeric] = {stream["nearest squared"].only: 1}
    because = "Its square, for the parabola of the read-out."
    block.feed_forward.unit("nearest^2", gate={nearest: 1}, times={nearest: 1}, out=out, because=because)


def _answer(blueprint: Blueprint) -> None:
    """The outcomes of the taken examples, averaged: each scores SHARP / (T + 1), the same to the bit, the rest 0."""
    stream, head = blueprint.stream, blueprint.blocks["NEAREST"].head("ANSWER")
    for which, taken in stream["which"].pairs(stream["taken"]):
        head.query({taken: SHARP}, which.name, "Which examples are taken?")
        head.key({which: 1}, which.name, "An example answers with its number, one-hot.")
    head.query({stream["one"].only: SHARP}, "far", "Only examples have an outcome.")
    head.key({stream["one"].only: -1, stream["example"].only: 1}, "far", "The neighbours' own tokens keep out.")
    for outcome, answer in stream["outcome"].pairs(stream["answer"]):
        head.move(outcome, answer, "The share of this outcome among the neighbours.")


def _unembed(blueprint: Blueprint) -> None:
    """P(token) = relu(logit): 1 for the nearest example with one less to go; at 0 to go, each outcome's share."""
    stream, vocabulary = blueprint.stream, blueprint.vocabulary
    one, nearest, rest = stream["one"].only, stream["nearest"].only, stream["to go"].only
    for kind in ("BOS", "EXAMPLE", "NEAREST"):
        blueprint.unembed({one: -1}, vocabulary[kind].row, "A prompt's token is never generated.")
    neighbour, because = vocabulary["NEIGHBOUR"], "1 - (i - p)^2 - (r - (k - 1))^2: the nearest p, with k - 1 to go."
    squares: dict[Direction, Numeric] = {stream["nearest squared"].only: -1, stream["to go squared"].only: -1, rest: 2}
    blueprint.unembed(squares, neighbour.row, because)  # 1 - (k - 1)^2 = -k^2 + 2k
    for i in range(len(neighbour["number"].labels)):
        blueprint.unembed({nearest: 2 * i, one: -i * i}, neighbour["number"].row(i), because)
    for r in range(len(neighbour["to go"].labels)):
        blueprint.unembed({rest: 2 * r, one: -r * r - 2 * r}, neighbour["to go"].row(r), because)
    outcome = vocabulary["OUTCOME"]
    blueprint.unembed(
        {one: -1, stream["done"].only: 1}, outcome.row, "The outcome comes when none is to go, not before."
    )
    for y, direction in enumerate(stream["answer"]):
        blueprint.unembed({direction: 1}, outcome["outcome"].row(y), "An outcome's share among the neighbours.")

"""The back-off network: what followed the longest suffix of the text that was there before.

    <bos> a b r a c a d a b r  ->  a

COUNT     t^2, so that tokens can be found by their distance
GATHER    a head for each distance j = 1..k: the symbol j tokens back
MATCH     a head for each order r = 0..k: which tokens follow the same r symbols as the next one will? The mean of
          their symbols is the empirical distribution after this context; BOS answers if there is none.
          The feed-forward layer takes the highest order that found something.

One head for all orders would not do. With weights 2^(k-j) for a match j tokens back, a token that agrees with the
nearest symbol and a far one, but not with one between, outscores those that agree with the nearest alone: the mean of
order 1 would be taken over some of its tokens only.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch

from construction import gadgets
from construction.blueprint import Blueprint, Numeric
from construction.config import CapacityError
from construction.number_format import Constants, parameter
from construction.residual import Direction, ResidualStream, Space
from construction.transformer import Transformer
from construction.vocabulary import Tokens, Vocabulary
from tm import InputError, Problem

__all__ = [
    "BACK_OFF_BLOCKS",
    "BackOffConfig",
    "back_off_network",
    "back_off_prompt",
    "back_off_vocabulary",
    "draw_back_off",
]

BACK_OFF_BLOCKS = ("COUNT", "GATHER", "MATCH")
BETA = parameter("beta")


@dataclass(frozen=True, slots=True, kw_only=True)
class BackOffConfig:
    """The capacity of a back-off network: how many symbols, and the length of the longest context.

    >>> BackOffConfig(symbols=1, order=0)
    Traceback (most recent call last):
    construction.config.CapacityError: no such network: symbols is 1, expected 2 or more; order is 0, expected 1 or more
    """

    symbols: int
    order: int

    def __post_init__(self) -> None:
        least = {"symbols": 2, "order": 1}
        wrong = [
            f"{name} is {getattr(self, name)}, expected {n} or more"
            for name, n in least.items()
            if getattr(self, name) < n
        ]
        if wrong:
            raise CapacityError("no such network: " + "; ".join(wrong))


def back_off_vocabulary(config: BackOffConfig) -> Vocabulary:
    """BOS and the symbols.

    >>> back_off_vocabulary(BackOffConfig(symbols=3, order=2)).size()
    4
    """
    return Vocabulary({"BOS": {}, "SYMBOL": {"symbol": [str(a) for a in range(config.symbols)]}})


def back_off_prompt(vocabulary: Vocabulary, text: list[int]) -> Tokens:
    """The prompt [p w]: BOS and a text, as numbers of symbols.

    Raises:
        InputError: for a symbol that the network does not have.

    >>> back_off_prompt(back_off_vocabulary(BackOffConfig(symbols=3, order=2)), [0, 2]).tolist()
    [[1, 0], [2, 3], [2, 5]]
    """
    known = len(vocabulary["SYMBOL"]["symbol"].labels)
    if unknown := [a for a in text if not 0 <= a < known]:
        raise InputError(Problem("no such symbol", f"0 to {known - 1}", str(unknown[0])))
    tokens = [vocabulary.token("BOS"), *(vocabulary.token("SYMBOL", a) for a in text)]
    return np.array(tokens, dtype=np.int64)


def back_off_network(symbols: int, order: int, *, device: torch.device | str | None = None) -> Transformer:
    """The one fixed network that continues any text over so many symbols, by contexts of up to `order` symbols.

    Raises:
        CapacityError: for sizes that make no network.

    >>> network = back_off_network(symbols=3, order=2)
    >>> [len(block.attn.W_Q) for block in network.blocks]
    [1, 2, 3]
    """
    config = BackOffConfig(symbols=symbols, order=order)
    blueprint = draw_back_off(config)
    network = Transformer(blueprint.shape, dtype=torch.float64, config=config, device=device)
    blueprint.fill(network, Constants.of(torch.float64))
    return network


def draw_back_off(config: BackOffConfig) -> Blueprint:
    """The blueprint: every non-zero weight with the sentence that justifies it."""
    plan = Blueprint(back_off_vocabulary(config), _residual_stream(config), BACK_OFF_BLOCKS)
    _embed(plan, config)
    _count(plan)
    _gather(plan, config)
    for order in range(config.order + 1):
        _match(plan, order)
    _back_off(plan, config)
    _unembed(plan)
    return plan


def _residual_stream(config: BackOffConfig) -> ResidualStream:
    stream, symbols = ResidualStream(), [str(a) for a in range(config.symbols)]
    for flag in ("one", "bos", "text"):
        stream.add(flag, "flag")
    stream.add("t", "integer")
    stream.add("t squared", "integer")
    stream.add("expected", "fraction", symbols)
    stream.add("back 0", "one-hot", symbols)
    for j in range(1, config.order + 1):
        stream.add(f"back {j}", "one-hot", symbols)
    for r in range(config.order + 1):
        stream.add(f"after {r}", "fraction", symbols)
        stream.add(f"unseen {r}", "flag")
    stream.add("next", "fraction", symbols)
    return stream


def _embed(plan: Blueprint, config: BackOffConfig) -> None:
    stream, vocabulary = plan.stream, plan.vocabulary
    for kind in vocabulary.kinds.values():
        plan.embed(kind.row, {stream["one"].only: 1}, "Every token carries a 1: the network has no biases.")
    plan.position(stream["t"].only, "t, the number of the token.")
    plan.embed(vocabulary["BOS"].row, {stream["bos"].only: 1}, "BOS is the attention sink: nothing matched.")
    uniform = dict.fromkeys(stream["expected"], Fraction(1 / config.symbols))
    plan.embed(vocabulary["BOS"].row, uniform, "Before any symbol was seen, all are equally likely.")
    symbol = vocabulary["SYMBOL"]
    plan.embed(symbol.row, {stream["text"].only: 1}, "A symbol counts in the text.")
    for a, direction in enumerate(stream["back 0"]):
        plan.embed(symbol["symbol"].row(a), {direction: 1}, "A symbol's own one-hot: it is 0 tokens back.")
        plan.embed(symbol["symbol"].row(a), {stream["expected"][a]: 1}, "After no context, what was is expected.")


def _count(plan: Blueprint) -> None:
    """t^2. Proof. relu(t) * t, and t >= 1."""
    stream, block = plan.stream, plan.blocks["COUNT"]
    block.head("COUNT")
    t, because = stream["t"].only, "t^2, for the keys of GATHER."
    block.feed_forward.unit("t^2", gate={t: 1}, times={t: 1}, out={stream["t squared"].only: 1}, because=because)


def _gather(plan: Blueprint, config: BackOffConfig) -> None:
    """back j = the symbol j tokens back, nothing if the text does not go back so far.

    Proof. Score over beta of token s at token t: 2(t - j)s - s^2 = (t - j)^2 - (t - j - s)^2, largest at s = t - j by 1
    or more; where t - j < 1, at s = 1, which is BOS and carries no symbol. Integers: nothing is rounded.
    """
    stream, block = plan.stream, plan.blocks["GATHER"]
    one, t, squared = stream["one"].only, stream["t"].only, stream["t squared"].only
    for j in range(1, config.order + 1):
        head, because = block.head(f"GATHER {j}"), f"2(t - {j})s - s^2 is largest at s = t - {j}."
        head.query({t: BETA, one: -j * BETA}, "token", because)
        head.key({t: 2}, "token", because)
        head.query({one: BETA}, "square", because)
        head.key({squared: -1}, "square", because)
        for own, back in stream["back 0"].pairs(stream[f"back {j}"]):
            head.move(own, back, f"The symbol {j} tokens back.")


def _match(plan: Blueprint, order: int) -> None:
    """after r = the mean symbol of the tokens that follow the last r symbols; unseen r = 1 if there are none."""
    stream, head = plan.stream, plan.blocks["MATCH"].head(f"MATCH {order}")
    bos, one = stream["bos"].only, stream["one"].only
    if order:
        because = "The next token will have this symbol 1 back, that one 2 back: which tokens have the same?"
        pairs: list[tuple[Space, Space]] = [(stream[f"back {j}"], stream[f"back {j + 1}"]) for j in range(order)]
        gadgets.exact_match(head, pairs=pairs, sink=bos, one=one, because=because)
        head.move(bos, stream[f"unseen {order}"].only, "No token follows these symbols: BOS says so.")
    else:
        head.query({one: BETA}, "text", "Order 0: all symbols so far, evenly ...")
        head.key({stream["text"].only: 1, bos: Fraction(1, 2)}, "text", "... and BOS's even odds before the first.")
    values = stream["back 0"] if order else stream["expected"]
    for own, after in values.pairs(stream[f"after {order}"]):
        head.move(own, after, "The matching tokens' symbols, averaged: their empirical distribution.")


def _back_off(plan: Blueprint, config: BackOffConfig) -> None:
    """next = after r for the highest order r that is not unseen.

    Proof. What is seen after r + 1 symbols is seen after r: unseen is 0 up to some order and 1 from there on. So
    unseen (r + 1) - unseen r is 1 for that order and 0 for all others (unseen 0 is 0, unseen (k + 1) is 1), and
    relu(p - 1 + that) is p or 0, for 0 <= p <= 1.
    """
    stream, layer = plan.stream, plan.blocks["MATCH"].feed_forward
    one = stream["one"].only
    for r in range(config.order + 1):
        for after, following in stream[f"after {r}"].pairs(stream["next"]):
            gate: dict[Direction, Numeric] = {after: 1, one: -1}
            if r:
                gate[stream[f"unseen {r}"].only] = -1
            if r < config.order:
                gate[stream[f"unseen {r + 1}"].only] = 1
            else:
                gate[one] = 0
            because = "The distribution of the highest order that found anything."
            layer.unit(f"{after.name} if used", gate=gate, times={one: 1}, out={following: 1}, because=because)


def _unembed(plan: Blueprint) -> None:
    plan.unembed({plan.stream["one"].only: -1}, plan.vocabulary["BOS"].row, "BOS is never generated.")
    for a, direction in enumerate(plan.stream["next"]):
        row = plan.vocabulary["SYMBOL"]["symbol"].row(a)
        plan.unembed({direction: 1}, row, "P(symbol) = relu(logit): the distribution found.")

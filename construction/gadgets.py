"""The gadgets: running mean, product, square, integer look-up, saturation, exact match.

Each is a handful of weights with a property, a proof and, where a choice is made, the margin by which it is made.
"Exact" means in real arithmetic; what rounding does to it is the certificate's business.
"""

from __future__ import annotations

from fractions import Fraction

from construction.blueprint import FeedForwardPlan, HeadPlan, Terms
from construction.number_format import Numeric, parameter
from construction.residual import Direction, Space, SpaceMismatch

__all__ = [
    "LOOKUP_MARGIN",
    "MATCH_MARGIN",
    "constant",
    "exact_match",
    "gated_product",
    "integer_lookup",
    "product",
    "running_mean",
    "saturate",
    "square",
]

BETA, M, L, K = parameter("beta"), parameter("M"), parameter("L"), parameter("K")

LOOKUP_MARGIN = Fraction(1, 2)  # the sink above the nearest miss, and an exact match above the sink, over beta
MATCH_MARGIN = Fraction(1, 2)  # likewise for exact_match


def running_mean(head: HeadPlan, source: Direction, target: Direction, because: str) -> None:
    """target = mean of source over all tokens so far.

    Proof. The head has no query and no key: every score is 0, the softmax over t tokens gives each 1/t, and what
    W_V W_O carries is the sum over the tokens of source / t.
    """
    head.move(source, target, because)


def constant(layer: FeedForwardPlan, one: Direction, out: Terms, because: str) -> None:
    """out = its weights, at every token. Proof. relu(1) * 1 = 1."""
    layer.unit("constant", gate={one: 1}, times={one: 1}, out=out, because=because)


def product(layer: FeedForwardPlan, t: Direction, factor: Direction, *, out: Direction, because: str) -> None:
    """out += t * factor, for t >= 0. Proof. relu(t) * factor = t * factor, whatever the sign of the factor."""
    layer.unit(f"t * {factor.name}", gate={t: 1}, times={factor: 1}, out={out: 1}, because=because)


def gated_product(
    layer: FeedForwardPlan,
    t: Direction,
    factor: Direction,
    *,
    flag: Direction,
    one: Direction,
    out: Direction,
    because: str,
) -> None:
    """out += t * factor where flag is 1, nothing where it is 0, for 0 <= t <= L.

    Proof. The gate is relu(t - L (1 - flag)). flag = 1: relu(t) = t. flag = 0: t - L <= 0, so the gate is 0.
    """
    gate: dict[Direction, Numeric] = {t: 1, one: -L, flag: L}
    name = f"t * {factor.name} if {flag.name}"
    layer.unit(name, gate=gate, times={factor: 1}, out={out: 1}, because=because)


def square(layer: FeedForwardPlan, shifted: Direction, one: Direction, out: Direction, because: str) -> None:
    """out += x^2, where the direction `shifted` holds x + M.

    Proof. x = (x + M) - M. Two units: relu(x) * x + relu(-x) * (-x); one of them is x^2 and the other 0.
    """
    for sign, name in ((1, "+"), (-1, "-")):
        x: dict[Direction, Numeric] = {shifted: sign, one: -sign * M}
        layer.unit(f"{shifted.name}^2, {name}", gate=x, times=x, out={out: 1}, because=because)


def integer_lookup(
    head: HeadPlan,
    *,
    wanted: Direction,
    wanted_square: Direction,
    address: Direction,
    address_square: Direction,
    writes: tuple[Direction, ...],
    sink: Direction,
    one: Direction,
) -> None:
    """Attend evenly to the past tokens whose address c is the wanted integer p; to the sink (BOS) if there are none.

    `wanted` and `address` hold p + M and c + M. A token writes if one of the flags `writes` is 1; no token has two.

    Proof. Scores over beta: a token that writes at c gets 2pc - c^2 = p^2 - (p - c)^2, which is p^2 if c = p and at
    most p^2 - 1 otherwise. BOS gets p^2 - 1/2. Any other token has c = 0 and gets -1 <= p^2 - 1. So an exact match
    leads everything by 1/2 (LOOKUP_MARGIN) and the sink leads everything else by 1/2; equal keys get equal weights.
    Margin: the rest weighs at most (number of tokens) * exp(-beta / 2).
    """
    head.query(
        {wanted: BETA, one: -BETA * M}, "cell", "The query asks for the cell p under the head; p is kept as p + M."
    )
    head.query({one: BETA}, "square", "Every query takes the key's own square into account, at temperature 1 / beta.")
    head.query({wanted_square: BETA}, "sink", "BOS is to score p^2 less a half, so the query offers it p^2.")
    head.key(
        {address: 2, one: -2 * M}, "cell", "A token that wrote cell c answers 2c, so that the score has 2pc in it."
    )
    head.key({address_square: -1}, "square", "... and -c^2: 2pc - c^2 = p^2 - (p - c)^2 is largest at c = p.")
    because = "A token that writes nothing loses 1: it ends below the sink, which never scores less than -1/2."
    head.key({one: -1} | dict.fromkeys(writes, 1), "square", because)
    because = "BOS, the sink, scores p^2 - 1/2: under an exact match, above the nearest miss (-1 + 1/2 = -1/2)."
    head.key({sink: Fraction(1, 2)}, "square", because)
    head.key({sink: 1}, "sink", "Only BOS takes up the p^2 that the query offers.")


def saturate(
    layer: FeedForwardPlan, one: Direction, source: Space, target: Space, blank: Direction, because: str
) -> None:
    """target = the clean one-hot of source = onehot / v with 1 <= v <= K / 2; where source is 0, the blank is set.

    Proof. relu(K x - 1) - relu(K x - 2) is 0 for x <= 1 / K and 1 for x >= 2 / K; x is 0 or 1 / v >= 2 / K. The blank
    is 1 minus all others.

    Raises:
        SpaceMismatch: unless the labels of source are those of target without the blank.
    """
    if source.labels != tuple(d.label for d in target if d != blank):
        raise SpaceMismatch(f"{target.name} is not {source.name} with a blank")
    constant(layer, one, {blank: 1}, "A cell is blank unless it holds something else.")
    for direction, clean in zip(source, (d for d in target if d != blank), strict=True):
        for threshold, sign in ((1, 1), (2, -1)):
            layer.unit(
                f"{direction.name} > {threshold}/K",
                gate={direction: K, one: -threshold},
                times={one: 1},
                out={clean: sign, blank: -sign},
                because=because,
            )


def exact_match(
    head: HeadPlan, *, pairs: list[tuple[Space, Space]], sink: Direction, one: Direction, because: str
) -> None:
    """Attend evenly to the tokens that agree with the query in every pair of spaces (query's, key's); else to BOS.

    A key's one-hot may be all ones: a wildcard, which agrees with everything.

    Proof. A token's score over beta is the number of pairs that agree: n for a full match, at most n - 1 for any
    other, 0 for a token with none of the key spaces. BOS scores n - 1/2. So a full match leads by 1/2 (MATCH_MARGIN)
    and, where there is none, BOS leads by 1/2. Copies of an example share the weight evenly: the empirical
    distribution.

    Raises:
        SpaceMismatch: where a pair has different labels or is no pair of one-hots.
    """
    for asked, answered in pairs:
        if asked.type != "one-hot" or answered.type != "one-hot":
            raise SpaceMismatch(f"{asked.name} and {answered.name} must both be one-hot")
        for query, key in asked.pairs(answered):
            head.query({query: BETA}, query.name, because)
            head.key({key: 1}, query.name, because)
    half = Fraction(2 * len(pairs) - 1, 2)
    text = "BOS scores half a point less than a full match and half a point more than the best partial one."
    head.query({one: BETA * half}, "sink", text)
    head.key({sink: 1}, "sink", text)

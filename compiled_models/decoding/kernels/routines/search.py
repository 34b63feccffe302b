"""Which of a head's finitely many keys match the query, and what their values add to logits."""

from __future__ import annotations

import math
from math import inf
from typing import NamedTuple

from compiled_models.decoding.kernels.routines import Doubles, Floats, Integers
from compiled_models.decoding.kernels.routines.logits import Landing, Noted

__all__ = ["CHANNEL_BITS", "ROUTINES", "SELDOM", "Keys"]

CHANNEL_BITS = 45  # of a channel's mark; above them the sum of a set's marks counts its channels


class Keys(NamedTuple):
    """A head's keys and values, sparse, and its index: see `KeyIndex`, and `lists` for `*_start` and `*_target`.

    `query` is all 0 between two tokens, `candidate` and `score` are the keys that were looked at, `touched` and
    `output` the value channels that have a mean and the means (otherwise 0), `sums` a place to add them up.
    """

    query: Doubles
    row_start: Integers
    row_target: Integers
    row_weight: Doubles
    row_mark: Integers
    row_total: Doubles
    row_smallest: Doubles
    counts: Doubles
    key_start: Integers
    key_target: Integers
    key_weight: Doubles
    value_start: Integers
    value_target: Integers
    value_weight: Doubles
    candidate: Integers
    score: Doubles
    touched: Integers
    output: Floats
    sums: Doubles
    mark: Integers
    most: Doubles
    least: Doubles
    set_mark: Integers
    set_key: Integers
    always: Integers
    usual: Integers


def ask(h: Keys, c: int, amount: float, asked: int, total: float, smallest: float) -> tuple[int, float, float]:
    """Ask for an amount in channel c: the set of channels asked in, the most that a key could score, the least part."""
    h.query[c] = amount
    if amount != 0.0:
        asked += h.mark[c]
        share = max(amount * h.most[c], amount * h.least[c])
        if h.mark[c] != 0:
            total += share
            if share < smallest:
                smallest = share
    return asked, total, smallest


def ask_row(h: Keys, row: int, asked: int, total: float, smallest: float) -> tuple[int, float, float]:
    """Add what a row asks for; a channel that is asked in twice makes the set useless."""
    e = h.row_start[row]
    c = h.row_target[e]
    while c >= 0:
        if h.query[c] != 0.0:
            total = inf
        h.query[c] += h.row_weight[e]
        e += 1
        c = h.row_target[e]
    return asked + h.row_mark[row], total + h.row_total[row], min(smallest, h.row_smallest[row])


def forget_row(h: Keys, row: int) -> None:
    """Clear what a row asked for."""
    e = h.row_start[row]
    c = h.row_target[e]
    while c >= 0:
        h.query[c] = 0.0
        e += 1
        c = h.row_target[e]


def look(h: Keys, j: int) -> float:
    """The score of key j."""
    score, e = 0.0, h.key_start[j]
    c = h.key_target[e]
    while c >= 0:
        score += h.query[c] * h.key_weight[e]
        e += 1
        c = h.key_target[e]
    return score


def search(h: Keys, asked: int, total: float, smallest: float, gap: float) -> tuple[float, float, int, int, float]:
    """The best score, the next best, the best key, how many were looked at, and a bound on the others' scores."""
    best, following, top, found = -inf, -inf, 0, 0
    last = len(h.set_key) - 1
    i, place = 0, (asked ^ (asked >> 20)) & last
    while True:
        j = h.always[i]
        if j >= 0:
            i += 1
        else:
            while h.set_mark[place] >= 0 and h.set_mark[place] != asked:
                place = (place + 1) & last
            if h.set_mark[place] < 0:
                break
            j, place = h.set_key[place], (place + 1) & last
        score = look(h, j)
        h.candidate[found], h.score[found] = j, score
        found += 1
        if score > best:
            best, following, top = score, best, j
        elif score > following:
            following = score
    bound = total - smallest if total > smallest else 0.0
    if best - bound >= gap and asked >> CHANNEL_BITS >= h.usual[0] and total < inf:
        return best, following, top, found, bound
    best, following, top = look_at_all(h.query, h.key_start, h.key_target, h.key_weight, h.candidate, h.score)
    return best, following, top, len(h.counts), 0.0


def look_at_all(
    query: Doubles,
    key_start: Integers,
    key_target: Integers,
    key_weight: Doubles,
    candidate: Integers,
    scores: Doubles,
) -> tuple[float, float, int]:
    """Score all keys; return the best score, the next best, and the key with the best."""
    best, following, top = -inf, -inf, 0
    for j in range(len(key_start)):
        candidate[j], score, e = j, 0.0, key_start[j]
        while key_target[e] >= 0:
            score += query[key_target[e]] * key_weight[e]
            e += 1
        scores[j] = score
        if score > best:
            best, following, top = score, best, j
        elif score > following:
            following = score
    return best, following, top


def spread_key(h: Keys, j: int) -> int:
    """Write the mean value of key j into `output`; return how many channels were touched."""
    e, n = h.value_start[j], 0
    c = h.value_target[e]
    while c >= 0:
        h.touched[n], h.output[c] = c, h.value_weight[e] / h.counts[j]
        n += 1
        e += 1
        c = h.value_target[e]
    return n


def spread_all(
    best: float,
    found: int,
    candidate: Integers,
    score: Doubles,
    count: Doubles,
    value_start: Integers,
    value_target: Integers,
    value_weight: Doubles,
    sums: Doubles,
    touched: Integers,
    output: Floats,
) -> int:
    """Write the softmax of the keys found into `output`; return how many channels were touched."""
    total, n = 0.0, 0
    for m in range(found):
        j, weight = candidate[m], math.exp(score[m] - best)
        total += weight * count[j]
        e = value_start[j]
        while value_target[e] >= 0:
            sums[value_target[e]] += weight * value_weight[e]
            e += 1
    for m in range(found):
        e = value_start[candidate[m]]
        while value_target[e] >= 0:
            c = value_target[e]
            if sums[c] != 0.0:
                touched[n], output[c], sums[c] = c, sums[c] / total, 0.0
                n += 1
            e += 1
    return n


def land_means(
    lists: Landing, noted: Noted, n: int, row: int, value: float, h: Keys, touched: int
) -> tuple[int, int, float]:
    """Note what the means of the channels touched add to the logits of a group of rows."""
    for m in range(touched):
        mean, e = h.output[h.touched[m]], lists.start[h.touched[m]]
        u = lists.target[e]
        while u >= 0:
            row, value = u, mean * lists.weight[e]
            noted.rows[n], noted.values[n] = row, value
            n += 1
            e += 1
            u = lists.target[e]
    return n, row, value


def forget_means(h: Keys, n: int) -> None:
    """Clear the means of the channels touched."""
    for m in range(n):
        h.output[h.touched[m]] = 0.0


ROUTINES = (ask, ask_row, forget_row, look, search, spread_key, land_means, forget_means)
SELDOM = (look_at_all, spread_all)

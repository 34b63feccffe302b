"""Where the states of a graph stand: as on the page (script/layout.js there), so that both look alike.

Each pair of states at a distance that grows with the arrows between them: stress majorisation (Gansner, Koren and North
2004), from places on a circle.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

__all__ = ["Point", "placed"]

Point = tuple[float, float]
ROUNDS = 200


def placed(states: Sequence[str], arrows: Iterable[tuple[str, str]]) -> dict[str, Point]:
    """A place for every state, neighbours about 1 apart; widest from left to right, the first state on the left.

    >>> {state: round(x) for state, (x, _) in placed("abc", [("a", "b"), ("b", "c")]).items()}
    {'a': -1, 'b': 0, 'c': 1}
    """
    n = len(states)
    turns = [2 * math.pi * i / n + math.pi for i in range(n)]
    places = [(math.cos(turn), 0.8 * math.sin(turn)) for turn in turns]
    if n < 2:
        return dict.fromkeys(states, (0.0, 0.0))
    distances = _distances(states, arrows)
    for _ in range(ROUNDS):
        for i in range(n):
            places[i] = _pulled(i, places, distances[i])
    return dict(zip(states, _upright(places), strict=True))


def _pulled(i: int, places: list[Point], distances: list[int]) -> Point:
    """Where all others would have a state stand, the nearer ones with more say."""
    x, y, total = 0.0, 0.0, 0.0
    here = places[i]
    for j, there in enumerate(places):
        if i != j:
            d = distances[j]
            apart = math.dist(here, there) or 1e-9
            x += (there[0] + d * (here[0] - there[0]) / apart) / d**2
            y += (there[1] + d * (here[1] - there[1]) / apart) / d**2
            total += 1 / d**2
    return x / total, y / total


def _distances(states: Sequence[str], arrows: Iterable[tuple[str, str]]) -> list[list[int]]:
    """Arrows between each two states, either way; those that none join stand a little further apart than any others."""
    number = {state: i for i, state in enumerate(states)}
    near: list[set[int]] = [set() for _ in states]
    for one, other in arrows:
        near[number[one]].add(number[other])
        near[number[other]].add(number[one])
    walks = []
    for begin in range(len(states)):
        reached = {begin: 0}
        queue = [begin]
        for i in queue:
            for j in sorted(near[i] - reached.keys()):
                reached[j] = reached[i] + 1
                queue.append(j)
        walks.append(reached)
    far = 1 + max(1, *(step for walk in walks for step in walk.values()))
    return [[walk.get(j, far) for j in range(len(states))] for walk in walks]


def _upright(places: list[Point]) -> list[Point]:
    n = len(places)
    cx, cy = (sum(place[axis] for place in places) / n for axis in (0, 1))
    centred = [(x - cx, y - cy) for x, y in places]
    xx, yy, xy = (sum(point[a] * point[b] for point in centred) for a, b in ((0, 0), (1, 1), (0, 1)))
    round = math.hypot(2 * xy, xx - yy) < 1e-6 * (xx + yy)  # as wide whichever way it is turned
    angle = 0.0 if round else -math.atan2(2 * xy, xx - yy) / 2
    c, s = math.cos(angle), math.sin(angle)
    turned = [(c * x - s * y, s * x + c * y) for x, y in centred]
    return [(-x, -y) for x, y in turned] if turned[0][0] > 1e-6 else turned

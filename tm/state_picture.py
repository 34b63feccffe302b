"""A machine's states as circles and its rules as arrows, in SVG that stands in a page: the ink is the page's own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tm.html import COLOURS, Markup, element
from tm.rule import Rule
from tm.state_layout import Point, placed
from tm.text import quoted

__all__ = ["MOST_ARROWS", "MOST_STATES", "state_picture"]

MOST_STATES, MOST_ARROWS = 40, 120
"""Of a picture in which anything can be made out."""
UNIT, RADIUS, LINE, LETTER = 175, 26, 14, 6.6  # pixels: between neighbours, of a circle, of a line of text, of a letter
MOST_LABELS, LONGEST = 4, 40  # lines at an arrow; letters of one
SIGNS = {"L": "←", "S": "•", "R": "→"}
INK = {"fill": "none", "stroke": "currentColor"}


def state_picture(
    states: Sequence[str], rules: Sequence[Rule], start: str, accept: Sequence[str] = (), reject: Sequence[str] = ()
) -> Markup:
    """The state graph as one SVG element; accept states are doubly ringed, reject states dashed.

    Rules between the same two states share an arrow, and a line at it where they write the same or keep what they read.

    >>> picture = state_picture(["a", "<b>"], [Rule("a", ("0",), "<b>", ("1",), ("R",))], "a")
    >>> picture.startswith("<svg"), "&lt;b&gt;" in picture, "<b>" in picture
    (True, True, False)
    """
    pairs: dict[tuple[str, str], list[Rule]] = {}
    for rule in rules:
        pairs.setdefault((rule.state, rule.next_state), []).append(rule)
    places = {state: (UNIT * x, UNIT * y) for state, (x, y) in placed(states, pairs).items()}
    corners = [(x + dx, y + dy) for x, y in places.values() for dx in (-52, 52) for dy in (-40, 40)]
    shapes = []
    for (one, other), alike in pairs.items():
        lines = _lines(alike)
        arrow = _loop(places, one, pairs, start) if one == other else _arrow(places, one, other, (other, one) in pairs)
        path, tip, at, anchor = arrow
        shapes += [element("path", d=path, opacity=0.7, stroke_width=1.3, **INK), tip, _text(lines, at, anchor)]
        corners += _corners(lines, at, anchor)
    shapes += [_circle(state, places[state], start, accept, reject) for state in states]
    left, top = (min(corner[axis] for corner in corners) for axis in (0, 1))
    width, height = (max(corner[axis] for corner in corners) - low for axis, low in ((0, left), (1, top)))
    told = f"State graph: {len(states)} states, {len(rules)} rules, start state {quoted(start)}"
    style = f"max-width:min(100%,{width:.0f}px);height:auto;font-family:system-ui,sans-serif;"
    box = f"{left:.0f} {top:.0f} {width:.0f} {height:.0f}"
    size = {"width": f"{width:.0f}", "height": f"{height:.0f}"}
    return element("svg", *shapes, viewBox=box, **size, role="img", aria_label=told, style=style)


def _lines(rules: Sequence[Rule]) -> list[str]:
    """What is written at an arrow: `0, 1 · →` where the symbols stay, `0 → 1 · →` where one is written."""
    effects: dict[tuple[tuple[str, ...] | None, tuple[str, ...], int | None], list[str]] = {}
    for rule in rules:
        written = None if rule.read == rule.write else rule.write
        effects.setdefault((written, rule.moves, rule.weight), []).append(_symbols(rule.read))
    lines = []
    for (written, moves, weight), reads in effects.items():
        put = "" if written is None else f" → {_symbols(written)}"
        share = "" if weight is None else f" × {weight}"
        lines.append(f"{', '.join(reads)}{put} · {' '.join(SIGNS[move] for move in moves)}{share}")
    if len(lines) > MOST_LABELS:
        lines = [*lines[: MOST_LABELS - 1], f"… {len(lines) - MOST_LABELS + 1} more"]
    return [line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…" for line in lines]


def _symbols(symbols: Sequence[str]) -> str:
    return " ".join(quoted(symbol) if symbol else "?" for symbol in symbols)


Arrow = tuple[str, Markup, Point, str]
"""A path, its tip, where its text stands, and how: start, middle or end."""


def _arrow(places: dict[str, Point], one: str, other: str, bent: bool) -> Arrow:
    (x1, y1), (x2, y2) = places[one], places[other]
    length = math.dist(places[one], places[other]) or 1.0
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    bend = min(46.0, 0.22 * length) if bent else 0.0
    middle = ((x1 + x2) / 2 + bend * uy, (y1 + y2) / 2 - bend * ux)
    begin, end = _towards(places[one], middle, RADIUS), _towards(places[other], middle, RADIUS + 8)
    at = (begin[0] + 2 * middle[0] + end[0]) / 4 + 13 * uy, (begin[1] + 2 * middle[1] + end[1]) / 4 - 13 * ux
    anchor = "start" if uy > 0.5 else "end" if uy < -0.5 else "middle"
    path = f"M{_pair(begin)}Q{_pair(middle)} {_pair(end)}"
    return path, _tip(end, _towards(places[other], middle, RADIUS)), at, anchor


def _loop(places: dict[str, Point], state: str, pairs: dict[tuple[str, str], list[Rule]], start: str) -> Arrow:
    x, y = place = places[state]
    near = {other for pair in pairs if state in pair for other in pair} - {state}
    taken = [math.atan2(places[other][1] - y, places[other][0] - x) for other in sorted(near)]
    taken += [math.pi] if state == start else []
    way = _freest(taken)
    begin, end, rim = (
        (x + r * math.cos(way + turn), y + r * math.sin(way + turn))
        for r, turn in ((RADIUS, -0.5), (RADIUS + 8, 0.42), (RADIUS, 0.42))
    )
    far = RADIUS + 62
    bends = [(x + far * math.cos(way + turn), y + far * math.sin(way + turn)) for turn in (-0.55, 0.55)]
    at = (place[0] + (RADIUS + 52) * math.cos(way), place[1] + (RADIUS + 52) * math.sin(way))
    anchor = "start" if math.cos(way) > 0.4 else "end" if math.cos(way) < -0.4 else "middle"
    return f"M{_pair(begin)}C{_pair(bends[0])} {_pair(bends[1])} {_pair(end)}", _tip(end, rim), at, anchor


def _freest(taken: list[float]) -> float:
    """The way, of eight, on which there is most room beside those that are taken."""

    def room(way: float) -> float:
        return min([4.0, *(abs(math.remainder(way - other, 2 * math.pi)) for other in taken)])

    best = -math.pi / 2
    for eighth in (2, -1, -3, 1, 3, 0, 4):
        if room(way := eighth * math.pi / 4) > room(best) + 0.3:
            best = way
    return best


def _tip(end: Point, rim: Point) -> Markup:
    """An arrow's head, from its end to the rim of the circle that it leads to."""
    dx, dy = (rim[0] - end[0]) / 2, (rim[1] - end[1]) / 2
    points = [rim, (end[0] - dy, end[1] + dx), (end[0] + dy, end[1] - dx)]
    return element("path", d=f"M{_pair(points[0])}L{_pair(points[1])}L{_pair(points[2])}z", fill="currentColor")


def _towards(place: Point, other: Point, gap: float) -> Point:
    away = math.dist(place, other) or 1.0
    return place[0] + (other[0] - place[0]) * gap / away, place[1] + (other[1] - place[1]) * gap / away


def _pair(point: Point) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"


def _top(lines: list[str], at: Point, anchor: str) -> float:
    """Where a text's first line stands: the last one at its place over a flat arrow, else the middle one."""
    return at[1] - LINE * (len(lines) - 1) * (1 if anchor == "middle" else 0.5)


def _text(lines: list[str], at: Point, anchor: str) -> Markup:
    first = _top(lines, at, anchor)
    spans = (element("tspan", line, x=f"{at[0]:.1f}", y=f"{first + LINE * i:.1f}") for i, line in enumerate(lines))
    look: Any = {"font_size": 12, "fill": "currentColor", "dominant_baseline": "central"}
    return element("text", *spans, text_anchor=anchor, **look)


def _corners(lines: list[str], at: Point, anchor: str) -> list[Point]:
    wide = LETTER * max(map(len, lines))
    left = at[0] - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
    first = _top(lines, at, anchor)
    return [(left, first - LINE), (left + wide, first + LINE * len(lines))]


def _circle(state: str, place: Point, start: str, accept: Sequence[str], reject: Sequence[str]) -> Markup:
    x, y = f"{place[0]:.1f}", f"{place[1]:.1f}"
    name = quoted(state)
    dashed = "4 3" if state in reject else None
    tint = f"{COLOURS['made']}33" if state in accept else "none"
    shapes = [
        element("circle", cx=x, cy=y, r=RADIUS, **(INK | {"fill": tint}), stroke_width=1.6, stroke_dasharray=dashed)
    ]
    if state in accept:
        shapes.append(element("circle", cx=x, cy=y, r=RADIUS - 4, **INK))
    if state == start:
        end, rim = (place[0] - RADIUS - 8, place[1]), (place[0] - RADIUS, place[1])
        begin = (end[0] - 18, end[1])
        shapes += [element("path", d=f"M{_pair(begin)}L{_pair(end)}", **INK), _tip(end, rim)]
    size = round(min(15, max(7, 74 / max(4, len(name)))), 1)
    look: Any = {"font_size": size, "font_weight": 600, "fill": "currentColor", "dominant_baseline": "central"}
    text = name if len(name) <= 16 else f"{name[:15]}…"
    return element("g", *shapes, element("text", text, x=x, y=y, text_anchor="middle", **look), element("title", name))

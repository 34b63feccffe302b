"""The state graph of a machine as a picture, laid out by networkx and drawn by matplotlib."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import matplotlib
import networkx
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch

from tm.errors import InputError, Problem
from tm.machine import Machine
from tm.notation.drawings import arrows
from tm.text import quoted

__all__ = ["FORMATS", "draw"]

FORMATS = {".svg": "svg", ".png": "png", ".pdf": "pdf"}
RADIUS = 0.28  # of a state's circle, in units of which neighbours are about 2 apart
INK, PAPER = "#1f2933", "#ffffff"
FILLS = {"start": "#dbeafe", "accept": "#dcfce7", "reject": "#fee2e2", "": PAPER}
MOST_STATES, MOST_ARROWS = 1_000, 3_000
"""Of a picture: half a minute's drawing, and far more than can be made out."""
MOST_LABELS = 6
"""Rules written out at one arrow; of more the rest is counted."""

Point = tuple[float, float]


def draw(machine: Machine, path: Path, *, format: str) -> None:
    """Draw a machine's states as circles and its rules as labelled arrows into a file.

    The start state is blue, accept states are green and doubly ringed, reject states red. The same machine gives the
    same picture. Raises InputError for too many states or arrows.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     draw(Machine.read("1RB1LB_1LA1RZ"), Path(folder) / "bb2.svg", format="svg")
    """
    _require_size(machine)
    places = _layout(machine)
    xs, ys = zip(*places.values(), strict=True)
    width, height = max(xs) - min(xs) + 2.2, max(ys) - min(ys) + 2.2
    settings: Any = {
        "svg.hashsalt": "tapehead",
        "svg.fonttype": "none",
        "font.family": "DejaVu Sans",
        "text.parse_math": False,
    }
    with matplotlib.rc_context(settings):
        figure = Figure(figsize=(min(1.3 * width, 40), min(1.3 * height, 40)))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(min(xs) - 1.1, max(xs) + 1.1)
        axes.set_ylim(min(ys) - 1.1, max(ys) + 1.1)
        axes.set_aspect("equal")
        both = {(a, b) for a, b, _ in arrows(machine)}
        for state, next_state, labels in arrows(machine):
            if state == next_state:
                _loop(axes, places[state], _outward(machine, state, places), labels)
            else:
                _arrow(axes, places[state], places[next_state], labels, bent=(next_state, state) in both)
        for state, place in places.items():
            _state(axes, machine, state, place)
        figure.savefig(path, format=format, dpi=120, metadata=_undated(format))


def _require_size(machine: Machine) -> None:
    pairs = len({(rule.state, rule.next_state) for rule in machine.rules})
    if len(machine.states) > MOST_STATES or pairs > MOST_ARROWS:
        size = f"{len(machine.states):,} states, {pairs:,} arrows"
        expected = f"at most {MOST_STATES:,} states and {MOST_ARROWS:,} arrows"
        hint = "write .dot, .mmd or .graphml, and draw it with a tool for large graphs"
        raise InputError(Problem("the machine is too large for a picture", expected, size, hint))


def _undated(format: str) -> dict[str, Any]:
    """No date in the file, so that equal machines give equal files."""
    return {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(format, {})


def _layout(machine: Machine) -> dict[str, Point]:
    """A place for every state, connected ones about 2 apart."""
    simple: networkx.Graph[Any] = networkx.Graph()
    simple.add_nodes_from(machine.states)
    simple.add_edges_from((rule.state, rule.next_state) for rule in machine.rules)
    parts = sorted(networkx.connected_components(simple), key=lambda part: (machine.start not in part, min(part)))
    places: dict[str, Point] = {}
    left = 0.0
    for part in parts:
        states = [state for state in machine.states if state in part]
        layout = _spread(simple.subgraph(states), states)
        begin = min(x for x, _ in layout.values())
        places |= {state: (x - begin + left, y) for state, (x, y) in layout.items()}
        left = max(x for x, _ in places.values()) + 2.0
    return places


def _spread(part: networkx.Graph[Any], states: list[str]) -> dict[str, Point]:
    if len(states) == 1:
        return {states[0]: (0.0, 0.0)}
    scale = 0.9 * max(2.0, 1.4 * math.sqrt(len(states)))
    if len(states) > 150:  # the better layout takes cubic time
        layout = networkx.spring_layout(part, seed=1, scale=scale, iterations=60)
    else:
        layout = networkx.kamada_kawai_layout(part, pos=networkx.circular_layout(states), scale=scale)
    return {state: (float(layout[state][0]), float(layout[state][1])) for state in states}


def _state(axes: Axes, machine: Machine, state: str, place: Point) -> None:
    kinds = {"accept": state in machine.accept, "reject": state in machine.reject, "start": state == machine.start}
    kind = next((kind for kind, so in kinds.items() if so), "")
    axes.add_patch(Circle(place, RADIUS, facecolor=FILLS[kind], edgecolor=INK, linewidth=1.2, zorder=3))
    if kind == "accept":
        axes.add_patch(Circle(place, RADIUS * 0.85, fill=False, edgecolor=INK, linewidth=0.8, zorder=4))
    if state == machine.start:
        begin = (place[0] - RADIUS - 0.35, place[1])
        _head(axes, begin, (place[0] - RADIUS, place[1]))
    name = quoted(state)
    size = 9 if len(name) <= 6 else max(4.0, 54 / len(name))
    axes.text(*place, name if len(name) <= 30 else name[:29] + "…", ha="center", va="center", fontsize=size, zorder=5)


def _head(axes: Axes, begin: Point, end: Point, bend: float = 0.0) -> None:
    style = f"arc3,rad={bend}"
    look: Any = {"arrowstyle": "-|>", "mutation_scale": 9, "color": INK, "linewidth": 0.9}
    axes.add_patch(FancyArrowPatch(begin, end, connectionstyle=style, **look))


def _outward(machine: Machine, state: str, places: dict[str, Point]) -> float:
    """The angle away from a state's neighbours, where there is room for a loop; upwards where it has none."""
    near = [places[rule.next_state] for rule in machine.rules if rule.state == state != rule.next_state]
    near += [places[rule.state] for rule in machine.rules if rule.next_state == state != rule.state]
    x, y = places[state]
    ways = [((a - x) / math.dist((a, b), (x, y)), (b - y) / math.dist((a, b), (x, y))) for a, b in dict.fromkeys(near)]
    dx, dy = (-sum(way[i] for way in ways) for i in (0, 1))
    return math.atan2(dy, dx) if math.hypot(dx, dy) > 1e-6 else math.pi / 2


def _loop(axes: Axes, place: Point, angle: float, labels: list[str]) -> None:
    begin, end = (
        (place[0] + RADIUS * math.cos(angle + turn), place[1] + RADIUS * math.sin(angle + turn))
        for turn in (0.75, -0.75)
    )
    _head(axes, begin, end, bend=-1.6)
    far = RADIUS + 0.42
    across, along = math.cos(angle), math.sin(angle)
    horizontal = "center" if abs(across) < 0.5 else "left" if across > 0 else "right"
    vertical = "center" if abs(along) < 0.5 else "bottom" if along > 0 else "top"
    _label(axes, (place[0] + far * across, place[1] + far * along), labels, horizontal, vertical)


def _arrow(axes: Axes, begin: Point, end: Point, labels: list[str], *, bent: bool) -> None:
    length = math.dist(begin, end)
    ux, uy = (end[0] - begin[0]) / length, (end[1] - begin[1]) / length
    near = (begin[0] + RADIUS * ux, begin[1] + RADIUS * uy)
    far = (end[0] - RADIUS * ux, end[1] - RADIUS * uy)
    bend = 0.18 if bent else 0.0  # an arrow and the one back lie beside each other
    _head(axes, near, far, bend)
    off = bend * length / 2
    _label(axes, ((near[0] + far[0]) / 2 + off * uy, (near[1] + far[1]) / 2 - off * ux), labels)


def _label(axes: Axes, at: Point, labels: list[str], horizontal: str = "center", vertical: str = "center") -> None:
    hidden = len(labels) - MOST_LABELS + 1
    lines = labels if len(labels) <= MOST_LABELS else [*labels[: MOST_LABELS - 1], f"… {hidden} more"]
    text = "\n".join(label if len(label) <= 40 else label[:39] + "…" for label in lines)
    box = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.8, "alpha": 0.85}
    style: Any = {"ha": horizontal, "va": vertical, "bbox": box}
    axes.text(*at, text, fontsize=6.5, color=INK, zorder=2, linespacing=1.05, **style)

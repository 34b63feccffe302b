"""Charts: a role fixes a series' look, so that bound, paper's rate and measurement look alike in every figure."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from compiled_models.atomic import replacing
from compiled_models.elicit.report.estimate import Estimate
from compiled_models.elicit.report.table import Table

__all__ = ["FORMATS", "Chart", "Role", "Roles", "Series", "draw", "series"]

FORMATS = ".png", ".svg", ".pdf"
"""The endings of files that `draw` writes."""

Role = Literal["measured", "second", "third", "bound", "paper", "asymptote"]
Roles = Mapping[str, Role | tuple[Role, str]]
"""Of a table's columns, those to draw: each with its role and, where its own name is not the legend's, with that."""

# Colours of Okabe and Ito, which the colour-blind can tell apart; lines and markers differ as well.
LOOKS: dict[str, dict[str, Any]] = {
    "measured": {"color": "#0072B2", "marker": "o", "markersize": 4, "linewidth": 1.8},
    "second": {"color": "#CC79A7", "marker": "s", "markersize": 4, "linewidth": 1.8},
    "third": {"color": "#009E73", "marker": "^", "markersize": 4.5, "linewidth": 1.8},
    "bound": {"color": "#222222", "linestyle": "--", "linewidth": 1.5},
    "paper": {"color": "#D55E00", "linestyle": "-.", "linewidth": 1.5},
    "asymptote": {"color": "#7f7f7f", "linestyle": ":", "linewidth": 2.2, "zorder": 3},
}


@dataclass(frozen=True, slots=True)
class Series:
    """A line of a chart, with the intervals of those numbers that are estimates; `points` leaves the line out."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    role: Role = "measured"
    points: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """One panel: its axes and its series.

    >>> Chart("TV over n", "examples", "TV", (Series("measured", [50, 100], [0.1, 0.07]),), log="xy").log
    'xy'
    """

    title: str
    x: str
    y: str
    series: tuple[Series, ...]
    log: Literal["", "x", "y", "xy"] = ""
    y_range: tuple[float, float] | None = None
    x_labels: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        table: Table,
        x: str,
        roles: Roles,
        *,
        title: str,
        y: str,
        x_title: str = "",
        log: Literal["", "x", "y", "xy"] = "",
        y_range: tuple[float, float] | None = None,
    ) -> Chart:
        """Columns of a table over one of its columns, x, which also names the axis unless there is an `x_title`.

        >>> table = Table(("n", "mean TV"), [(50, 0.1), (100, 0.07)])
        >>> chart = Chart.of(table, "n", {"mean TV": "measured"}, title="TV over n", y="TV", log="xy")
        >>> chart.x, chart.series[0].name, chart.series[0].y
        ('n', 'mean TV', [0.1, 0.07])
        """
        return cls(title, x_title or x, y, series(table, x, roles), log=log, y_range=y_range)


def series(table: Table, x: str | Sequence[float], roles: Roles, *, points: bool = False) -> tuple[Series, ...]:
    """A series for each column of a table that has a role, over another column or over numbers beside the table.

    >>> table = Table(("n", "mean TV"), [(50, 0.1), (100, 0.07)])
    >>> series(table, "n", {"mean TV": ("second", "mean of 200")})[0]
    Series(name='mean of 200', x=[50, 100], y=[0.1, 0.07], role='second', points=False)
    """
    at, lines = table[x] if isinstance(x, str) else x, []
    for column, role in roles.items():
        look, name = (role, column) if isinstance(role, str) else role
        lines.append(Series(name, at, table[column], look, points))
    return tuple(lines)


def draw(path: Path, charts: Sequence[Chart], *, title: str = "", note: str = "") -> None:
    """Draw charts side by side into a file (PNG, SVG or PDF by its name), whatever stands there, with a note below.

    A file drawn twice from the same numbers is the same to the byte.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # imported where it is used: it takes a second
    from matplotlib.figure import Figure

    figure = Figure(figsize=(max(6.4, 4.6 * len(charts)), 4.7), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, chart in zip(figure.subplots(1, len(charts), squeeze=False)[0], charts, strict=True):
        _draw_panel(axes, chart)
    if title:
        width = int(13 * figure.get_figwidth())
        figure.suptitle(textwrap.fill(title, width), fontsize=11, fontweight="bold")
    if note:
        figure.supxlabel(textwrap.fill(note, int(17 * figure.get_figwidth())), fontsize=8.5, color="#444444")
    dateless = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix, {"Software": None})
    with replacing(path, force=True) as beside:
        figure.savefig(beside, dpi=130, metadata=dateless, format=path.suffix.removeprefix("."))


def _scale(axes: Any, log: str) -> None:
    """Logarithmic axes, with plain numbers at 1, 2 and 5 times the powers of ten (at the powers, over long ranges)."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axes.set_xscale("log" if "x" in log else "linear")
    axes.set_yscale("log" if "y" in log else "linear")
    for axis, name in ((axes.xaxis, "x"), (axes.yaxis, "y")):
        if name not in log:
            continue
        low, high = axis.get_view_interval()
        if high / low < (2_000 if name == "x" else 10_000):
            axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
            axis.set_minor_locator(NullLocator())


def _draw_panel(axes: Any, chart: Chart) -> None:
    for series in chart.series:
        look = dict(LOOKS[series.role])
        if series.points:
            look |= {"linestyle": "none", "marker": look.get("marker", "x")}
        axes.plot(series.x, series.y, label=series.name, **look)
        if estimates := [(x, y) for x, y in zip(series.x, series.y, strict=True) if isinstance(y, Estimate)]:
            x, y = zip(*estimates, strict=True)
            ends = [[each - each.low for each in y], [each.high - each for each in y]]
            axes.errorbar(x, y, ends, fmt="none", ecolor=look["color"], elinewidth=1.1, capsize=2.5)
    _scale(axes, chart.log)
    if chart.y_range:
        axes.set_ylim(*chart.y_range)
    if chart.x_labels:
        axes.set_xticks(range(len(chart.x_labels)), chart.x_labels)
    axes.set_title(chart.title, fontsize=10)
    axes.set_xlabel(chart.x)
    axes.set_ylabel(chart.y)
    axes.grid(True, which="major", color="#e4e4e4", linewidth=0.7)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=8, frameon=False)

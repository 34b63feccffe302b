"""The space-time diagram of a run: time goes down, cells across, a colour is a symbol; as bbchallenge draws them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.ticker
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from compiled_models.view.history import History
from tm import Machine
from tm.text import counted, shown

__all__ = ["FORMATS", "draw_diagram", "pixels"]

FORMATS = {".svg": "svg", ".png": "png", ".pdf": "pdf"}
INK, SOFT, PAPER = "#1d2530", "#5a6472", "#ffffff"
BLANK, HEAD = "#f1f1ee", "#b3261e"
SYMBOLS = ("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#4d76c9", "#d55e00", "#999999")
"""The page's own colours, told apart by the colour-blind too; a ninth symbol has the first one's again."""

WIDEST = 2_000  # cells with a column of pixels each; of a wider tape several share one, which has their mean colour
AIM = 1_200  # pixels that a small diagram is enlarged to at most, by a whole number: its cells stay squares
LARGEST_CELL = 24  # pixels
MARGINS = {"left": 76, "right": 24, "top": 64, "bottom": 16, "between": 24, "legend": 26}  # pixels
DOTS = 8  # pixels of a cell in which the head is a dot
LEGEND = 9  # symbols named at most
DPI = 100


def draw_diagram(history: History, machine: Machine, path: Path, *, format: str, steps: int, title: str = "") -> None:
    """Draw the history of a run of so many steps into a file, a panel for each tape; equal runs give equal pictures.

    Where every step has a line of its own, the head is a red dot in its cell, or the cell, if that is small.

    >>> import tempfile
    >>> from compiled_models import run
    >>> from construction import base_network
    >>> machine, history = Machine.read("1RB1LB_1LA1RZ"), History()
    >>> result = run(base_network(states=3, symbols=2), machine, record=history)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     draw_diagram(history, machine, Path(folder) / "bb2.svg", format="svg", steps=result.steps)
    """
    rows, columns = len(history.rows), sum(_columns(history, tape) for tape in range(machine.tapes))
    side = max(1, min(LARGEST_CELL, AIM // max(rows, columns)))
    dots = side >= DOTS and history.every == 1
    panels = [pixels(history, tape, heads=not dots) for tape in range(machine.tapes)]
    between = MARGINS["between"] * (len(panels) - 1)
    width = max(side * columns + between + MARGINS["left"] + MARGINS["right"], 420)
    height = side * rows + MARGINS["top"] + MARGINS["bottom"] + MARGINS["legend"]
    settings: Any = {
        "svg.hashsalt": "tapehead",
        "svg.fonttype": "none",
        "font.family": "DejaVu Sans",
        "text.parse_math": False,
    }
    with matplotlib.rc_context(settings):
        figure = Figure(figsize=(width / DPI, height / DPI), facecolor=PAPER)
        left = MARGINS["left"]
        bottom = (MARGINS["bottom"] + MARGINS["legend"]) / height
        for tape, panel in enumerate(panels):
            wide = side * panel.shape[1]
            axes = figure.add_axes((left / width, bottom, wide / width, side * rows / height))
            axes.imshow(panel, interpolation="none", aspect="auto", extent=_extent(history, tape))
            _label(axes, wide, name="" if machine.tapes == 1 else f"tape {tape + 1}", first=tape == 0)
            if dots:
                cells, steps_taken = [row.heads[tape] for row in history.rows], [row.step for row in history.rows]
                axes.scatter(cells, steps_taken, s=(side * 0.45 * 72 / DPI) ** 2, color=HEAD, linewidths=0)
            left += wide + MARGINS["between"]
        figure.text(MARGINS["left"] / width, 1 - 12 / height, shown(title), fontsize=9, color=INK, va="top")
        figure.text(
            MARGINS["left"] / width, 1 - 28 / height, _caption(history, steps), fontsize=7, color=SOFT, va="top"
        )
        _legend(figure, machine, history)
        figure.savefig(path, format=format, dpi=DPI, metadata=_undated(format))


def pixels(history: History, tape: int, *, heads: bool = True) -> NDArray[np.uint8]:
    """A tape's history as colours [rows columns 3]: a line for each row, a column for each cell, or for several.

    The cell under the head is red if wanted, where each step has its row and each cell its column.

    >>> from compiled_models import run
    >>> from construction import base_network
    >>> history = History()
    >>> result = run(base_network(states=3, symbols=2), Machine.read("1RB1LB_1LA1RZ"), record=history)
    >>> pixels(history, 0).shape
    (7, 4, 3)
    """
    first, last = _cells(history, tape)
    share, columns = _share(history, tape), _columns(history, tape)
    most = max(int(row.slots[tape].max()) for row in history.rows)
    colours = np.array([_rgb(_colour(slot)) for slot in range(most + 1)], dtype=np.float32)
    picture = np.empty((len(history.rows), columns, 3), dtype=np.uint8)
    line = np.zeros(columns * share, dtype=np.uint16)
    for number, row in enumerate(history.rows):
        line[:] = 0
        begin, end = max(row.first, first), min(row.first + row.slots.shape[1] - 1, last)
        line[begin - first : end - first + 1] = row.slots[tape, begin - row.first : end - row.first + 1]
        picture[number] = np.round(colours[line].reshape(columns, share, 3).mean(1))
        if heads and history.every == share == 1:
            picture[number, row.heads[tape] - first] = _rgb(HEAD)
    return picture


def _share(history: History, tape: int) -> int:
    """How many cells share a column."""
    first, last = _cells(history, tape)
    return -(-(last - first + 1) // WIDEST)


def _columns(history: History, tape: int) -> int:
    first, last = _cells(history, tape)
    return -(-(last - first + 1) // _share(history, tape))


def _cells(history: History, tape: int) -> tuple[int, int]:
    """The first and the last cell of a tape that a head was on or a symbol stood on, as far as the rows tell."""
    low = min(row.heads[tape] for row in history.rows)
    high = max(row.heads[tape] for row in history.rows)
    for row in history.rows:
        if (filled := np.flatnonzero(row.slots[tape])).size:
            low, high = min(low, row.first + int(filled[0])), max(high, row.first + int(filled[-1]))
    return low, high


def _extent(history: History, tape: int) -> tuple[float, float, float, float]:
    """Where the picture's edges are, in cells and steps, so that the middle of a cell is its number."""
    (first, last), end = _cells(history, tape), history.rows[-1].step
    return first - 0.5, last + 0.5, end + history.every / 2, -history.every / 2


def _label(axes: Axes, wide: int, *, name: str, first: bool) -> None:
    axes.set_xlabel(name, fontsize=7, color=SOFT, labelpad=3)
    axes.xaxis.tick_top()
    axes.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(max(1, wide // 70), integer=True, min_n_ticks=1))
    axes.yaxis.set_major_locator(matplotlib.ticker.MaxNLocator(10, integer=True, min_n_ticks=1))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(matplotlib.ticker.StrMethodFormatter("{x:,.0f}"))
    axes.tick_params(labelsize=7, colors=SOFT, length=3, width=0.6, labelleft=first)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _caption(history: History, steps: int) -> str:
    sample = "" if history.every == 1 else f", a line every {history.every:,}"
    return f"{counted(steps, 'step')}, downwards{sample}; cells across"


def _legend(figure: Figure, machine: Machine, history: History) -> None:
    names = [shown(symbol) for symbol in machine.symbols]
    entries: Any = [Patch(facecolor=_colour(slot), edgecolor=SOFT, linewidth=0.4) for slot in range(len(names))]
    entries, names = entries[:LEGEND], [name if len(name) < 13 else f"{name[:12]}…" for name in names[:LEGEND]]
    if history.every == 1:
        entries, names = [*entries, Patch(facecolor=HEAD)], [*names, "the head"]
    style: Any = {"loc": "lower left", "ncols": len(names), "fontsize": 7, "frameon": False}
    figure.legend(entries, names, bbox_to_anchor=(0, 0), handlelength=1, handleheight=1, columnspacing=1.2, **style)


def _colour(slot: int) -> str:
    return BLANK if slot == 0 else SYMBOLS[(slot - 1) % len(SYMBOLS)]


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def _undated(format: str) -> dict[str, Any]:
    """No date in the file, so that equal runs give equal files."""
    return {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(format, {})

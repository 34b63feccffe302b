"""What all pictures share: their colours, their letters, and how they become files."""

from __future__ import annotations

import io
import math
import warnings
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from compiled_models.atomic import replacing
from compiled_models.view.diagram import FORMATS
from tm import InputError, Problem

__all__ = ["COLOURS", "DECIDE", "INK", "MADE", "MINUS", "PAPER", "PLUS", "READ", "SOFT", "Picture", "format_of"]

INK, SOFT, LINE, PAPER, EMPTY = "#1d2530", "#5a6472", "#d9dce1", "#ffffff", "#f1f1ee"
READ, DECIDE, MADE = "#0b63b0", "#b04a00", "#0a7a4b"
PLUS, MINUS = READ, DECIDE
"""Of numbers that can be both, as on the page of all weights."""
COLOURS = {"read": READ, "decide": DECIDE, "made": MADE, "ink": INK, "soft": SOFT, "line": LINE, "blank": EMPTY}
"""The page's own (page.css), by their names there: READ, DECIDE, what is generated."""
MONO = "DejaVu Sans Mono"
LETTER = 0.0855  # inches that a letter of 10 points takes in MONO
EDGE, BOLD, REMARK = 0.25, 0.125, 0.067  # inches: left of a picture, of a letter of its title, of the remark below
LONGEST = 34  # letters of a name on an axis
NAME, NUMBER, TITLE, NOTE = 10.0, 9.0, 13.0, 9.5  # points
DPI = 150
SETTINGS: Any = {
    "svg.hashsalt": "tapehead",
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "text.parse_math": False,
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: a matplotlib figure that can be saved, and that a notebook shows."""

    figure: Figure

    @property
    def texts(self) -> list[str]:
        """Everything that is written in it."""
        return [text.get_text() for axes in self.figure.axes for text in axes.texts]

    def save(self, path: str | Path, *, force: bool = False) -> None:
        """Write it into a file, as its ending says: .svg, .png or .pdf. Equal pictures give equal files.

        Raises:
            InputError: for another ending.
            FileError: for a file that cannot be written, or that stands there already, unless `force` is set.
        """
        format = format_of(path)
        with replacing(path, force=force) as beside:
            self._write(beside, format)

    def _write(self, target: Any, format: str) -> None:
        undated: Any = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(format, {"Software": None})
        with matplotlib.rc_context(SETTINGS), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing from font")  # a box stands for it
            self.figure.savefig(target, format=format, dpi=DPI, metadata=undated)

    def _repr_svg_(self) -> str:
        file = io.StringIO()
        self._write(file, "svg")
        return file.getvalue()


def format_of(path: str | Path) -> str:
    """The format that a file's ending says.

    Raises:
        InputError: for an ending that says none.

    >>> format_of("x.SVG")
    'svg'
    """
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise InputError(Problem("the file's ending says no format", f"one of {' '.join(FORMATS)}", suffix or "none"))
    return FORMATS[suffix]


class Sheet:
    """A sheet to draw on in inches from its upper left corner, downwards; as wide as the remark under its title."""

    def __init__(self, width: float, height: float, note: str) -> None:
        width = max(width, 2 * EDGE + REMARK * len(note), 6.0)
        self.figure = Figure(figsize=(width, height), facecolor=PAPER)
        self.axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.axes.set_xlim(0, width)
        self.axes.set_ylim(height, 0)

    def text(self, x: float, y: float, text: str, *, size: float = NAME, color: str = INK, **style: Any) -> None:
        """Write a text, its middle at y, its left end at x (or as `ha` says)."""
        look: Any = {"va": "center", "ha": "left", "parse_math": False} | style
        self.axes.add_artist(Text(x, y, text, fontsize=size, color=color, **look))

    def name(self, x: float, y: float, text: str, **style: Any) -> None:
        """Write a name of a token or a direction; a very long one is cut."""
        self.text(x, y, cut(text), family=MONO, **style)

    def box(self, x: float, y: float, width: float, height: float, color: str, **style: Any) -> None:
        """Fill a rectangle."""
        look: Any = {"facecolor": color, "edgecolor": "none", "linewidth": 0.0} | style
        self.axes.add_artist(Rectangle((x, y), width, height, **look))

    def line(self, xs: tuple[float, float], ys: tuple[float, float], color: str = SOFT, width: float = 0.8) -> None:
        """Draw a straight line."""
        self.axes.add_artist(Line2D(xs, ys, color=color, linewidth=width, solid_capstyle="butt"))

    def bracket(self, begin: float, end: float, y: float, text: str) -> None:
        """Write what stands below a stretch, over a line as long as it."""
        self.line((begin + 0.04, end - 0.04), (y, y), SOFT, 1.0)
        self.text((begin + end) / 2, y - 0.13, text, size=NOTE, color=SOFT, ha="center")

    def heading(self, title: str, note: str) -> None:
        """Write the title, and a remark below it."""
        room = int((self.figure.get_figwidth() - 2 * EDGE) / BOLD)
        self.text(EDGE, 0.32, title if len(title) <= room else f"{title[: room - 1]}…", size=TITLE, weight="bold")
        self.text(EDGE, 0.62, note, size=NOTE, color=SOFT)

    def picture(self) -> Picture:
        """The sheet as a picture."""
        return Picture(self.figure)


def cut(text: str, most: int = LONGEST) -> str:
    """A name, if it is not too long, else its beginning and its end.

    >>> cut("right/1>1/R/right", 9)
    'righ…ight'
    """
    half = (most - 1) // 2
    return text if len(text) <= most else f"{text[:half]}…{text[-half:]}"


def letters(texts: Any, size: float = NAME) -> float:
    """The inches that the longest of some names takes."""
    return LETTER * size / 10 * max((len(cut(text)) for text in texts), default=0)


def tint(colour: str, share: float) -> str:
    """A colour on white paper, from none of it (0) to all of it (1).

    >>> tint("#000000", 0), tint("#000000", 1)
    ('#ffffff', '#000000')
    """
    share = min(max(share, 0.0), 1.0)
    return "#" + "".join(f"{round(255 + share * (channel - 255)):02x}" for channel in bytes.fromhex(colour[1:]))


def number_text(value: float) -> str:
    """A number in a cell: whole ones in full, others as a simple fraction if they are one to twelve digits.

    >>> number_text(0.5), number_text(1 / 3), number_text(-4.0), number_text(0.123)
    ('1/2', '1/3', '−4', '0.123')
    """
    if not math.isfinite(value):
        return str(value)
    near = Fraction(value).limit_denominator(99) if abs(value) < 1e6 else Fraction(0)
    if near and near.denominator > 1 and abs(float(near) - value) < 1e-12:
        text = str(near)
    else:
        text = f"{value:,.0f}" if value == round(value) and abs(value) < 1e7 else f"{value:.3g}"
    return text.replace("-", "−")

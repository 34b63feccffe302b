"""The ledger of one cell: the tokens that wrote to it, what each posts, and how the postings add up to its symbol."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compiled_models.view.pictures.picture import (
    EMPTY,
    INK,
    MADE,
    MINUS,
    NAME,
    NOTE,
    PAPER,
    PLUS,
    READ,
    SOFT,
    Picture,
    Sheet,
    letters,
    number_text,
    tint,
)
from compiled_models.view.pictures.recording import Recording
from construction.base_network import BLOCKS
from construction.number_format import Constants
from tm import InputError, Problem
from tm.text import quoted

__all__ = ["Ledger", "ledger", "read_ledger"]

BLOCK = BLOCKS.index("READ")
LEAST = 0.005  # a token is no entry with less than this share of the heaviest weight
MOST_ENTRIES = 40
ROW, WIDE = 0.4, 0.72  # inches
SAYS = "Each token that wrote to the cell posts the symbol it wrote, minus the one it read; the blank posts nothing."


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a READ head found at one step, as its activations have it.

    Attributes:
        cell: where the head is, p of `head 1`.
        places: the tokens attended to, by their places in the context.
        weights: of each, from `hook_pattern` [e].
        postings: of each, what its value adds to `found` at weight 1 [e n], n the symbols but the blank.
        found: their weighted mean, in the residual stream after the attention [n].
        symbols: the one-hot that the feed-forward layer makes of it, the blank first [1+n].
    """

    cell: int
    places: tuple[int, ...]
    weights: NDArray[np.float64]
    postings: NDArray[np.float64]
    found: NDArray[np.float64]
    symbols: NDArray[np.float64]


def read_ledger(recording: Recording, step: int, tape: int = 1) -> Ledger:
    """The ledger of the cell under a head, before the token of a step was generated.

    Args:
        recording: of the run.
        step: counted from 1, as `tapehead run --trace` does.
        tape: counted from 1.

    Raises:
        InputError: for a step that the run has not, and a tape that the machine has not.

    >>> from compiled_models import run
    >>> from construction import base_network
    >>> from tm import library
    >>> recording = Recording.of(run(base_network(states=4, symbols=3), library.load("increment"), "1011"))
    >>> entries = read_ledger(recording, 6)
    >>> entries.cell, [recording.texts[place] for place in entries.places], entries.weights.tolist()
    (3, ['[1]', 'right/1>1/R/right'], [0.5, 0.5])
    """
    query, tapes, names = recording.query(step), recording.codec.machine.tapes, len(recording.codec.machine.symbols)
    if not 1 <= tape <= tapes:
        raise InputError(Problem("the machine has no such tape", "1" if tapes == 1 else f"1 to {tapes}", str(tape)))
    weights = recording.numbers("pattern", BLOCK)[tape - 1, query]  # [s]
    places = np.flatnonzero(weights >= LEAST * weights.max())
    columns = [direction.column for direction in recording.network.stream[f"found {tape}"]]
    outward = recording.network.get_parameter(f"blocks.{BLOCK}.attn.W_O")[tape - 1][:, columns]  # [c n]
    values = recording.numbers("v", BLOCK)[places, tape - 1]  # [e c]
    postings = values @ outward.detach().double().cpu().numpy()  # [e n]
    return Ledger(
        cell=round(float(recording.residual(f"head {tape}", ("resid_post", 0))[query, 0])),
        places=tuple(int(place) for place in places),
        weights=weights[places],
        postings=postings[:, : names - 1],
        found=recording.residual(f"found {tape}", ("resid_mid", BLOCK))[query, : names - 1],
        symbols=recording.residual(f"symbol {tape}", ("resid_post", BLOCK))[query, :names],
    )


def ledger(recording: Recording, step: int | None = None, tape: int = 1) -> Picture:
    """How READ found what is in the cell under a head: entries, weights, their mean, and what saturation makes of it.

    Args:
        recording: of the run.
        step: counted from 1; None: the first of those for which the most tokens wrote to the cell.
        tape: counted from 1.

    Raises:
        InputError: for a step that the run has not, a tape that the machine has not, and more than 40 entries.

    >>> from compiled_models import run
    >>> from construction import base_network
    >>> from tm import library
    >>> recording = Recording.of(run(base_network(states=4, symbols=3), library.load("increment"), "1011"))
    >>> {"weighted mean", "+1/3"} <= {*ledger(recording).texts}
    True
    """
    if step is None:
        steps = range(1, len(recording.queries) + 1)
        step = max(steps, key=lambda each: len(read_ledger(recording, each, tape).places))
    entries = read_ledger(recording, step, tape)
    if len(entries.places) > MOST_ENTRIES:
        hint = "take an earlier step (--step)"
        found = str(len(entries.places))
        raise InputError(Problem("too many tokens wrote to this cell for a picture", str(MOST_ENTRIES), found, hint))
    return _drawn(recording, entries, step, tape)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where things stand on the sheet, in inches: the weights, the first symbol, and how wide a symbol is."""

    weights: float
    first: float
    wide: float

    def middle(self, column: int) -> float:
        """The middle of a symbol's column."""
        return self.first + self.wide * (column + 0.5)


def _drawn(recording: Recording, entries: Ledger, step: int, tape: int) -> Picture:
    symbols = [quoted(symbol) for symbol in recording.codec.machine.symbols]
    rows = len(entries.places)
    weights = 0.5 + max(letters(recording.texts[place] for place in entries.places), 2.5)
    at = Columns(weights, weights + 2.1, max(WIDE, 0.25 + letters(symbols)))
    right = at.first + at.wide * len(symbols)
    sheet = Sheet(right + 0.3, 1.4 + ROW * (rows + 2) + 1.05, SAYS)
    cell = f"cell {entries.cell}" + (f" of tape {tape}" if recording.codec.machine.tapes > 1 else "")
    sheet.heading(f"What is in {cell}? Its ledger, as READ finds it at step {step}", SAYS)
    _head(sheet, at, symbols)
    y = 1.4
    for number in range(rows):
        _entry(sheet, recording, entries, number, at, y)
        y += ROW
    sheet.line((0.25, right), (y + 0.06, y + 0.06), INK, 1.2)
    y += 0.12
    _outcome(sheet, entries, at, y, tape)
    y += 2 * ROW + 0.25
    holds = symbols[int(entries.symbols.argmax())]
    alone = [recording.kinds[place] for place in entries.places] == ["BOS"]
    says = f"No token wrote to {cell}: <bos> is attended to." if alone else f"The head stands on {cell}."
    sheet.text(0.25, y, f"{says} It holds {holds}.", size=NAME + 1, weight="bold")
    share = "1, and any 1/v," if rows == 1 else f"1/{rows}"
    slope = float(Constants.of(recording.network.dtype).K)
    text = f"Saturated: relu(K x − 1) − relu(K x − 2), K = {slope:,.0f}. What is 0 stays 0; {share} becomes 1."
    sheet.text(0.25, y + 0.3, text, size=NOTE, color=SOFT)
    return sheet.picture()


def _head(sheet: Sheet, at: Columns, symbols: list[str]) -> None:
    sheet.text(0.25, 1.18, "token that wrote there", size=NOTE, color=SOFT)
    sheet.text(at.weights, 1.18, "attention weight", size=NOTE, color=READ)
    sheet.text(at.first + at.wide * len(symbols) / 2, 0.93, "posts of each symbol", size=NOTE, color=SOFT, ha="center")
    for column, name in enumerate(symbols):
        sheet.name(at.middle(column), 1.2, name, size=NAME + 2, weight="bold", ha="center")


def _entry(sheet: Sheet, recording: Recording, entries: Ledger, number: int, at: Columns, y: float) -> None:
    place, weight = entries.places[number], float(entries.weights[number])
    middle = y + ROW / 2
    sheet.name(0.25, middle, recording.texts[place], color=MADE if place >= recording.prompt else INK)
    sheet.box(at.weights, y + 0.11, 1.1, ROW - 0.22, EMPTY)
    sheet.box(at.weights, y + 0.11, 1.1 * weight, ROW - 0.22, READ)
    sheet.text(at.weights + 1.2, middle, f"× {number_text(weight)}", color=READ)
    _numbers(sheet, entries.postings[number], at, y)


def _outcome(sheet: Sheet, entries: Ledger, at: Columns, y: float, tape: int) -> None:
    for number, (name, direction) in enumerate((("weighted mean", "found"), ("saturated", "symbol"))):
        middle = y + ROW * (number + 0.5)
        sheet.text(0.25, middle, name, color=READ, weight="bold")
        sheet.text(at.weights, middle, f"direction {direction} {tape}", size=NOTE, color=SOFT)
    _numbers(sheet, entries.found, at, y)
    y += ROW
    for column, value in enumerate(entries.symbols.tolist()):
        sheet.box(
            at.middle(column) - at.wide / 2 + 0.03, y + 0.03, at.wide - 0.06, ROW - 0.06, READ if value > 0.5 else EMPTY
        )
        ink = PAPER if value > 0.5 else SOFT
        sheet.text(at.middle(column), y + ROW / 2, number_text(value), size=NAME + 1, color=ink, ha="center")


def _numbers(sheet: Sheet, values: NDArray[np.float64], at: Columns, y: float) -> None:
    """The numbers of the symbols but the blank, for which there is none."""
    sheet.text(at.middle(0), y + ROW / 2, "·", color=SOFT, ha="center")
    for column, value in enumerate(values.tolist(), 1):
        tiny = abs(value) < 1e-12
        colour = EMPTY if tiny else tint(PLUS if value > 0 else MINUS, 0.12 + 0.3 * abs(value))
        x = at.middle(column) - at.wide / 2
        sheet.box(x + 0.03, y + 0.03, at.wide - 0.06, ROW - 0.06, colour)
        text = "0" if value == 0 else "≈0" if tiny else ("+" if value > 0 else "") + number_text(value)
        sheet.text(at.middle(column), y + ROW / 2, text, color=SOFT if tiny else INK, ha="center")

"""A run as a notebook shows it: how it ended, the tapes, its first and last steps, and what one of them attended to."""

from __future__ import annotations

from collections.abc import Sequence

from compiled_models.view.step import Attended, Moment, Step
from compiled_models.view.steps import attended_text
from compiled_models.view.tape import tape_text
from tm import Machine
from tm.html import COLOURS, Markup, card, code, details, element, note, table
from tm.text import counted, shown

__all__ = ["ALL", "FIRST", "LAST", "run_card"]

ALL, FIRST, LAST = 24, 12, 6
"""Tokens of a run that is shown whole; of a longer one those at its beginning and at its end."""
CELLS = 24  # of a tape, around its head
CHIPS = 60  # tokens of a context that is shown whole
CELL = "display:inline-block;min-width:1.5em;text-align:center;padding:1px 3px;border:1px solid #88888866;"
CHIP = "display:inline-block;border:1px solid #88888866;border-radius:5px;padding:1px 5px;margin:2px 4px 2px 0;"
OF_THE_RUN = f"border-left:3px solid {COLOURS['made']};"
HEAD = "border:2px solid currentColor;font-weight:700;border-radius:4px;"
PRE = "white-space:pre;font-family:ui-monospace,Menlo,Consolas,monospace;"


def run_card(
    machine: Machine,
    *,
    verdict: str,
    end: Moment,
    first: Sequence[Step],
    last: Sequence[Step],
    tokens: int,
    prompt: Sequence[str],
    notes: Sequence[str] = (),
) -> str:
    """A run as HTML.

    Args:
        machine: what ran.
        verdict: how it ended, in one line.
        end: the state and the tapes then.
        first: its first steps, with what they attended to.
        last: its last ones, where those are not all.
        tokens: how many it generated altogether.
        prompt: the prompt's tokens, as text.
        notes: what else there is to say.

    >>> from tm import library
    >>> end = Moment("done", ((0, ("1",)),), (0,))
    >>> text = run_card(library.load("bb2"), verdict="halted", end=end, first=[], last=[], tokens=0, prompt=[])
    >>> "halted" in text
    True
    """
    parts: list[Markup] = [_tape(end, tape, machine) for tape in range(machine.tapes)]
    rows = [_row(step, machine) for step in first]
    if skipped := tokens - len(first) - len(last):
        rows.append(["…", Markup("<i>{}</i>").format(f"{counted(skipped, 'token')} not shown"), "", "", ""])
    rows += [_row(step, machine) for step in last]
    if rows:
        columns = ("step", "tape before it", "token generated", "READ attended to", "DECIDE matched")
        parts.append(table(columns, rows))
    if last:
        parts.append(note("What was attended to is shown of the first steps: the network is run again for it."))
    if first:
        parts.append(_attention(first, prompt))
    return str(card(verdict, *parts, *map(note, notes)))


def _tape(end: Moment, tape: int, machine: Machine) -> Markup:
    """A tape as cells, around its head."""
    begin, symbols = end.tapes[tape]
    head = end.heads[tape]
    cells = {begin + i: symbol for i, symbol in enumerate(symbols)}
    low, high = min([head, *cells]), max([head, *cells])
    left, right = max(low, head - CELLS // 2), min(high, head + CELLS // 2)
    boxes = [
        element(
            "span",
            shown(cells.get(cell, machine.blank)),
            style=CELL + (HEAD if cell == head else ""),
            title=f"cell {cell}" + (", the head" if cell == head else ""),
        )
        for cell in range(left, right + 1)
    ]
    before, after = (f"… {counted(n, 'cell')} " if n else "" for n in (left - low, high - right))
    name = f"tape {tape + 1}  " if machine.tapes > 1 else ""
    where = f"   head on cell {head}"
    return element("div", name, before, boxes, f" {after}" if after else "", where, style=f"{PRE}margin:6px 0;")


def _row(step: Step, machine: Machine) -> list[str | Markup]:
    tapes = [element("div", tape_text(step.before, i, machine.blank), style=PRE) for i in range(machine.tapes)]
    read = [element("div", code(attended_text(head), "read")) for head in step.read]
    decide = [code(attended_text(step.decide), "decide")] if step.read else []
    return [
        f"{step.number:,}",
        Markup("").join(tapes),
        code(step.text, "made"),
        Markup("").join(read),
        Markup("").join(decide),
    ]


def _attention(steps: Sequence[Step], prompt: Sequence[str]) -> Markup:
    """Where the attention of one step went: the one, of those at hand, for which READ had most to look at."""
    step = max(steps, key=lambda each: max((len(head) for head in each.read), default=0))
    context = [*prompt, *(each.text for each in steps[: step.number - 1])]
    shares: dict[int, list[Markup]] = {}
    for number, head in enumerate(step.read, 1):
        name = "READ" if len(step.read) == 1 else f"READ {number}"
        _add(shares, head, name, "read")
    _add(shares, step.decide, "DECIDE", "decide")
    places = range(len(context)) if len(context) <= CHIPS else sorted(shares)
    chips = [
        element(
            "span",
            code(context[i]),
            *shares.get(i, ()),
            style=CHIP + (OF_THE_RUN if i >= len(prompt) else ""),
        )
        for i in places
    ]
    legend = note(
        "All tokens before it, those of the run with a green edge"
        + ", so far as attended to" * (len(places) < len(context))
    )
    made = element("div", "and generated ", code(step.text, "made"))
    return details(f"attention at step {step.number:,}", legend, element("div", chips), made)


def _add(shares: dict[int, list[Markup]], attended: Sequence[Attended], name: str, role: str) -> None:
    for token in attended:
        shares.setdefault(token.position, []).append(code(f"{name} {token.weight:.3g}", role))

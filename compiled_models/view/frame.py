"""One step of a run as a picture in a terminal: the tapes with their heads, the token, what the attention looked at."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from compiled_models.view.step import Moment, Step
from compiled_models.view.steps import attended_text
from tm import Machine
from tm.text import shown

__all__ = ["frame"]

LABEL = 9  # columns for the name of a line
GENERATED, READ, DECIDE = "bold green", "blue", "yellow"  # the same three wherever a run is shown
MOVES = {-1: "moves left", 0: "stays", 1: "moves right"}


def frame(step: Step, machine: Machine, *, width: int, height: int = 0, title: str = "", ending: str = "") -> Text:
    """A step in so many columns (and lines, 0: as many as it takes): before it, the token generated, and what for.

    A tape goes on both ways. It stands still while the head moves on it, and turns a page where the head would leave.

    Args:
        step: from a trace.
        machine: whose names are shown.
        width: columns of the screen.
        height: lines of the screen; where they are few, empty lines and what the heads do are left out.
        title: a first line.
        ending: what is to be said below the tokens at the end of a run.

    >>> from compiled_models import run
    >>> from construction import base_network
    >>> from tm import library
    >>> machine, network = library.load("increment"), base_network(states=4, symbols=3)
    >>> *_, seventh, eighth, stop = run(network, machine, "1011").trace()
    >>> print("\\n".join(line.rstrip() for line in frame(eighth, machine, width=41).plain.splitlines()))
    state    carry → done
    <BLANKLINE>
              _ _ _ _ _ _ 1[0]0 0 _ _ _ _ _
             cell 1: reads 0, writes 1, stays
    <BLANKLINE>
    token    carry/0>1/S/done
    READ     [0] + step 2
    DECIDE   carry/0:1/S/done
    """
    full = _lines(step, machine, width, title, ending)
    lines = [line for line, spare in full if not spare] if 0 < height < len(full) else [line for line, _ in full]
    return Text("\n").join(lines)


def _lines(step: Step, machine: Machine, width: int, title: str, ending: str) -> list[tuple[Text, bool]]:
    """The lines, each with whether it can be spared where there is no room."""
    before, after = shown(step.before.state), shown(step.after.state)
    stops = step.before == step.after and step.text == "<stop>"
    room = max(width - LABEL, 1)
    lines = [(_cropped(Text(title, style="bold"), width), False)] if title else []
    lines += [(_named("state", Text(before if stops else f"{before} → {after}", style="bold"), room), False)]
    for tape in range(machine.tapes):
        name = f"tape {tape + 1}" if machine.tapes > 1 else ""
        row = _tape(step.before, tape, machine, room)
        lines += [(Text(), True), (_named(name, row, room), False)]
        lines += [(_named("", Text(_deed(step, tape, machine, stops)), room), True)]
    lines += [(Text(), True), (_named("token", Text(step.text, style=GENERATED), room), False)]
    for tape, head in enumerate(step.read):
        name = f"READ {tape + 1}" if machine.tapes > 1 else "READ"
        lines += [(_named(name, Text(attended_text(head, room), style=READ), room), False)]
    lines += [(_named("DECIDE", Text(attended_text(step.decide, room), style=DECIDE), room), False)]
    return lines + ([(Text(), True), (_cropped(Text(ending, style="bold"), width), False)] if ending else [])


def _named(name: str, content: Text, room: int) -> Text:
    return Text.assemble((set_cell_size(name, LABEL), "dim"), _cropped(content, room))


def _cropped(text: Text, width: int) -> Text:
    text = text.copy()
    text.truncate(width, overflow="ellipsis")
    return text


def _tape(moment: Moment, tape: int, machine: Machine, room: int) -> Text:
    """The page of a tape that the head is on."""
    first, symbols = moment.tapes[tape]
    head, blank = moment.heads[tape], shown(machine.blank)
    wide = max(cell_len(shown(symbol)) for symbol in (*machine.symbols, machine.blank))
    cells = max((room - 1) // (wide + 1), 1)
    page, margin = max(cells // 2, 1), cells // 4
    left = (head + margin) // page * page - 2 * margin if cells > 3 else head - cells // 2
    there = {first + i: shown(symbol) for i, symbol in enumerate(symbols)}
    row = Text()
    for cell in range(left, left + cells):
        name = there.get(cell, blank)
        row.append("[" if cell == head else "]" if cell == head + 1 else " ", style="bold")
        style = "bold reverse" if cell == head else "dim" if cell not in there else ""
        row.append(set_cell_size(name, wide) if cell != head else name, style=style)
        if cell == head:
            row.append(" " * (wide - cell_len(name)))
    row.append("]" if left + cells == head + 1 else " ", style="bold")
    return row


def _deed(step: Step, tape: int, machine: Machine, stops: bool) -> str:
    """What a head does in a step."""
    cell, moved = step.before.heads[tape], step.after.heads[tape]
    read, written = (shown(_symbol(moment, tape, cell, machine)) for moment in (step.before, step.after))
    does = "" if stops else f", writes {written}, {MOVES[moved - cell]}"
    return f"cell {cell}: reads {read}{does}"


def _symbol(moment: Moment, tape: int, cell: int, machine: Machine) -> str:
    first, symbols = moment.tapes[tape]
    return symbols[cell - first] if 0 <= cell - first < len(symbols) else machine.blank

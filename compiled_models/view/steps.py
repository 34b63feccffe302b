"""A trace as a table or as JSON: each generated token with the tape before it and what the attention looked at.

A table is as wide as it is told to be. The step, the token and the symbol under each head are always whole; the tape is
shown around the head, and of the tokens attended to as many are named as there is room for, the rest counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.table import Table
from rich.text import Text

from compiled_models.view.step import Attended, Moment, Step
from compiled_models.view.tape import WINDOW, tape_text
from tm import Machine

__all__ = ["WIDE", "attended_text", "step_json", "step_table"]

WIDE = 160  # columns of a table that nobody says a width for
GAP = 2  # columns between two columns of the table
NARROW = 8  # columns that the tape, READ and DECIDE have at least, if they need them
MOST_RANGES = 3  # of steps that are written out in one group

Lines = Callable[[Step, int], list[str]]
"""A field of the table: its lines for a step, none wider than so many columns if that can be."""


def step_table(steps: Iterable[Step], machine: Machine, title: str = "", *, width: int = WIDE) -> Table:
    """A rich table of a trace, at most so many columns wide; for several tapes a line for each.

    Only a token or a symbol too long for the width makes it fold that token over several lines.
    """
    rows = list(steps)

    def tapes(step: Step, room: int) -> list[str]:
        return [_tape(step.before, tape, machine.blank, room) for tape in range(machine.tapes)]

    def reads(step: Step, room: int) -> list[str]:
        return [attended_text(head, room) for head in step.read]

    def decides(step: Step, room: int) -> list[str]:
        return [attended_text(step.decide, room)]

    fields = {"tape": tapes, "READ attended to": reads, "DECIDE matched": decides}
    names, tokens = [str(step.number) for step in rows], [step.text for step in rows]
    number, token = _widest(["step", *names]), _widest(["token", *tokens])
    room = max(width - number - 4 * GAP, 0)
    least = [min(NARROW, _widest_of(lines, rows, WIDE)) for lines in fields.values()]
    least = [max(low, len(name.split()[0])) for low, name in zip(least, fields, strict=True)]
    least[0] = max(least[0], _widest_of(tapes, rows, 0))
    token = min(token, max(room - sum(least), NARROW))
    rooms = _shared(room - token, [_widest_of(lines, rows, WIDE) for lines in fields.values()], least)

    table = Table(
        title=title, title_justify="left", header_style="bold", pad_edge=False, box=None, padding=(0, GAP, 0, 0)
    )
    table.add_column("step", justify="right", width=number)
    table.add_column("tape", width=rooms[0], overflow="fold")
    table.add_column("token" if token < 15 else "token generated", width=token, overflow="fold")
    for name, wide in zip(list(fields)[1:], rooms[1:], strict=True):
        table.add_column(name if wide >= len(name) else name.split()[0], width=wide, no_wrap=True, overflow="ellipsis")
    for step in rows:
        tape, read, decide = (
            Text("\n".join(lines(step, wide))) for lines, wide in zip(fields.values(), rooms, strict=True)
        )
        style = "bold green" if step.text != "<stop>" else "bold red"
        table.add_row(str(step.number), tape, Text(step.text, style=style), read, decide)
    return table


def _widest(texts: Iterable[str]) -> int:
    return max(map(cell_len, texts), default=0)


def _widest_of(lines: Lines, rows: Sequence[Step], room: int) -> int:
    return _widest(line for step in rows for line in lines(step, room))


def _shared(room: int, wanted: list[int], least: list[int]) -> list[int]:
    """What is wanted, as far as there is room: the widest give way first, but none below its least.

    >>> _shared(40, [30, 12, 20], [8, 8, 8]), _shared(10, [30, 12, 20], [8, 8, 8])
    ([14, 12, 14], [8, 8, 8])
    """
    for most in range(max(wanted, default=0), 0, -1):
        given = [max(low, min(width, most)) for width, low in zip(wanted, least, strict=True)]
        if sum(given) <= room:
            return given
    return least


def _tape(moment: Moment, tape: int, blank: str, room: int) -> str:
    """As much of a tape around the head as there is room for; the head's cell in any case."""
    for cells in range(WINDOW, -1, -2):
        text = tape_text(moment, tape, blank, cells)
        if cell_len(text) <= room:
            break
    return text


def step_json(step: Step) -> dict[str, Any]:
    """A step as the JSON of a run has it: the token, the tapes before and after, what each head attended to."""
    token = {"step": step.number, "token": step.text}
    tapes = {"before": _moment_json(step.before), "after": _moment_json(step.after)}
    return token | tapes | {"read": [[*map(_json, head)] for head in step.read], "decide": [*map(_json, step.decide)]}


def _moment_json(moment: Moment) -> dict[str, Any]:
    tapes = [{"first_cell": first if symbols else None, "symbols": list(symbols)} for first, symbols in moment.tapes]
    return {"state": moment.state, "tapes": tapes, "heads": list(moment.heads)}


def _json(token: Attended) -> dict[str, Any]:
    return {"position": token.position, "token": token.text, "step": token.step, "weight": token.weight}


def attended_text(attended: tuple[Attended, ...], room: int = WIDE) -> str:
    """The tokens attended to, equal ones together, as many as there is room for; with the shares where these differ.

    >>> heads = (Attended(1, "[1]", 0.5), Attended(9, "A1>1LB", 0.25, 4), Attended(1, "[1]", 0.25))
    >>> attended_text(heads), attended_text(heads, 18), attended_text(heads, 14)
    ('0.75 [1] + 0.25 step 4', '0.75 [1] + 1 more', '0.75 [1] + …')
    """
    if not attended:
        return "nothing: the weights are no numbers"
    groups: dict[tuple[str, bool], list[Attended]] = {}
    for token in attended:
        groups.setdefault((token.text, token.step is None), []).append(token)
    shares = [sum(token.weight for token in group) for group in groups.values()]
    weights = [token.weight for token in attended]
    each_alike = any(token.step for token in attended) and min(weights) > 0.99 * max(weights)
    if each_alike or min(shares) > 0.99 * max(shares):
        names = [_group_text(group) for group in groups.values()]
    else:
        pairs = sorted(zip(shares, groups.values(), strict=True), key=lambda pair: -round(pair[0], 6))
        names = [f"{share:.3g} {_group_text(group)}" for share, group in pairs]
    return _fitting(names, room)


def _fitting(names: list[str], room: int) -> str:
    """As many names as fit, and how many more there are."""
    for named in range(len(names), 0, -1):
        rest = len(names) - named
        text = " + ".join(names[:named]) + (f" + {rest} more" if rest else "")
        if cell_len(text) <= room:
            return text
    text = names[0] + " + …" * (len(names) > 1)
    return text if cell_len(text) <= room else set_cell_size(text, max(room - 1, 0)) + "…"


def _group_text(group: list[Attended]) -> str:
    """Equal tokens: a token of the prompt by its text, steps by their numbers.

    >>> _group_text([Attended(9 + n, "a1>1Sa", 0.2, n) for n in (1, 2, 3, 7)])
    'steps 1–3, 7'
    """
    steps = sorted(token.step for token in group if token.step is not None)
    if not steps:
        return group[0].text
    if len(steps) == 1:
        return f"step {steps[0]}"
    ranges = [[n for _, n in run] for _, run in groupby(enumerate(steps), key=lambda pair: pair[1] - pair[0])]
    if len(ranges) > MOST_RANGES:
        return f"{len(steps):,} steps from {steps[0]:,} to {steps[-1]:,}"
    return "steps " + ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in ranges)

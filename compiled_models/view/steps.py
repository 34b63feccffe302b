"""A trace as a table or as JSON: each generated token with the tape around it and what the attention looked at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.table import Table
from rich.text import Text

from compiled_models.view.tape import tape_text
from compiled_models.view.trace import Attended, Moment, Step
from tm import Machine

__all__ = ["step_json", "step_table"]

MOST = 4  # tokens named in one field of the table


def step_table(steps: Iterable[Step], machine: Machine, title: str = "") -> Table:
    """A rich table of a trace; for several tapes a line for each."""
    table = Table(
        title=title, title_justify="left", header_style="bold", pad_edge=False, box=None, padding=(0, 2, 0, 0)
    )
    for column in ("step", "tape before", "token generated", "tape after", "READ attended to", "DECIDE matched"):
        table.add_column(column, justify="right" if column == "step" else "left", no_wrap=True)
    for step in steps:
        tapes = range(machine.tapes)
        table.add_row(
            str(step.number),
            Text("\n".join(tape_text(step.before, tape, machine.blank) for tape in tapes)),
            Text(step.text, style="bold green" if step.text != "<stop>" else "bold red"),
            Text("\n".join(tape_text(step.after, tape, machine.blank) for tape in tapes)),
            Text("\n".join(_heads(attended) for attended in step.read)),
            Text(_heads(step.decide)),
        )
    return table


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


def _heads(attended: tuple[Attended, ...]) -> str:
    """The tokens attended to, `[1] + step 4`, four at most; with the share of each where these differ.

    >>> _heads((Attended(1, "[1]", 0.5), Attended(9, "A1>1LB", 0.25, 4), Attended(1, "[1]", 0.25)))
    '0.75 [1] + 0.25 step 4'
    """
    if not attended:
        return "nothing: the weights are no numbers"
    shares: dict[str, float] = {}
    for token in attended:
        shares[str(token)] = shares.get(str(token), 0.0) + token.weight
    even = min(shares.values()) > 0.99 * max(shares.values())
    names = [name if even else f"{share:.3g} {name}" for name, share in list(shares.items())[:MOST]]
    return " + ".join(names) + (f" + {len(shares) - MOST} more" if len(shares) > MOST else "")

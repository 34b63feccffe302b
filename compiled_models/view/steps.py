"""A trace as a table: each generated token with the tape around it and what the attention looked at."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from compiled_models.view.tape import tape_text
from compiled_models.view.trace import Attended, Step
from tm import Machine

__all__ = ["step_table"]

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


def _heads(attended: tuple[Attended, ...]) -> str:
    """The tokens attended to, `[1] + step 4`, four at most; with the share of each where these differ."""
    shares: dict[str, float] = {}
    for token in attended:
        shares[str(token)] = shares.get(str(token), 0.0) + token.weight
    even = max(shares.values()) - min(shares.values()) < 1e-3
    shown = [name if even else f"{share:.2g} {name}" for name, share in list(shares.items())[:MOST]]
    return " + ".join(shown) + (f" + {len(shares) - MOST} more" if len(shares) > MOST else "")

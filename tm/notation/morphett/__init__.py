"""The notation of Anthony Morphett's simulator: a rule a line, `state symbol new-symbol direction new-state`.

    ; binary increment; a comment begins with a semicolon
    0 * * r 0
    0 _ _ l carry
    carry 1 0 l carry
    carry * 1 * halt-accept

`_` is the blank. `*` stands for every symbol or state on the left and for the same one on the right; as a direction it
stays. The rule that names more applies: (state, symbol), then (state, *), (*, symbol), (*, *); of two rules for the
same, the last. A state that begins with `halt` halts; it accepts or rejects where its name says so. The run starts in
state 0; where there is none, here in the first rule's state. A `!` at the end is a breakpoint. In the simulator's
non-deterministic variant (`morphett-nondeterministic`) two rules for the same are choices.

Two more dialects are read: the French one (directions `g` and `d`; states that begin with `stop` halt, too), told by
its directions, and that of lambda.jimpryor.net (`left`, `right`, `stay`, `<`, `>`, `=`; the states accept and reject).
"""

from __future__ import annotations

import re
from functools import partial

from tm.inputs import Inputs
from tm.machine import Machine
from tm.notation.common.annotation import restored
from tm.notation.common.builder import Builder
from tm.notation.morphett.lines import DIRECTIONS, Line, fields, lines
from tm.notation.morphett.lookup import rules
from tm.notation.morphett.one_way import one_way
from tm.notation.morphett.verdicts import dialect, final_states, halts
from tm.notation.morphett.writer import VARIANT, write
from tm.registry import Notation
from tm.start import typed

__all__ = ["CHOICES", "NOTATION", "ONE_WAY", "read", "read_one_way", "write"]


def share(text: str) -> float:
    """The share of lines that are rules; those with five fields, of which one cannot be right, for half.

    >>> share("0 1 0 r 0 ; flip"), share("0 1 0 r 0\\n0 10 0 r 0"), share("a 0 -> b 1 R")
    (1.0, 0.75, 0.0)
    """
    rows = [[word for word, _ in fields(row)] for row in text.split("\n") if row.strip()]
    fits = [_fit(row) for row in rows if row]
    return sum(fits) / len(fits) if fits else 0.0


def _fit(row: list[str]) -> float:
    """How far the words of a line make a rule, 0 to 1."""
    if len(row) not in (5, 6) or "->" in row[1:4]:
        return 0.0
    right = (len(row[1]) == 1) + (len(row[2]) == 1) + (row[3].lower() in DIRECTIONS)
    right += len(row) == 5 or row[5].startswith("!")
    return 1.0 if right == 4 else 0.5 if right == 3 else 0.0


def read(text: str, source: str | None = None, *, choices: bool = False) -> Machine:
    """The machine of a text, on a tape without ends. Raises MachineError with every reason and its place.

    Of two rules for the same the last applies; with `choices` both may.

    >>> [str(rule) for rule in read("0 1 0 r 0\\n0 * * * halt").rules]
    ['0 _ -> halt _ S', '0 1 -> 0 0 R', '0 0 -> halt 0 S']
    """
    builder = Builder(text, source)
    found = list(lines(builder))
    if not found and not builder.problems:
        builder.problem("the text holds no rule", (1, 1), expected="state symbol new-symbol direction new-state")
    spoken = dialect(found)
    states = dict.fromkeys(name for line in found for name in (line.state, line.new_state) if name != "*")
    start = _start(found)
    for rule, line in rules(
        builder, found, [s for s in dict.fromkeys([start, *states]) if not halts(s, spoken)], choices=choices
    ):
        builder.rule(rule, (line.number, line.column))
    ruled = {rule.state for rule in builder.rules}
    targets = {line.new_state: (line.number, line.column) for line in found if line.new_state in states}
    builder.misspelled({s: at for s, at in targets.items() if s not in ruled and not halts(s, spoken)}, ruled)
    accept, reject = final_states(state for state in states if state not in ruled)
    symbols = dict.fromkeys(name for line in found for name in (line.symbol, line.new_symbol) if name != "*")
    machine = builder.machine(
        blank="_",
        start=start,
        accept=accept,
        reject=reject,
        states=states,
        symbols=symbols,
        inputs=_TYPED,
        nondeterministic=choices,
    )
    said = _SAMPLE.search(text)
    return restored(machine.sampled(typed(machine, said[1]) if said else None), text, source)


_SAMPLE = re.compile(r"(?m);.*\$INITIAL_TAPE:? *(.*?)\s*$")
"""What the simulator puts on the tape when it loads the program."""


_TYPED = Inputs(blank=" ", mark="*")
"""A space typed into the simulator's input is a blank, and a `*` marks the head's start cell."""


def _start(found: list[Line]) -> str:
    """The state in which the tool starts, 0; where no rule is for it, the first rule's."""
    named = [line for line in found if line.state != "*"]
    if any(line.state == "0" for line in found) or not named:
        return "0"
    return named[0].state


def read_one_way(text: str, source: str | None = None) -> Machine:
    """The machine of a text, on a tape that ends at the left of cell 0, as an equivalent one on a tape without ends.

    The simulator calls this variant semi-infinite: moving left from cell 0, the head stays. See `one_way` for how.

    >>> from tm import outcome
    >>> machine = read_one_way("0 1 0 l 1\\n1 0 x r halt")
    >>> outcome(machine, "1").tape, outcome(machine, "1").head
    (['⊢x'], 1)
    """
    return one_way(read(text, source))


_VARIANT = re.compile(rf"(?m)^[^\S\n]*;(?! tapehead:).*{VARIANT}")
_FORM = "state symbol new-symbol direction new-state"
LONGEST = 2_000_000
"""Characters: a hundred thousand rules, all told apart."""

NOTATION = Notation(
    "morphett", (), lambda text: 0.0 if _VARIANT.search(text) else share(text), _FORM, read, write, LONGEST
)
ONE_WAY = Notation("morphett-one-way", (), lambda text: 0.0, "", read_one_way, None, LONGEST)
CHOICES = Notation(
    "morphett-nondeterministic",
    (),
    lambda text: share(text) if _VARIANT.search(text) else 0.0,
    "",
    partial(read, choices=True),
    partial(write, choices=True),
    LONGEST,
)

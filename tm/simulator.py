"""What a machine does, step by step: the definition that everything else in the library is held against."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy

from tm.errors import InputError, Problem
from tm.integers import is_integer
from tm.machine import Machine
from tm.rule import Rule
from tm.start import Heads, Input, Start
from tm.tape import Tape

__all__ = ["Configuration", "Outcome", "after", "initial", "outcome", "simulate"]


class Configuration(NamedTuple):
    """A machine at one moment of a run: all that its future depends on, and the rule that led here.

    `step` counts the rules applied so far; `rule` is the last of them, None at the start. A configuration is never
    changed: it stays valid when the run goes on.

    >>> start, after = simulate(Machine.read("right 0 -> right 1 R"), "0")
    >>> start.symbols, after.heads, after.tapes[0].cells(), str(after.rule)
    (('0',), (1,), ['1'], 'right 0 -> right 1 R')
    """

    step: int
    state: str
    tapes: tuple[Tape, ...]
    rule: Rule | None

    @property
    def heads(self) -> tuple[int, ...]:
        """The cell of each head."""
        return tuple(tape.head for tape in self.tapes)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbol under each head."""
        return tuple(tape.symbol for tape in self.tapes)


@dataclass(frozen=True)
class Outcome:
    """How a run ended: `reason` is "no rule" (it halted) or "step limit".

    `tape` is the list of symbols from the first to the last cell that is not blank, `head` the head's cell; for several
    tapes both are lists with one for each. `accepted` is that of Machine.accepts, None where the run did not halt.
    """

    halted: bool
    reason: str
    steps: int
    state: str
    accepted: bool | None
    tape: list[Any]
    head: Any


def simulate(
    machine: Machine,
    input: Input = "",
    *,
    head: Heads = 0,
    max_steps: int | None = None,
    seed: int | None = None,
) -> Iterator[Configuration]:
    """The run's configurations, the initial one first, until no rule applies or `max_steps` steps are taken.

    The input stands on the cells from 0 on; `head` is the start cell (for several tapes also a list of them). A
    stochastic machine needs a `seed`: each step draws once from `numpy.random.default_rng(seed)` and takes the first
    of `machine.rules_for(...)` whose cumulative weight, as a share of the total, exceeds the draw.

    Raises InputError, at the call, for a bad input, head, limit or seed.

    >>> for configuration in simulate(Machine.read("1RB1LB_1LA1RZ")):
    ...     print(configuration.step, configuration.state, configuration.tapes[0])
    0 A <Tape from cell 0: , head on 0>
    1 B <Tape from cell 0: 1, head on 1>
    2 A <Tape from cell 0: 1 1, head on 0>
    3 B <Tape from cell 0: 1 1, head on -1>
    4 A <Tape from cell -1: 1 1 1, head on -2>
    5 B <Tape from cell -2: 1 1 1 1, head on -1>
    6 Z <Tape from cell -2: 1 1 1 1, head on 0>
    """
    if max_steps is not None and not is_integer(max_steps, 1):
        raise InputError(Problem("the step limit is a positive integer", "1 or more, or None", repr(max_steps)))
    start = Start.of(machine, input, head)
    draw = _drawing(seed, machine.nondeterministic) if machine.stochastic else _only
    return _configurations(start.machine, initial(start), max_steps, draw)


def initial(start: Start) -> Configuration:
    """The configuration before the first step."""
    blank, cells = start.machine.blank, zip(start.input, start.head, strict=True)
    tapes = tuple(Tape.of(symbols, blank=blank, head=cell) for symbols, cell in cells)
    return Configuration(0, start.machine.start, tapes, None)


def after(now: Configuration, rule: Rule) -> Configuration:
    """The configuration after a rule is applied."""
    tapes = tuple(tape.step(symbol, move) for tape, symbol, move in zip(now.tapes, rule.write, rule.moves, strict=True))
    return Configuration(now.step + 1, rule.next_state, tapes, rule)


def _configurations(
    machine: Machine, now: Configuration, max_steps: int | None, draw: Callable[[tuple[Rule, ...]], Rule]
) -> Iterator[Configuration]:
    yield now
    while max_steps is None or now.step < max_steps:
        rules = machine.rules_for(now.state, now.symbols)
        if not rules:
            return
        now = after(now, draw(rules))
        yield now


def _only(rules: tuple[Rule, ...]) -> Rule:
    return rules[0]


def _drawing(seed: int | None, nondeterministic: bool) -> Callable[[tuple[Rule, ...]], Rule]:
    """A function that draws one of several rules, in proportion to their weights."""
    if not is_integer(seed, 0):
        expected = "seed=, an integer of 0 or more"
        hint = "search all its runs for one that accepts: tm.search" if nondeterministic else ""
        raise InputError(Problem("a stochastic machine draws its steps from a seed", expected, repr(seed), hint))
    random = numpy.random.default_rng(seed)

    def draw(rules: tuple[Rule, ...]) -> Rule:
        number = int(random.random() * 2**53)  # such a number is a multiple of 2^-53, so all of this is exact
        total, cumulative = sum(rule.weight or 1 for rule in rules), 0
        for rule in rules:  # the last rule's cumulative weight, the total, always exceeds the draw
            cumulative += rule.weight or 1
            if cumulative * 2**53 > number * total:
                break
        return rule

    return draw


def outcome(
    machine: Machine,
    input: Input = "",
    *,
    head: Heads = 0,
    max_steps: int | None = None,
    seed: int | None = None,
) -> Outcome:
    """How the run ends that `simulate` gives for the same arguments; without a limit it may never return.

    A run that halts with its last permitted step has halted. Raises InputError as `simulate` does.

    >>> outcome(Machine.read("1RB1LB_1LA1RZ"), max_steps=100)
    Outcome(halted=True, reason='no rule', steps=6, state='Z', accepted=None, tape=['1', '1', '1', '1'], head=0)
    """
    start = Start.of(machine, input, head)
    machine, run = start.machine, simulate(start.machine, start.input, head=start.head, max_steps=max_steps, seed=seed)
    (last,) = deque(run, maxlen=1)
    halted = not machine.rules_for(last.state, last.symbols)
    tapes, heads = [tape.cells() for tape in last.tapes], list(last.heads)
    return Outcome(
        halted=halted,
        reason="no rule" if halted else "step limit",
        steps=last.step,
        state=last.state,
        accepted=machine.accepts(last.state) if halted else None,
        tape=tapes if machine.tapes > 1 else tapes[0],
        head=heads if machine.tapes > 1 else heads[0],
    )

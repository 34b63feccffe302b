"""The busy beaver by prompting: every machine of so many states and symbols, run by the same network.

The enumeration is the tree normal form (R. Machlin, Q. F. Stout, The complex behavior of simple machines, Physica D 42,
1990): it begins with the one rule A0 -> 1RB, runs, and branches where the network says that it lacks an example, in the
situation in which it stopped, over every rule that may stand there. States and symbols come in the order of their first
use, so that of machines which differ in names alone there is one. A rule that halts is 1RZ: it takes a step as every
other, and leaves one symbol more. Why the first rule may be taken for granted: a machine that writes 0 first, or goes
left, or stays in A (and then never halts), is outdone or mirrored by one that does not.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from compiled_models.decoding.batched import rows_of
from compiled_models.machine_code.stored import stored
from compiled_models.sweep.deciders import never_halts
from construction.codec import Codec
from construction.network import Network
from tm import InputError, Machine, Problem
from tm.rule import Rule
from tm.text import counted

__all__ = ["MOST_STATES", "MOST_SYMBOLS", "BusyBeaver", "Survey"]

Integers = NDArray[np.int64]
AT_ONCE = 1 << 13  # machines between two reports
LONGER = 10  # times the limit: how far deciders look where the limit's steps do not decide
KEPT = 1 << 10  # open machines that a survey names
MOVES = "LR"
MOST_STATES, MOST_SYMBOLS = 25, 10  # as many letters and digits as there are, Z apart


@dataclass
class Survey:
    """What came of the machines so far.

    Attributes:
        prompts: prompts that the network ran, those of unfinished machines included.
        tokens: tokens that it generated.
        halted: machines that halted.
        running: machines that did not, within the limit.
        proven: how many of those never halt, by the decider that says so.
        steps, ones: the most steps of a machine that halted, and the most symbols that are not blank on its tape.
        longest, fullest: the machines that have them, in the notation of busy beavers.
        open: the first 1,024 machines that nothing is known about.
    """

    prompts: int = 0
    tokens: int = 0
    halted: int = 0
    running: int = 0
    proven: dict[str, int] = field(default_factory=dict)
    steps: int = 0
    ones: int = 0
    longest: list[str] = field(default_factory=list)
    fullest: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def add(self, other: Survey) -> None:
        """Take over what came of other machines.

        >>> survey = Survey(halted=2, steps=6, longest=["a"])
        >>> survey.add(Survey(halted=1, steps=6, longest=["b"]))
        >>> survey.halted, survey.steps, survey.longest
        (3, 6, ['a', 'b'])
        """
        for name in ("prompts", "tokens", "halted", "running"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name, count in other.proven.items():
            self.proven[name] = self.proven.get(name, 0) + count
        self.note("steps", "longest", other.steps, other.longest)
        self.note("ones", "fullest", other.ones, other.fullest)
        self.open += other.open[: KEPT - len(self.open)]

    def note(self, most: str, names: str, amount: int, machines: list[str]) -> None:
        """Note machines that have an amount of `most`, if none so far has more."""
        if amount > getattr(self, most):
            setattr(self, most, amount)
            setattr(self, names, [])
        if amount and amount == getattr(self, most):
            getattr(self, names).extend(machines)

    @property
    def machines(self) -> int:
        """All machines that are complete: they halted, or reached the limit."""
        return self.halted + self.running

    @property
    def undecided(self) -> int:
        """Machines that reached the limit, and that no decider knows."""
        return self.running - sum(self.proven.values())


class BusyBeaver:
    """The tree of machines, and the prompts that show them to a network.

    A machine is a row of numbers of rules, one for each situation (state by state, symbol by symbol), -1 for none; rule
    `(next * symbols + write) * 2 + move` of a situation leads to state `next`, which `states` of them is the halting Z.

    Args:
        network: a base network whose capacity holds the machines, Z included; joint code, one tape.
        states, symbols: of the machines.
        limit: steps after which a machine is left.
        device: "cpu" or "cuda"; None: where the network is.

    Raises:
        InputError: for sizes that are none, and a network that does not hold such machines.
    """

    def __init__(self, network: Network, states: int, symbols: int, limit: int, device: str | None = None) -> None:
        self.states, self.symbols, self.limit = states, symbols, limit
        self.situations, self.actions = states * symbols, (states + 1) * symbols * len(MOVES)
        config = _require(network, states, symbols, limit)
        self.names = (*string.ascii_uppercase[:states], "Z")
        digits = [str(symbol) for symbol in range(symbols)]
        everything = Machine(start="A", blank="0", states=self.names, symbols=digits)
        self.codec = Codec(config, everything)
        vocabulary = self.codec.vocabulary
        examples = [self.codec.example(self._rule(s, a)) for s in range(self.situations) for a in range(self.actions)]
        prompt = self.codec.prompt()  # <bos> <run A>
        self.table = np.concatenate([prompt.tokens, np.array(examples, dtype=np.int64)])
        self.rows = rows_of(network, vocabulary, self.table, prompt.stop, device=device)
        step = vocabulary["STEP"]
        self._action_row = step["action"].first
        self._does = np.array(
            [(n, *w, *m) for n, w, m in map(self.codec.action, ([a] for a in range(len(step["action"].labels))))]
        )

    def _rule(self, situation: int, action: int) -> Rule:
        state, read = divmod(situation, self.symbols)
        rest, move = divmod(action, len(MOVES))
        following, write = divmod(rest, self.symbols)
        return Rule(self.names[state], (str(read),), self.names[following], (str(write),), (MOVES[move],))

    def machine(self, rules: Integers) -> Machine:
        """The machine of a row."""
        chosen = tuple(self._rule(s, a) for s, a in enumerate(rules.tolist()) if a >= 0)
        digits = [str(symbol) for symbol in range(self.symbols)]
        return Machine(rules=chosen, start="A", blank="0", states=self.names, symbols=digits)

    @cached_property
    def halting(self) -> int:
        """The action 1RZ."""
        return (self.states * self.symbols + 1) * len(MOVES) + 1

    @property
    def root(self) -> Integers:
        """The one machine that the tree begins with: A0 -> 1RB [1 s]. With one state there is no B: 1RZ, and 1RA."""
        rules = [(self.symbols + 1) * len(MOVES) + 1] if self.states > 1 else [self.halting, len(MOVES) + 1]
        first = np.full((len(rules), self.situations), -1)
        first[:, 0] = rules
        return first

    def prompts(self, machines: Integers) -> Integers:
        """The prompt of each machine [r s], as numbers of tokens, -1 where a situation has no example [r s + 2]."""
        examples = np.where(machines >= 0, 2 + np.arange(self.situations) * self.actions + machines, -1)
        ends = np.zeros((len(machines), 1), dtype=np.int64)
        return np.concatenate([ends, examples, ends + 1], axis=1)

    def children(self, machine: Integers, situation: int) -> Integers:
        """A machine with every rule that may stand in a situation which lacks one [c s]."""
        used = machine[machine >= 0] // len(MOVES)
        options = [self.halting]
        if (machine < 0).sum() > 1:  # in the last one only a rule that halts is of interest
            states = min(int((used // self.symbols).max(initial=0)) + 2, self.states)
            symbols = min(int((used % self.symbols).max(initial=0)) + 2, self.symbols)
            grid = np.arange(states)[:, None] * self.symbols + np.arange(symbols)
            options += (grid.reshape(-1, 1) * len(MOVES) + np.arange(len(MOVES))).reshape(-1).tolist()
        children = np.repeat(machine[None], len(options), axis=0)
        children[:, situation] = options
        return children

    def run(self, machines: Integers, survey: Survey) -> list[Integers]:
        """Run machines [r s], note what came of them, and return their children."""
        children: list[Integers] = []
        first = 0
        for made in self.rows.generate(self.prompts(machines), self.limit + 1):
            chunk = machines[first : first + len(made.made)]
            first += len(chunk)
            steps = made.made - made.stopped
            ends = _replayed(made.tokens[:, :, 3] - self._action_row, steps, self._does)  # [r 3]
            survey.prompts += len(chunk)
            survey.tokens += int(made.made.sum())
            over = ~made.stopped | (steps > self.limit)
            halted = ~over & (ends[:, 0] == self.states)
            self._note_halted(chunk[halted], steps[halted], ends[halted, 2], survey)
            self._note_running(chunk[over], survey)
            lacking = np.flatnonzero(~over & ~halted)
            for i, (state, symbol) in zip(lacking.tolist(), ends[lacking, :2].tolist(), strict=True):
                children.append(self.children(chunk[i], state * self.symbols + symbol))
        return children

    def survey(self, waiting: list[Integers], survey: Survey) -> Iterator[Survey]:
        """Run machines and all that they lead to, some at a time, the deepest first: what waits never gets long."""
        while waiting:
            machines, size = [waiting.pop()], 0
            while waiting and (size := size + len(machines[-1])) < AT_ONCE:
                machines.append(waiting.pop())
            waiting += self.run(np.concatenate(machines), survey)
            yield survey

    def branches(self, count: int, survey: Survey) -> list[Integers]:
        """Run the tree from its root on, level by level, until so many branches wait (or it has ended); return them."""
        waiting = [self.root]
        while waiting and len(waiting) < count:
            waiting = self.run(np.concatenate(waiting), survey)
        return waiting

    def _note_halted(self, machines: Integers, steps: Integers, ones: Integers, survey: Survey) -> None:
        survey.halted += len(machines)
        for most, names, amounts in (("steps", "longest", steps), ("ones", "fullest", ones)):
            best = int(amounts.max(initial=0))
            if best >= max(1, getattr(survey, most)):
                survey.note(most, names, best, [self._line(row) for row in machines[amounts == best]])

    def _note_running(self, machines: Integers, survey: Survey) -> None:
        survey.running += len(machines)
        size = self.states, self.symbols
        reasons = never_halts(machines, *size, self.limit)
        unknown = np.array([not reason for reason in reasons], dtype=bool)
        later = iter(never_halts(machines[unknown], *size, LONGER * self.limit))
        for row, early in zip(machines, reasons, strict=True):
            reason = early or next(later)
            if reason:
                survey.proven[reason] = survey.proven.get(reason, 0) + 1
            elif len(survey.open) < KEPT:
                survey.open.append(self._line(row))

    def _line(self, rules: Integers) -> str:
        """A machine as busy beavers are written, `---` where it has no rule."""
        texts = []
        for action in rules.tolist():
            following, write = divmod(action // len(MOVES), self.symbols)
            texts.append("---" if action < 0 else f"{write}{MOVES[action % 2]}{self.names[following]}")
        return "_".join("".join(texts[i : i + self.symbols]) for i in range(0, self.situations, self.symbols))


@stored
def _replayed(actions, steps, does):  # type: ignore[no-untyped-def]
    """State, symbol under the head and number of symbols that are not blank, after each row's steps [r 3]."""
    ends = np.zeros((len(steps), 3), dtype=np.int64)
    width = 2 * actions.shape[1] + 3
    tape = np.zeros(width, dtype=np.int64)
    for row in range(len(steps)):
        tape[:] = 0
        head, state, ones = actions.shape[1] + 1, 0, 0
        for n in range(steps[row]):
            action = actions[row, n]
            ones += (does[action, 1] != 0) - (tape[head] != 0)
            state, tape[head] = does[action, 0], does[action, 1]
            head += does[action, 2]
        ends[row, 0], ends[row, 1], ends[row, 2] = state, tape[head], ones
    return ends


def _require(network: Network, states: int, symbols: int, limit: int):  # type: ignore[no-untyped-def]
    """The network's configuration, if it holds such machines."""
    config, problems = network.config, []
    if not 1 <= states <= MOST_STATES:
        problems.append(Problem("no number of states", f"1 to {MOST_STATES}", str(states)))
    if not 2 <= symbols <= MOST_SYMBOLS:
        problems.append(Problem("no number of symbols", f"2 to {MOST_SYMBOLS}", str(symbols)))
    if limit < 1:
        problems.append(Problem("no limit of steps", "1 or more", str(limit)))
    if config is None or (config.kind, config.code, config.tapes) != ("base", "joint", 1):
        problems.append(Problem("the network cannot be shown every machine", "a base network of one tape, joint code"))
    elif config.states < states + 1 or config.symbols < symbols:
        size = f"{counted(config.states, 'state')} and {counted(config.symbols, 'symbol')}"
        needed = f"{states + 1} states (the halting one counted) and {symbols} symbols"
        problems.append(
            Problem("the machines do not fit the network", needed, size, "make a larger one: --states, --symbols")
        )
    if problems:
        raise InputError(*problems)
    return config

"""A Turing machine: states, symbols, rules. Validated when it is made, unchangeable afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from typing import TYPE_CHECKING, Any

from tm.errors import InputError, MachineError, Problem
from tm.inputs import Inputs, Sample
from tm.name import quoted
from tm.shown import shown

if TYPE_CHECKING:
    import networkx

    from tm.start import Input

__all__ = ["MOVES", "Machine", "Rule", "Situation"]

MOVES = ("L", "S", "R")
"""Left, stay, right: the moves of a head, in the order in which a seeded draw runs through them."""

Situation = tuple[str, tuple[str, ...]]
"""What a rule is looked up by: the state and the symbols under the heads."""


@dataclass(frozen=True)
class Rule:
    """In `state`, with the symbols `read` under the heads: write `write`, move by `moves`, go to `next_state`.

    `weight` is a positive integer where the rule is one of several for its situation, drawn in proportion.

    >>> print(Rule("right", ("0",), "right", ("1",), ("R",)))
    right 0 -> right 1 R
    """

    state: str
    read: tuple[str, ...]
    next_state: str
    write: tuple[str, ...]
    moves: tuple[str, ...]
    weight: int | None = None

    @property
    def situation(self) -> Situation:
        """The state and the symbols read: what the rule is looked up by."""
        return self.state, self.read

    @property
    def action(self) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        """The next state, the symbols written and the moves: all that the rule does."""
        return self.next_state, self.write, self.moves

    def __str__(self) -> str:
        read, write = (",".join(map(quoted, symbols)) for symbols in (self.read, self.write))
        text = f"{quoted(self.state)} {read} -> {quoted(self.next_state)} {write} {','.join(self.moves)}"
        return text if self.weight is None else f"{text} x {self.weight}"


@dataclass(frozen=True, kw_only=True, eq=False, init=False)
class Machine:
    """A Turing machine with one head on each of its tapes.

    `start` defaults to the state of the first rule; `states` and `symbols` add names that no rule mentions. Afterwards
    `.states` holds every state (the start first, then in order of appearance) and `.symbols` every symbol (the blank
    first). `decides` says that halting anywhere but in an accept state is rejecting, as it always is where there are
    accept states. `others` are rules for symbols that the machine does not name, "" standing for them; an input may
    declare such symbols (see tm.others). `nondeterministic` says that where several rules are for one situation, a
    run may go on with any of them, and that the machine accepts if one of its runs does (see tm.run_tree); such rules
    have the weight 1, and a machine without them is no such machine. `inputs` says how inputs are typed (see
    tm.inputs). Equal rules are merged, the weights of equal weighted rules added. Two machines are equal when they say
    the same, whatever their names, their `inputs` and the order of their rules.

    Raises MachineError, with every reason at once, for anything else than a machine.

    >>> flip = Machine(rules=[Rule("a", ("0",), "a", ("1",), ("R",)), Rule("a", ("_",), "end", ("_",), ("S",))])
    >>> flip.start, flip.states, flip.symbols
    ('a', ('a', 'end'), ('_', '0', '1'))
    """

    name: str
    tapes: int
    blank: str
    start: str
    accept: tuple[str, ...]
    reject: tuple[str, ...]
    rules: tuple[Rule, ...]
    states: tuple[str, ...]
    symbols: tuple[str, ...]
    others: tuple[Rule, ...]
    decides: bool
    nondeterministic: bool
    inputs: Inputs

    def __init__(
        self,
        *,
        name: str = "",
        tapes: int = 1,
        blank: str = "_",
        start: str | None = None,
        accept: Iterable[str] = (),
        reject: Iterable[str] = (),
        rules: Iterable[Rule] = (),
        states: Iterable[str] = (),
        symbols: Iterable[str] = (),
        others: Iterable[Rule] = (),
        decides: bool = False,
        nondeterministic: bool = False,
        inputs: Inputs = Inputs(),  # noqa: B008 (frozen)
    ) -> None:
        from tm.validation import checked  # it knows rules, so it imports this module

        fields = checked(
            name, tapes, blank, start, accept, reject, rules, states, symbols, others, nondeterministic, inputs
        )
        for key, value in fields.items():
            object.__setattr__(self, key, value)
        object.__setattr__(self, "decides", bool(decides))
        object.__setattr__(self, "_table", self._tabulated())

    def _tabulated(self) -> dict[Situation, tuple[Rule, ...]]:
        state_index = {state: index for index, state in enumerate(self.states)}
        symbol_index = {symbol: index for index, symbol in enumerate(self.symbols)}

        def order(rule: Rule) -> tuple[int, list[int], list[int]]:
            written = [symbol_index[symbol] for symbol in rule.write]
            return state_index[rule.next_state], written, [MOVES.index(move) for move in rule.moves]

        table: dict[Situation, list[Rule]] = {}
        for rule in self.rules:
            table.setdefault(rule.situation, []).append(rule)
        return {situation: tuple(sorted(rules, key=order)) for situation, rules in table.items()}

    @property
    def stochastic(self) -> bool:
        """Whether the machine draws its steps: some rule carries a weight."""
        return any(rule.weight is not None for rule in self.rules + self.others)

    def rules_for(self, state: str, symbols: tuple[str, ...]) -> tuple[Rule, ...]:
        """The rules for a situation, at once: none where the machine halts, several only where it draws.

        Sorted by next state (its index in `.states`), symbols written (theirs in `.symbols`), moves (L, S, R): the
        order in which a seeded draw runs through them.

        >>> coin = Machine.read("toss _ -> tails 0 S x 1\\ntoss _ -> heads 1 S x 2")
        >>> [str(rule) for rule in coin.rules_for("toss", ("_",))]
        ['toss _ -> tails 0 S x 1', 'toss _ -> heads 1 S x 2']
        >>> coin.rules_for("heads", ("_",))
        ()
        """
        table: dict[Situation, tuple[Rule, ...]] = self.__dict__["_table"]
        return table.get((state, symbols), ())

    def accepts(self, state: str) -> bool | None:
        """Whether a run that halts in `state` is accepted; None where the machine leaves that open.

        True in an accept state, False in a reject state; elsewhere False if the machine has accept states or `decides`,
        else None. What one run of a nondeterministic machine does not accept, another may: there it is True or None.
        Raises InputError for a state that the machine has not.

        >>> machine = Machine(start="a", accept=["yes"], reject=["no"])
        >>> machine.accepts("yes"), machine.accepts("no"), machine.accepts("a"), Machine(start="a").accepts("a")
        (True, False, False, None)
        """
        if state not in self.states:
            raise InputError(Problem("no such state", expected=" ".join(map(quoted, self.states)), found=repr(state)))
        if state in self.accept:
            return True
        rejects = state in self.reject or self.accept or self.decides
        return False if rejects and not self.nondeterministic else None

    def sampled(self, sample: Sample | None) -> Machine:
        """The machine with an input that its file brings along; itself where that is the blank tape, or none.

        >>> Machine.read("a 0 -> b 1 R").sampled(Sample((("0",),), (0,))).inputs.sample.tapes
        (('0',),)
        """
        if sample is None or not (any(sample.tapes) or any(sample.heads)):
            return self
        return replace(self, inputs=replace(self.inputs, sample=sample))

    @classmethod
    def read(cls, source: str | PathLike[str], notation: str | None = None) -> Machine:
        """The machine in a file, or in a text; the notation is detected unless it is named.

        A string is a file's path if that file exists, otherwise the text itself; `parse` is for a text that comes from
        somewhere else, and for a path alone there is pathlib.Path. A file is a regular one of up to 16 MB. A machine
        without a name of its own gets the file's. Raises MachineError for a missing or unreadable file, an unknown
        notation and, with every reason and its place, for a text that describes no machine.

        >>> Machine.read("1RB1LB_1LA1RZ").states
        ('A', 'B', 'Z')
        """
        from tm.notation import read_source  # notations make machines, so they import this module

        return read_source(source, notation)

    @classmethod
    def parse(cls, text: str, notation: str | None = None) -> Machine:
        """The machine in a text, which is never taken for a path; the notation is detected unless it is named.

        Raises MachineError for an unknown notation and, with every reason and its place, for what is no machine.

        >>> Machine.parse("a 0 -> b 1 R").states
        ('a', 'b')
        >>> Machine.parse("/etc/hostname")
        Traceback (most recent call last):
        tm.errors.MachineError: no notation that is known here
        ...
        """
        from tm.notation import read  # notations make machines, so they import this module

        if not isinstance(text, str):
            raise MachineError(Problem("a machine is parsed from a text", "a string", repr(text)))
        return read(text, notation)

    def write(self, notation: str = "tapehead") -> str:
        """The machine as text in a notation; read back, it is equal to this one.

        Raises MachineError, with the reasons, for what the notation cannot say.

        >>> print(Machine.read("1RB1LB_1LA1RZ").write(), end="")
        machine: 1RB1LB_1LA1RZ
        blank: 0
        start: A
        A 0 -> B 1 R
        A 1 -> B 1 L
        B 0 -> A 1 L
        B 1 -> Z 1 R
        """
        from tm.notation import write

        return write(self, notation)

    def graph(self) -> networkx.MultiDiGraph[Any]:
        """The states and rules as a networkx graph; see tm.graph.

        >>> sorted(Machine.read("1RB1LB_1LA1RZ").graph().successors("B"))
        ['A', 'Z']
        """
        from tm.graph import graph

        return graph(self)

    def renamed(self, states: Mapping[str, str] | None = None, symbols: Mapping[str, str] | None = None) -> Machine:
        """The machine with other names for some states and symbols; see tm.composition.

        >>> Machine.read("a 0 -> b 1 R").renamed({"a": "start"}).start
        'start'
        """
        from tm.composition import renamed

        return renamed(self, states, symbols)

    def then(self, second: Machine) -> Machine:
        """This machine and, where it halts, another one; see tm.composition.

        >>> len(Machine.read("a 0 -> b 1 R").then(Machine.read("a 0 -> b 1 R")).states)
        3
        """
        from tm.composition import sequence

        return sequence(self, second)

    def branch(self, *, accept: Machine | None = None, reject: Machine | None = None) -> Machine:
        """This machine and, where it accepts or rejects, another one; see tm.composition.

        >>> Machine.read("accept: yes\\na 0 -> yes 0 S").branch(accept=Machine.read("b 0 -> c 1 S")).states
        ('a', 'b', 'c')
        """
        from tm.composition import branched

        return branched(self, accept=accept, reject=reject)

    def equivalent(
        self, other: Machine, inputs: Iterable[Input], *, max_steps: int = 10_000, seed: int | None = None
    ) -> bool:
        """Whether another machine does the same with each of the inputs; see tm.composition.

        >>> Machine.read("a 0 -> b 1 S").equivalent(Machine.read("x 0 -> y 1 S"), ["", "0", "00"])
        True
        """
        from tm.composition import equivalent

        return equivalent(self, other, inputs, max_steps=max_steps, seed=seed)

    def _said(self) -> tuple[object, ...]:
        """All that the machine says, save its name and every order."""
        sets = (self.accept, self.reject, self.rules, self.others, self.states, self.symbols)
        flags = (bool(self.accept) or self.decides, self.nondeterministic)
        return self.tapes, self.blank, self.start, *flags, *map(frozenset, sets)

    def __eq__(self, other: object) -> bool:
        return self._said() == other._said() if isinstance(other, Machine) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._said())

    def __repr__(self) -> str:
        sizes = f"{len(self.states)} states, {len(self.symbols)} symbols, {len(self.rules)} rules"
        tapes = f"{self.tapes} {'tape' if self.tapes == 1 else 'tapes'}"
        return f"<Machine {shown(self.name) or 'without a name'}: {sizes}, {tapes}>"

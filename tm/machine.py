"""A Turing machine: states, symbols, rules. Validated when it is made, unchangeable afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from os import PathLike

from tm import registry
from tm.errors import InputError, MachineError, Problem
from tm.html import Content, card, code, details, facts, note, table
from tm.inputs import Inputs, Sample
from tm.rule import MOVES, Rule, Situation
from tm.state_picture import MOST_ARROWS, MOST_STATES, state_picture
from tm.text import quoted, shown
from tm.validation import checked

__all__ = ["Machine"]

LISTED = 100
"""Rules, and states of a kind, that a notebook shows."""


@dataclass(frozen=True, kw_only=True, eq=False, init=False)
class Machine:
    """A Turing machine with one head on each of its tapes.

    `start` defaults to the state of the first rule; `states` and `symbols` add names that no rule mentions. Afterwards
    `.states` holds every state (the start first, then in order of appearance) and `.symbols` every symbol (the blank
    first). `decides` says that halting anywhere but in an accept state is rejecting, as it always is where there are
    accept states. `others` are rules for symbols that the machine does not name, "" standing for them; an input may
    declare such symbols (see tm.start). `nondeterministic` says that where several rules are for one situation, a
    run may go on with any of them, and that the machine accepts if one of its runs does (see tm.run_tree); such rules
    have the weight 1, and a machine without them is no such machine. `inputs` says how inputs are typed (see
    tm.inputs). Equal rules are merged, the weights of equal weighted rules added. Two machines are equal when they say
    the same, whatever their names, their `inputs` and the order of their rules.

    Raises MachineError, with every reason at once, for anything else than a machine.

    >>> from tm import Rule
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
            symbols = [symbol_index[symbol] for symbol in rule.write]
            return state_index[rule.next_state], symbols, [MOVES.index(move) for move in rule.moves]

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
        return registry.read_source(source, notation)

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
        if not isinstance(text, str):
            raise MachineError(Problem("a machine is parsed from a text", "a string", repr(text)))
        return registry.read(text, notation)

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
        return registry.write(self, notation)

    def _key(self) -> tuple[object, ...]:
        """All that the machine says, save its name and every order."""
        sets = (self.accept, self.reject, self.rules, self.others, self.states, self.symbols)
        flags = (bool(self.accept) or self.decides, self.nondeterministic)
        return self.tapes, self.blank, self.start, *flags, *map(frozenset, sets)

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Machine) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        sizes = f"{len(self.states)} states, {len(self.symbols)} symbols, {len(self.rules)} rules"
        tapes = f"{self.tapes} {'tape' if self.tapes == 1 else 'tapes'}"
        return f"<Machine {shown(self.name) or 'without a name'}: {sizes}, {tapes}>"

    def _repr_html_(self) -> str:
        """The machine as a notebook shows it: its state graph and its rules; of a large one the first rules alone."""
        sizes = f"{len(self.states):,} states, {len(self.symbols):,} symbols, {len(self.rules):,} rules"
        about: list[tuple[str, Content]] = [("start", code(quoted(self.start))), ("blank", code(quoted(self.blank)))]
        about += [
            (kind, [code(f"{quoted(state)} ") for state in states[:LISTED]])
            for kind, states in (("accept", self.accept), ("reject", self.reject))
            if states
        ]
        rules = self.rules + self.others
        listed = [_row(rule) for rule in rules[:LISTED]]
        rest = [note(f"… {len(rules) - LISTED:,} more rules")] if len(rules) > LISTED else []
        written = [table(("in state", "reading", "write", "move", "go to", ""), listed), *rest]
        title = f"{self.name or 'a machine'}: {sizes}" + (f", {self.tapes} tapes" if self.tapes > 1 else "")
        arrows = len({(rule.state, rule.next_state) for rule in rules})
        if len(self.states) > MOST_STATES or arrows > MOST_ARROWS:
            graph = note(f"too large for a picture (at most {MOST_STATES} states, {MOST_ARROWS} arrows)")
            return str(card(title, facts(about), graph, *written))
        graph = state_picture(self.states, rules, self.start, self.accept, self.reject)
        return str(card(title, graph, facts(about), details("rules", *written)))


def _row(rule: Rule) -> list[str]:
    read, write = (" ".join(quoted(symbol) if symbol else "?" for symbol in part) for part in (rule.read, rule.write))
    weight = "" if rule.weight is None else f"× {rule.weight}"
    return [quoted(rule.state), read, write, " ".join(rule.moves), quoted(rule.next_state), weight]

"""A policy written as a Python function, tabulated: the machine that does what the function says, rule by rule.

The function is called for the situations that a run can reach, and for no others:

- What stands on a tape is what the input brings there, the blank, or what the function writes there.
- A head that stays reads what it has just written; one that moves may read anything that stands on its tape.

So the rules are those of a closed set of situations: from each of them, every step leads to one of them again. It may
still hold some that no run comes to; there the function says None.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import product
from typing import Any, Final

from tm.errors import MachineError, Problem
from tm.integers import is_integer
from tm.machine import Machine
from tm.rule import MOVES, Rule
from tm.state_name import state_name, state_names
from tm.text import is_name, quoted

__all__ = ["ANY", "SAME", "Step", "tabulate"]

Step = Callable[[Any, tuple[str, ...]], tuple[Any, Any, Any] | None]
"""A policy: a state and the symbols under the heads in; next state, what to write and the moves out, or None: halt."""

Situation = tuple[Hashable, tuple[str, ...]]
Alphabet = tuple[str, ...]
"""Of a tape, the blank first."""
Successor = tuple[Hashable, tuple[str | None, ...]]
"""A state and, tape by tape, the symbol that its head will read; None after a move: any that can stand there."""

MOST_PROBLEMS = 10
"""Wrong answers of a function that one error lists: a slip in it shows in many situations."""


class _Same:
    def __repr__(self) -> str:
        return "SAME"


class _Any:
    def __eq__(self, other: object) -> bool:
        return isinstance(other, (str, _Any))

    def __hash__(self) -> int:
        raise TypeError("ANY equals every symbol, so it has no hash: it stands in comparisons only")

    def __repr__(self) -> str:
        return "ANY"


SAME: Final = _Same()
"""What was read: to be written again, on one tape (`("1", SAME)`) or on all of them (`SAME`)."""

ANY: Any = _Any()
"""Equal to every symbol, for comparisons: `symbols == ("1", ANY)`; in a `match` an underscore does the same."""


def tabulate(
    step: Step,
    *,
    start: Hashable,
    symbols: Sequence[str] | Sequence[Sequence[str]],
    tapes: int = 1,
    inputs: Sequence[str] | Sequence[Sequence[str]] | None = None,
    blank: str = "_",
    accept: Iterable[Hashable] = (),
    reject: Iterable[Hashable] = (),
    name: str = "",
    named: Callable[[Any], str] | None = None,
    max_rules: int = 100_000,
) -> Machine:
    """The machine of a policy function: a rule for every situation that a run can reach and the function answers.

    Args:
        step: called with a state, any hashable value, and the symbols under the heads, a tuple with one for each tape.
            It answers (next state, what to write, moves), or None: the machine halts. What to write is a symbol for
            each tape, or SAME, what was read, for a tape or for all; moves are "L", "S" and "R", as in "RS" for two
            tapes. It has to answer the same each time.
        start: the state to start in.
        symbols: what may stand on the tapes, a symbol a character ("01_") or a list of names; for several tapes that
            is every tape's, or a list has one such for each. The blank is always among them.
        tapes: how many there are.
        inputs: what an input may bring, as `symbols` (None: all of them). Fewer make a smaller machine.
        blank: the blank symbol.
        accept: states (values as `step` has them) in which halting is accepting.
        reject: likewise rejecting.
        name: the machine's name.
        named: names a state; None: `state_name`, by which `Add(carry=1)` is add(carry=1).
        max_rules: how many rules there may be.

    Raises:
        MachineError: with every reason, for an answer that is none, naming the situation; for more rules than
            `max_rules`; for two states of one name; and for arguments that make no machine. What `step` itself raises
            comes out as it is, with a note that says in which situation.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Add:
    ...     carry: int
    >>> def step(state, symbols):  # adds 1 to a binary number that is written with its last digit first
    ...     if state == "done":
    ...         return None
    ...     total = state.carry + int(symbols[0].replace("_", "0"))
    ...     return (Add(total // 2), str(total % 2), "R") if total else ("done", SAME, "S")
    >>> print(tabulate(step, start=Add(1), symbols="01_").write(), end="")
    blank: _
    start: add(carry=1)
    add(carry=1) _ -> add(carry=0) 1 R
    add(carry=1) 0 -> add(carry=0) 1 R
    add(carry=1) 1 -> add(carry=1) 0 R
    add(carry=0) _ -> done _ S
    add(carry=0) 0 -> done 0 S
    add(carry=0) 1 -> add(carry=0) 1 R
    """
    alphabets, brought = _standing(symbols, inputs, tapes, blank)
    table = _Table(step, alphabets, brought, max_rules)
    table.close(start)
    accept, reject = tuple(accept), tuple(reject)
    names = state_names([start, *table.states, *accept, *reject], named or state_name)
    return Machine(
        name=name,
        tapes=tapes,
        blank=blank,
        start=names[start],
        accept=[names[state] for state in accept],
        reject=[names[state] for state in reject],
        rules=[
            Rule(names[state], read, names[next_state], write, moves)
            for (state, read), (next_state, write, moves) in table.actions.items()
        ],
        symbols=list(dict.fromkeys(symbol for alphabet in alphabets for symbol in alphabet)),
    )


class _Table:
    """The situations that can be reached, and what the function answers in them."""

    def __init__(self, step: Step, alphabets: list[Alphabet], brought: list[Alphabet], max_rules: int) -> None:
        self.step, self.alphabets, self.max_rules = step, alphabets, max_rules
        self.standing = [dict.fromkeys(tape) for tape in brought]  # what can stand on each tape, as far as is known
        self.states: dict[Hashable, None] = {}
        self.actions: dict[Situation, tuple[Hashable, tuple[str, ...], tuple[str, ...]]] = {}
        self._successors: dict[Successor, None] = {}
        self._asked: set[Situation] = set()
        self._problems: list[Problem] = []

    def close(self, start: Hashable) -> None:
        """Ask in every situation that can be reached from a start state on any input."""
        self._add((start, (None,) * len(self.standing)))
        size = -1
        while size != (size := sum(map(len, self.standing))):  # a symbol new on a tape may be met after any move
            waiting = list(self._successors)
            while waiting:
                for situation in self._situations(waiting.pop(0)):
                    if situation not in self._asked:
                        self._asked.add(situation)
                        waiting += self._ask(situation)
        if self._problems:
            raise MachineError(*self._problems)

    def _situations(self, successor: Successor) -> Iterator[Situation]:
        state, known = successor
        cells = ((s,) if s is not None else tuple(self.standing[i]) for i, s in enumerate(known))
        return ((state, read) for read in product(*cells))

    def _ask(self, situation: Situation) -> list[Successor]:
        """The successor of a situation, if it is a new one."""
        state, read = situation
        try:
            answer = self.step(state, read)
        except Exception as error:
            error.add_note(f"the policy was asked for its action in {_shown(situation)}")
            raise
        if answer is None:
            return []
        problems = list(_problems(answer, situation, self.alphabets))
        if problems:
            self._problems += problems
            if len(self._problems) >= MOST_PROBLEMS:
                raise MachineError(*self._problems[:MOST_PROBLEMS])
            return []
        next_state, written, moves = answer
        write = _written(written, read)
        for tape, symbol in zip(self.standing, write, strict=True):
            tape[symbol] = None
        self.actions[situation] = next_state, write, tuple(moves)
        if len(self.actions) > self.max_rules:
            expected = f"{self.max_rules:,} rules at most"
            found = f"more, with {len(self.states):,} states so far, the last of them {state_name(state)}"
            hint = "states that count without end? say None where no run comes, give inputs=, or more max_rules="
            raise MachineError(Problem("the policy has too many situations", expected, found, hint))
        after = tuple(None if move != "S" else symbol for symbol, move in zip(write, moves, strict=True))
        return self._add((next_state, after))

    def _add(self, successor: Successor) -> list[Successor]:
        if successor in self._successors:
            return []
        self._successors[successor] = None
        self.states[successor[0]] = None
        return [successor]


# ------------------------------------------------------------------------------------------- what a function may answer


def _written(written: object, read: tuple[str, ...]) -> tuple[str, ...]:
    """The symbols to write, those that stay spelled out."""
    each: Sequence[Any] = read if written is SAME else _by_tape(written, len(read))
    return tuple(old if new is SAME else new for old, new in zip(read, each, strict=True))


def _by_tape(written: object, tapes: int) -> Sequence[Any]:
    """What stands for each tape: on one tape a string is one symbol, whatever its length."""
    return (written,) if tapes == 1 and isinstance(written, str) else written  # type: ignore[return-value]


def _problems(answer: object, situation: Situation, alphabets: list[Alphabet]) -> Iterator[Problem]:
    """What keeps an answer from being an action."""
    where = f"in {_shown(situation)} the policy answers"
    if not isinstance(answer, tuple) or len(answer) != 3:
        yield Problem(f"{where} what is no action", "(next state, what to write, moves), or None", repr(answer))
        return
    next_state, written, moves = answer
    if not isinstance(next_state, Hashable) or _unhashable(next_state):
        hint = "a frozen dataclass, a tuple, a string, a number"
        yield Problem(f"{where} with a next state that cannot be told apart", "a hashable value", repr(answer), hint)
    tapes = len(alphabets)
    each = f"{tapes}, one for each tape"
    symbols = _by_tape(written, tapes) if isinstance(written, (str, tuple, list)) else None
    if written is not SAME:
        if symbols is None or len(symbols) != tapes:
            hint = "SAME stands for what was read, on one tape or on all"
            yield Problem(f"{where} with a wrong number of symbols to write", each, repr(answer), hint)
        else:
            for number, (symbol, alphabet) in enumerate(zip(symbols, alphabets, strict=True), 1):
                if symbol is not SAME and (not isinstance(symbol, str) or symbol not in alphabet):
                    which = f" of tape {number}" if tapes > 1 else ""
                    expected = " ".join(map(quoted, alphabet))
                    yield Problem(f"{where} with what is no symbol{which}", expected, repr(symbol), "see `symbols`")
    if not isinstance(moves, (str, tuple, list)) or len(moves) != tapes or any(move not in MOVES for move in moves):
        yield Problem(f"{where} with wrong moves", f"{each}: L, S or R", repr(moves))


def _unhashable(value: Hashable) -> bool:
    try:
        hash(value)
    except TypeError:  # a tuple that holds a list, say
        return True
    return False


def _shown(situation: Situation) -> str:
    state, read = situation
    return f"state {quoted(state_name(state))}, reading {','.join(map(quoted, read))},"


def _standing(symbols: object, inputs: object, tapes: object, blank: str) -> tuple[list[Alphabet], list[Alphabet]]:
    """What may stand on each tape, and what an input may bring there."""
    if not is_integer(tapes, 1):
        raise MachineError(Problem("the number of tapes is a positive integer", found=repr(tapes)))
    alphabets = _alphabets(symbols, tapes, blank, "symbols")
    brought = alphabets if inputs is None else _alphabets(inputs, tapes, blank, "inputs")
    strange = [
        Problem(f"an input brings {quoted(symbol)}, which is no symbol of tape {number}")
        for number, (tape, alphabet) in enumerate(zip(brought, alphabets, strict=True), 1)
        for symbol in tape
        if symbol not in alphabet
    ]
    if strange:
        raise MachineError(*strange)
    return alphabets, brought


def _alphabets(symbols: object, tapes: int, blank: str, what: str) -> list[Alphabet]:
    """The symbols of each tape, the blank first."""
    if not isinstance(symbols, (str, tuple, list)):
        raise MachineError(Problem(f"{what} are a string or a list of names", found=repr(symbols)))
    each: list[Any] = list(symbols) if tapes > 1 and not isinstance(symbols, str) else [symbols] * tapes
    if len(each) != tapes:
        hint = "one alphabet for all tapes is a string; names longer than a character: a list of lists"
        raise MachineError(Problem(f"{what} for each tape", f"{tapes} of them", str(len(each)), hint))
    wrong = [s for tape in each for s in (tape if isinstance(tape, (str, tuple, list)) else [tape]) if not is_name(s)]
    if wrong or not is_name(blank):
        problems = [Problem(f"{what} hold something that is no name", found=repr(s)) for s in wrong]
        raise MachineError(*(problems or [Problem("the blank is a symbol's name", found=repr(blank))]))
    return [tuple(dict.fromkeys([blank, *tape])) for tape in each]

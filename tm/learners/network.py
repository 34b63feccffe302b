"""Stochastic gradient descent as a policy: a network with one hidden layer of ReLU units, trained on the tape.

    tape 1   ee x0100 x0010 t1110 ?0000 ... # x0100 x1100 ?0000    epochs; examples: inputs, target, and the error's
                                                                   place; queries: inputs, and the output's place
    tape 2   e0100 h0000 v0010 g0000 w0100 w1110 h...              the rate; units: activation, outgoing weight,
                                                                   gradient, a weight for each input
    tape 3   01?0000000000#                                        the register (see `tm.learners.arithmetic`)

All numbers are in fixed point, W digits, F of them behind the point. Each product, or sum of products, is rounded once,
to the nearest (of two equally near the larger):

    h_j = max(0, sum_i w_ji * x_i)      y = sum_j v_j * h_j          e = rate * (t - y)
    g_j = v_j * e  if h_j > 0 else 0    v_j += h_j * e               w_ji += g_j * x_i

which is a step down the gradient of (t - y)^2 / 2. The first input of every example is 1, so that w_j0 is a bias. The
first weights stand on the tape: the model that is tuned is in the prompt, too.

Why it is right: each formula is a few lines of PARTS, and each part's docstring says what it leaves behind. Units and
inputs are gone through by their labels: while the weights of a unit are updated, those that are done are called x, so
that the next is the first w; at the unit's end they are called w again. v_j is updated after g_j is stored, so that g_j
is that of the old one.

How long it takes: `tm.learners.network_steps`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from tm.learners.arithmetic import AddAtPoint, Load, Multiply, Seek
from tm.learners.parts import DATA, PARAMETERS, Back, Overflow, Part, Return
from tm.learners.state import Action, State, step
from tm.learners.storing import Store, StorePositive, StoreZero
from tm.learners.word import DIGITS
from tm.machine import Machine
from tm.tabulate import SAME, tabulate

__all__ = ["network_machine", "program"]

SYMBOLS = ("01xt?#e", "01xehvgw", "01abcd?#")
DATA_END, UNIT_END = "xt?", "h_"


@dataclass(frozen=True)
class Done(State):
    """No query is left."""


class OnData(Part):
    """A part that moves head 1 alone."""

    busy = (DATA,)


class OnParameters(Part):
    """A part that moves head 2 alone."""

    busy = (PARAMETERS,)


@dataclass(frozen=True)
class Start(OnData):
    """Head 1 is on the first e: an epoch begins; or on the first x, as none is left: on to the queries."""

    def act(self, data: str, number: str, cell: str) -> Action | None:
        """Take the e away."""
        if number != "e" or cell not in DIGITS:
            return None
        if data == "e":
            return Seek(DATA, "R", "x", "row", begun=True), ("_", SAME, SAME), "RSS"
        return (Seek(DATA, "R", "#", "queries"), SAME, "SSS") if data == "x" else None


@dataclass(frozen=True)
class Gate(OnParameters):
    """Is the activation that head 2 is on positive?"""

    yes: str
    no: str
    begun: bool = False

    def act(self, data: str, number: str, cell: str) -> Action | None:
        """One digit."""
        if not self.begun:
            return Gate(self.yes, self.no, begun=True), SAME, "SRS"
        if number == "0":
            return self, SAME, "SRS"
        return Seek(PARAMETERS, "L", "h", self.yes if number == "1" else self.no), SAME, "SSS"


@dataclass(frozen=True)
class Mark(OnParameters):
    """The weight that head 2 is on is done with."""

    then: str

    def act(self, data: str, number: str, cell: str) -> Action | None:
        """Call it x."""
        return (Seek(PARAMETERS, "L", "g", self.then), (SAME, "x", SAME), "SSS") if number == "w" else None


@dataclass(frozen=True)
class Unmark(OnParameters):
    """All weights of a unit are done with: they are called w again, up to the next unit."""

    then: str

    def act(self, data: str, number: str, cell: str) -> Action | None:
        """One cell to the right."""
        if number in UNIT_END:
            return Return(self.then), SAME, "SSS"
        return self, (SAME, "w", SAME) if number == "x" else SAME, "SRS"


@dataclass(frozen=True)
class Right(OnData):
    """Head 1 goes one cell to the right, to one of some symbols."""

    to: str
    then: str

    def act(self, data: str, number: str, cell: str) -> Action | None:
        """That cell."""
        return Return(self.then), SAME, "RSS"


def _to(tape: int, way: str, to: str) -> Callable[[str], State]:
    return lambda then: Seek(tape, way, to, then)


def _chain(name: str, *parts: Callable[[str], State], then: str) -> dict[str, State]:
    """Parts one after the other as places of a program: name, name 2, name 3, ..., then."""
    names = [name, *(f"{name} {i}" for i in range(2, len(parts) + 1)), then]
    return {names[i]: part(names[i + 1]) for i, part in enumerate(parts)}


ROW_START = (_to(DATA, "L", "?e_#"), _to(DATA, "R", "x"))
PARTS: dict[str, State] = {
    # h_j = max(0, sum_i w_ji * x_i)
    **_chain("row", _to(PARAMETERS, "R", UNIT_END), then="unit?"),
    **_chain("unit", _to(PARAMETERS, "R", "w"), then="product"),
    **_chain("product", Load, lambda then: Multiply(DATA, then), then="product done"),
    **_chain("product done", _to(DATA, "R", DATA_END), _to(PARAMETERS, "R", "w" + UNIT_END), then="input?"),
    **_chain("activation", _to(PARAMETERS, "L", "h"), lambda then: StorePositive(PARAMETERS, then), then="unit done"),
    **_chain("unit done", *ROW_START, _to(PARAMETERS, "R", UNIT_END), then="unit?"),
    # y = sum_j v_j * h_j
    **_chain("output", _to(PARAMETERS, "L", "e"), _to(PARAMETERS, "R", UNIT_END), then="term?"),
    **_chain(
        "term",
        Load,
        _to(PARAMETERS, "R", "v"),
        lambda then: Multiply(PARAMETERS, then),
        _to(PARAMETERS, "R", UNIT_END),
        then="term?",
    ),
    **_chain("sum", _to(PARAMETERS, "L", "e"), _to(DATA, "R", "t?"), then="target?"),
    **_chain("answer", lambda then: Store(DATA, then), _to(DATA, "R", "x_"), then="next?"),
    # e = rate * (t - y)
    **_chain(
        "error",
        lambda then: AddAtPoint(DATA, then, negated=True),
        _to(DATA, "R", "?"),
        lambda then: Store(DATA, then),
        Load,
        lambda then: Multiply(DATA, then),
        lambda then: Store(DATA, then),
        _to(PARAMETERS, "R", UNIT_END),
        then="update?",
    ),
    # g_j = v_j * e if h_j > 0 else 0
    **_chain(
        "update",
        _to(PARAMETERS, "R", "v"),
        Load,
        lambda then: Multiply(DATA, then),
        _to(PARAMETERS, "L", "h"),
        lambda then: Gate("open", "shut"),
        then="",
    ),
    **_chain("open", _to(PARAMETERS, "R", "g"), lambda then: Store(PARAMETERS, then), then="outgoing"),
    **_chain("shut", _to(PARAMETERS, "R", "g"), lambda then: StoreZero(PARAMETERS, then), then="outgoing"),
    # v_j += h_j * e
    **_chain(
        "outgoing",
        _to(PARAMETERS, "L", "h"),
        Load,
        lambda then: Multiply(DATA, then),
        _to(PARAMETERS, "R", "v"),
        lambda then: AddAtPoint(PARAMETERS, then),
        lambda then: Store(PARAMETERS, then),
        _to(PARAMETERS, "R", "g"),
        *ROW_START,
        then="weight",
    ),
    # w_ji += g_j * x_i
    **_chain(
        "weight",
        Load,
        lambda then: Multiply(DATA, then),
        _to(PARAMETERS, "R", "w"),
        lambda then: AddAtPoint(PARAMETERS, then),
        lambda then: Store(PARAMETERS, then),
        Mark,
        _to(DATA, "R", "xt"),
        then="weight?",
    ),
    **_chain("updated", _to(DATA, "R", "?"), Unmark, then="update?"),
    # the next example, the next epoch, the next query
    **_chain("learnt", _to(PARAMETERS, "L", "e"), _to(DATA, "R", "x#"), then="next?"),
    **_chain("epoch", _to(DATA, "L", "_"), lambda then: Right("ex", then), then="start"),
    **_chain("queries", lambda then: Right("x_", then), then="next?"),
    "start": Start(),
    "done": Done(),
}
BRANCHES: dict[str, tuple[int, dict[str, str]]] = {
    "unit?": (PARAMETERS, {"h": "unit", "_": "output"}),
    "input?": (DATA, {"x": "product", "t": "activation", "?": "activation"}),
    "term?": (PARAMETERS, {"h": "term", "_": "sum"}),
    "target?": (DATA, {"t": "error", "?": "answer"}),
    "update?": (PARAMETERS, {"h": "update", "_": "learnt"}),
    "weight?": (DATA, {"x": "weight", "t": "updated"}),
    "next?": (DATA, {"x": "row", "#": "epoch", "_": "done"}),
}
"""Where the program goes on by what a head reads."""


Labels = tuple[frozenset[str], frozenset[str]]
"""On which labels the first two heads can be."""


def _after(part: State, labels: Labels) -> Iterator[tuple[str, Labels]]:
    """The places that can come after a part, and the labels there, from those where it is called."""
    data, parameters = labels
    match part:
        case Start():
            yield from (("row", (frozenset("x"), parameters)), ("queries", (frozenset("#"), parameters)))
        case Seek(tape=tape, to=to, then=then):
            yield then, (frozenset(to), parameters) if tape == DATA else (data, frozenset(to))
        case Right(to=to, then=then):
            yield then, (frozenset(to), parameters)
        case Gate(yes=yes, no=no):
            yield from ((place, (data, frozenset("h"))) for place in (yes, no))
        case Mark(then=then):
            yield then, (data, frozenset("g"))
        case Unmark(then=then):
            yield then, (data, frozenset(UNIT_END))
        case Part(then=then):  # type: ignore[misc]
            yield then, labels


@cache
def _expected() -> dict[str, Labels]:
    """Each place of the program, and the labels on which the first two heads can be there."""
    expected: dict[str, Labels] = {}
    waiting: list[tuple[str, Labels]] = [("start", (frozenset("ex"), frozenset("e")))]
    while waiting:
        place, (data, parameters) = waiting.pop()
        known = expected.get(place, (frozenset(), frozenset()))
        labels = known[0] | data, known[1] | parameters
        if labels == known:
            continue
        expected[place] = labels
        if place in BRANCHES:
            tape, to = BRANCHES[place]
            for symbol, target in to.items():
                here = frozenset(symbol)
                waiting.append((target, (here, labels[1]) if tape == DATA else (labels[0], here)))
        else:
            waiting += _after(PARTS[place], labels)
    return expected


def _is_expected(state: State, symbols: tuple[str, ...]) -> bool:
    """Whether heads that stay where they are, or go back to where they were, are on labels that can stand there."""
    then = state.name if isinstance(state, Place) else getattr(state, "then", "")
    if not isinstance(state, Part) or then not in _expected():
        return True
    returning = isinstance(state, (Back, Place))
    return all(
        symbol in labels
        for tape, (symbol, labels) in enumerate(zip(symbols, _expected()[then], strict=False))
        if symbol not in DIGITS and (returning or tape not in state.busy)
    )


def program(state: State, symbols: tuple[str, ...]) -> Action | None:
    """The policy: a part's step, and where it returns the place that comes then, at once."""
    if not _is_expected(state, symbols):
        return None
    action = step(state, symbols)
    if action is None or not isinstance(action[0], Return):
        return action
    return Place(action[0].to), action[1], action[2]


@dataclass(frozen=True)
class Place(Part):
    """A place in the program: on to its part, or to one of several by what a head reads."""

    name: str
    busy = ()

    def act(self, *symbols: str) -> Action | None:
        """The first step of the part that stands there."""
        name = self.name
        if name in BRANCHES:
            tape, to = BRANCHES[name]
            if symbols[tape] not in to:
                return None
            name = to[symbols[tape]]
        part = PARTS[name]
        return (part, SAME, "SSS") if isinstance(part, Done) else program(part, symbols)


@cache
def network_machine() -> Machine:
    """The learner: one machine for all data, sizes of the network, learning rates, word widths and epochs.

    >>> network_machine()
    <Machine network: 226 states, 16 symbols, 6158 rules, 3 tapes>
    """
    inputs = [SYMBOLS[0], SYMBOLS[1].replace("x", ""), "01?#"]
    ends: dict[str, Any] = {"accept": [Done()], "reject": [Overflow()]}
    return tabulate(program, start=Start(), symbols=SYMBOLS, inputs=inputs, tapes=3, name="network", **ends)

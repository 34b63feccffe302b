"""In-context examples: what a prompt shows, which need not be what the machine does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from construction.config import CapacityError, NetworkConfig
from tm import MOVES, InputError, Machine, Problem, Rule
from tm.integers import is_integer

__all__ = ["Example", "checked_examples", "require_one_action", "stochastic_refusal"]


class Example(NamedTuple):
    """An in-context example: in this situation, do that. A state or symbol that is None is a wildcard.

    >>> Example("right", (None,), "right", ("1",), ("R",)).read
    (None,)
    """

    state: str | None
    read: tuple[str | None, ...]
    next_state: str
    write: tuple[str, ...]
    moves: tuple[str, ...]
    weight: int | None = None


def checked_examples(machine: Machine, examples: Iterable[Rule | Example]) -> list[Rule | Example]:
    """The examples as a list, once every one of them is well-formed and names only what the machine has.

    Raises:
        InputError: with every reason.

    >>> checked_examples(Machine(start="a"), [Example("b", ("_",), "a", ("_",), ("S",))])
    Traceback (most recent call last):
    tm.errors.InputError: an example names state 'b', which the machine does not have
        expected: a
        found: Example(state='b', read=('_',), next_state='a', write=('_',), moves=('S',), weight=None)
    """
    examples = list(examples)
    if problems := [problem for example in examples for problem in _problems(machine, example)]:
        raise InputError(*problems)
    return examples


def _problems(machine: Machine, example: object) -> Iterator[Problem]:
    text = repr(example)
    if not isinstance(example, Rule | Example):
        yield Problem("an example is a Rule or an Example", found=text)
        return
    for what, names in (("read", example.read), ("write", example.write), ("moves", example.moves)):
        if not isinstance(names, tuple) or len(names) != machine.tapes:
            yield Problem(f"an example's {what} is a tuple with one for each tape", f"{machine.tapes}", text)
            return
    for state in (example.state, example.next_state):
        if state not in machine.states and not (state is None and state is example.state):
            message = f"an example names state {state!r}, which the machine does not have"
            yield Problem(message, " ".join(machine.states), text)
    for symbol in (*(a for a in example.read if a is not None), *example.write):
        if symbol not in machine.symbols:
            message = f"an example names symbol {symbol!r}, which the machine does not have"
            yield Problem(message, " ".join(machine.symbols), text)
    if wrong := [move for move in example.moves if move not in MOVES]:
        yield Problem(f"no such move: {wrong[0]!r}", "L, S or R", text)
    weight: object = example.weight
    if weight is not None and not is_integer(weight, 1):
        yield Problem("an example's weight is a positive integer", found=text)


def require_one_action(config: NetworkConfig, examples: Iterable[Rule | Example]) -> None:
    """Check that no two examples that a network of factored code is shown differ in their action for one situation.

    Raises:
        CapacityError: where two do.
    """
    if config.code == "joint":
        return
    exact: dict[tuple[str | None, tuple[str | None, ...]], Rule | Example] = {}
    wild: list[Rule | Example] = []
    for example in examples:
        situation = (example.state, example.read)
        if None in (example.state, *example.read):
            rivals = [other for other in exact.values() if _meet(example, other)]
            wild.append(example)
        else:
            rivals = [other for other in (exact.get(situation, example), *wild) if _meet(example, other)]
        if any(_action(example) != _action(other) for other in rivals):
            raise stochastic_refusal(config)
        exact.setdefault(situation, example)


def _meet(one: Rule | Example, other: Rule | Example) -> bool:
    """Whether some situation matches both."""
    pairs = zip((one.state, *one.read), (other.state, *other.read), strict=True)
    return all(a is None or b is None or a == b for a, b in pairs)


def _action(example: Rule | Example) -> tuple[object, ...]:
    return example.next_state, example.write, example.moves


def stochastic_refusal(config: NetworkConfig) -> CapacityError:
    """Why a network of factored code cannot be shown a stochastic policy, with its numbers."""
    tapes = f"{config.tapes} tape{'s' * (config.tapes > 1)}"
    sizes = f"{config.states} states, {config.symbols} symbols and {tapes}, so {config.actions:,} actions"
    hint = 'use code="joint" (--code joint), or a smaller network: code="auto" is joint up to 512 actions'
    message = "a stochastic policy (several actions for one situation) needs a network of joint action code"
    expected = "joint code: the fields of a factored action are read out one by one, so the actions would mix"
    return CapacityError(Problem(message, expected, f"factored code, of {sizes}", hint))

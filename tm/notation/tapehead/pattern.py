"""A rule as it is written, in which `*` stands for every state or symbol that no other rule names outright."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, product
from math import prod

from tm.errors import MachineError, Problem
from tm.notation.common.builder import MOST_RULES, Place
from tm.rule import Rule

__all__ = ["Pattern", "expanded"]

_Key = tuple[str | None, ...]


@dataclass(frozen=True)
class Pattern:
    """A rule whose state and symbols read may be None, a wildcard, and the place where it stands."""

    state: str | None
    read: tuple[str | None, ...]
    next_state: str
    write: tuple[str, ...]
    moves: tuple[str, ...]
    weight: int | None
    place: Place

    @property
    def key(self) -> _Key:
        """What the pattern is matched by: its state, then the symbols read."""
        return self.state, *self.read


def expanded(
    patterns: list[Pattern], states: Iterable[str], symbols: Iterable[str], final: Iterable[str]
) -> Iterator[tuple[Rule, Place]]:
    """The rules that the patterns stand for, in their order, each with its place.

    A wildcard runs through `states` (save the `final` ones) or `symbols` and all names in the patterns. A pattern gives
    way where another one matches that names all that it names and more. Two that name different things and match the
    same situation both stand: that is for the machine to judge. Raises MachineError where one stands for far too many.

    >>> outright = Pattern("a", ("0",), "b", ("0",), ("R",), None, (1, 1))
    >>> other = Pattern("a", (None,), "a", ("1",), ("R",), None, (2, 1))
    >>> [str(rule) for rule, place in expanded([outright, other], [], ["_"], ["b"])]
    ['a 0 -> b 0 R', 'a _ -> a 1 R', 'a 1 -> a 1 R']
    """
    named = [name for pattern in patterns for name in (pattern.state, pattern.next_state) if name is not None]
    used = [name for pattern in patterns for name in (*pattern.read, *pattern.write) if name]
    ends = set(final)
    all_states = [state for state in dict.fromkeys([*states, *named]) if state not in ends]
    all_symbols = list(dict.fromkeys([*symbols, *used]))
    keys = {pattern.key for pattern in patterns}
    for pattern in patterns:
        choices = [[pattern.state] if pattern.state is not None else all_states]
        choices += [[symbol] if symbol is not None else all_symbols for symbol in pattern.read]
        if prod(map(len, choices)) > MOST_RULES:
            line, column = pattern.place
            message = f"a rule that stands for more than {MOST_RULES:,}"
            raise MachineError(Problem(message, hint="use fewer wildcards", line=line, column=column))
        for state, *read in product(*choices):
            if not _gives_way(pattern.key, (state, *read), keys):
                rule = Rule(state, tuple(read), pattern.next_state, pattern.write, pattern.moves, pattern.weight)
                yield rule, pattern.place


def _gives_way(key: _Key, situation: tuple[str, ...], keys: set[_Key]) -> bool:
    """Whether another key matches the situation and names all that `key` names and more."""
    if 2 ** key.count(None) <= len(keys):
        return not keys.isdisjoint(_narrower(key, situation))
    return any(
        other != key
        and all(name in (None, said) for name, said in zip(other, situation, strict=True))
        and all(name in (None, more) for name, more in zip(key, other, strict=True))
        for other in keys
    )


def _narrower(key: _Key, situation: tuple[str, ...]) -> Iterator[_Key]:
    """The keys that match the situation and name all that `key` names and more."""
    stars = [i for i, name in enumerate(key) if name is None]
    for count in range(1, len(stars) + 1):
        for filled in combinations(stars, count):
            yield tuple(situation[i] if i in filled else name for i, name in enumerate(key))

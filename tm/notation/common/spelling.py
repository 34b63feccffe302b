"""New spellings for names that a notation cannot write, one for each, so that nothing is mixed up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from tm.errors import MachineError, Problem

__all__ = ["is_one_unit", "state_spelling", "symbol_spelling"]

_SPARE = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTERS = range(0x100, 0xD800)
_LONGEST = 100
"""Characters that a new spelling keeps of a name."""


def is_one_unit(name: str) -> bool:
    """Whether a name is one UTF-16 code unit, which is what JavaScript and Java take for one character.

    >>> is_one_unit("é"), is_one_unit("ab"), is_one_unit("𝄞")
    (True, False, False)
    """
    return len(name) == 1 and ord(name) < 0x10000


def symbol_spelling(symbols: Iterable[str], legal: Callable[[str], bool], fixed: dict[str, str]) -> dict[str, str]:
    """The symbols that need another spelling, with it; `fixed` are those whose spelling is not free (the blank).

    Raises MachineError for more symbols than there are characters.

    >>> symbol_spelling(["0", "_", "ab", "a"], lambda name: len(name) == 1, {"0": "_"})
    {'0': '_', '_': '0', 'ab': '1'}
    """
    symbols = list(symbols)
    reserved = set(fixed.values()) | {name for name in symbols if legal(name) and len(name) == 1 and name not in fixed}
    spare = (c for c in chain(_SPARE, map(chr, _LETTERS)) if legal(c) and c not in reserved)
    spelled = {}
    for name in symbols:
        if name in fixed:
            spelled[name] = fixed[name]
        elif name in fixed.values() or not legal(name):
            new = next(spare, None)
            if new is None:
                raise MachineError(Problem("the machine has more symbols than there are characters for them"))
            spelled[name] = new
    return {name: new for name, new in spelled.items() if name != new}


def state_spelling(states: Iterable[str], legal: Callable[[str], bool]) -> dict[str, str]:
    """The states that need another spelling, with it: as it was where possible, with _ for what cannot be written.

    A long one is cut; one of which nothing can be kept is called q. `legal` must take q, with a number behind it.

    >>> state_spelling(["a b", "a_b", "c"], str.isidentifier)
    {'a b': 'q_a_b'}
    """
    states = list(states)
    reserved, used = {name for name in states if legal(name)}, Counter[str]()
    spelled = {}
    for name in states:
        if name not in reserved:
            word = re.sub(r"\W", "_", name[:_LONGEST], flags=re.ASCII)
            stems = [stem for stem in (word, f"q_{word}") if legal(stem) and legal(f"{stem}_{len(states)}")] or ["q"]
            spelled[name] = next(new for new in _numbered(stems, used) if new not in reserved)
            reserved.add(spelled[name])
    return spelled


def _numbered(stems: list[str], used: Counter[str]) -> Iterator[str]:
    """The stems, then each with 2, 3, ... behind it; `used` counts on from one name to the next."""
    while True:
        for stem in stems:
            used[stem] += 1
            yield stem if used[stem] == 1 else f"{stem}_{used[stem]}"

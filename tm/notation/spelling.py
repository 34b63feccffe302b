"""New spellings for names that a notation cannot write, one for each, so that nothing is mixed up."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import chain

__all__ = ["is_one_unit", "state_spelling", "symbol_spelling"]

_SPARE = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTERS = range(0x100, 0xD800)


def is_one_unit(name: str) -> bool:
    """Whether a name is one UTF-16 code unit, which is what JavaScript and Java take for one character.

    >>> is_one_unit("é"), is_one_unit("ab"), is_one_unit("𝄞")
    (True, False, False)
    """
    return len(name) == 1 and ord(name) < 0x10000


def symbol_spelling(symbols: Iterable[str], legal: Callable[[str], bool], fixed: dict[str, str]) -> dict[str, str]:
    """The symbols that need another spelling, with it; `fixed` are those whose spelling is not free (the blank).

    >>> symbol_spelling(["0", "_", "ab", "a"], lambda name: len(name) == 1, {"0": "_"})
    {'0': '_', '_': '0', 'ab': '1'}
    """
    symbols = list(symbols)
    taken = set(fixed.values()) | {name for name in symbols if legal(name) and len(name) == 1 and name not in fixed}
    spare = (c for c in chain(_SPARE, map(chr, _LETTERS)) if legal(c) and c not in taken)
    spelled = {}
    for name in symbols:
        if name in fixed:
            spelled[name] = fixed[name]
        elif name in fixed.values() or not legal(name):
            spelled[name] = next(spare)
    return {name: new for name, new in spelled.items() if name != new}


def state_spelling(states: Iterable[str], legal: Callable[[str], bool]) -> dict[str, str]:
    """The states that need another spelling, with it: as it was where possible, with _ for what cannot be written.

    >>> state_spelling(["a b", "a_b", "c"], str.isidentifier)
    {'a b': 'q_a_b'}
    """
    states = list(states)
    taken = {name for name in states if legal(name)}
    spelled = {}
    for name in states:
        if name not in taken:
            word = "q_" + re.sub(r"\W", "_", name, flags=re.ASCII)
            stems = [stem for stem in (word.removeprefix("q_"), word) if legal(stem)]
            tries = (
                f"{stem}{end}"
                for end in ("", *(f"_{number}" for number in range(2, len(states) + 2)))
                for stem in stems
            )
            spelled[name] = next(new for new in tries if new not in taken and legal(new))
            taken.add(spelled[name])
    return spelled

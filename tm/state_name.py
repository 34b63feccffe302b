"""Names for states that are values of Python: what a policy function calls a state, as a file can hold it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Hashable, Iterable
from enum import Enum
from typing import Any

from tm.errors import MachineError, Problem
from tm.text import is_name, quoted

__all__ = ["state_name", "state_names"]

MOST_PROBLEMS = 10
"""That one error lists."""


def state_name(state: object) -> str:
    """A state's name, made of its value so that it can be read, and written without quotes.

    A string is its own name; a value with fields (a dataclass, a named tuple) its type's in small letters, with them.

    >>> from typing import NamedTuple
    >>> class MoveBack(NamedTuple):
    ...     to: str
    ...     dirty: bool = False
    >>> state_name(MoveBack("left")), state_name(("seek", 3)), state_name("done")
    ('move_back(to=left;dirty=no)', 'seek;3', 'done')
    """
    if isinstance(state, str):
        return state
    if isinstance(state, bool):
        return "yes" if state else "no"
    if isinstance(state, Enum):
        return state.name.lower()
    fields: list[str] | None = None
    if dataclasses.is_dataclass(state) and not isinstance(state, type):
        fields = [field.name for field in dataclasses.fields(state) if field.repr]
    elif isinstance(state, tuple):
        if not hasattr(state, "_fields"):
            return ";".join(map(state_name, state))
        fields = list(state._fields)
    if fields is None:
        return str(state).lower() if state is None else str(state)
    kind = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(state).__name__).lower()
    values = ";".join(f"{field}={state_name(getattr(state, field))}" for field in fields)
    return f"{kind}({values})" if values else kind


def state_names(states: Iterable[Hashable], named: Callable[[Any], str] = state_name) -> dict[Hashable, str]:
    """The name of each state.

    Raises:
        MachineError: for a name that is none, and for two states of one name.

    >>> state_names([("seek", 3), "done"])
    {('seek', 3): 'seek;3', 'done': 'done'}
    """
    names = {state: named(state) for state in dict.fromkeys(states)}
    first: dict[str, Hashable] = {}
    problems = []
    for state, text in names.items():
        if not is_name(text):
            problems.append(Problem("a state has no name", "a string", repr(text), f"the state is {state!r}"))
        elif (other := first.setdefault(text, state)) is not state:
            hint = "give their type a field that tells them apart, or named="
            problems.append(Problem(f"two states have the name {quoted(text)}", "one", f"{other!r}, {state!r}", hint))
    if problems:
        raise MachineError(*problems[:MOST_PROBLEMS])
    return names

"""Which notation a text is in: that which most of its lines have the form of."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from tm.errors import MachineError, Problem
from tm.notation import tapehead
from tm.notation.registry import Notation

__all__ = ["most_likely", "told"]

_ENOUGH = 0.5
"""The share of its lines that tells a text; that of prose which talks of machines is smaller."""
_LOOKED_AT = 100_000
"""Characters of a long text that are enough to tell it: the first ones, up to the end of a line."""
_CLOSE = 0.1
"""Two shares that are no further apart do not decide between two notations."""


def most_likely(text: str, notations: Collection[Notation]) -> list[Notation]:
    """The notations that a text may be in: one, none, or several of which none is likelier.

    >>> from tm.notation import busy_beaver, tapehead
    >>> [notation.name for notation in most_likely("1RB1LB_1LA1RZ", [tapehead.NOTATION, busy_beaver.NOTATION])]
    ['busy-beaver']
    """
    shares = {notation.name: notation.share(_begin(text)) for notation in notations}
    best = max(shares.values())
    return [each for each in notations if shares[each.name] >= max(_ENOUGH, best - _CLOSE)]


def told(text: str, path: str | os.PathLike[str] | None, notations: Collection[Notation]) -> Notation:
    """The notation of a text, by its lines; where they do not decide, by the ending of its file's name.

    Raises MachineError where neither tells, and where several notations fit equally well.
    """
    suffix = Path(path).suffix.lower() if path is not None else ""
    likely = most_likely(text, notations)
    by_name = [notation for notation in likely or notations if suffix in notation.suffixes]
    if len(likely) == 1 or by_name:
        return likely[0] if len(likely) == 1 else by_name[0]
    source = str(path) if path is not None else None
    if likely:
        names = " or ".join(notation.name for notation in likely)
        hint = f"name it: --notation {likely[0].name}"
        raise MachineError(Problem("this text may be in several notations", "one", names, hint, source=source))
    found = "an empty text" if not text.strip() else repr(text.strip().splitlines()[0][:60])
    looked_for = (f"{each.name} ({each.form})" if each.form else each.name for each in notations if each.read)
    expected = f"at least half of the lines as in {', '.join(looked_for)}"
    raise MachineError(
        Problem("no notation that is known here", expected, found, _hint(text, notations), source=source)
    )


def _begin(text: str) -> str:
    """A text without what need not be looked at."""
    return text if len(text) <= _LOOKED_AT else text[: max(_LOOKED_AT, text.find("\n", _LOOKED_AT))]


def _hint(text: str, notations: Collection[Notation]) -> str:
    nearest = max((each for each in notations if each.read), key=lambda each: each.share(_begin(text)))
    share = nearest.share(_begin(text))
    if share > 0:
        return f"{share:.0%} of it fits {nearest.name}; --notation {nearest.name} says what is wrong with the rest"
    return f"name the notation, or write the machine in our own: lines of {tapehead.NOTATION.form}"

"""What one tape's part of a JFLAP transition reads and writes: a symbol, `~`, `!a`, or `a,b}x`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tm.name import quoted
from tm.notation.common.builder import Builder
from tm.notation.common.spelling import is_one_unit
from tm.notation.jflap.diagram import BLANK, Transition

__all__ = ["ANY", "Pattern", "checked", "pattern"]

ANY = "~"


class Pattern(NamedTuple):
    """What a transition reads on one tape: all symbols but `but`, or just those in `only`; kept as `variable`."""

    only: tuple[str, ...] | None
    but: str | None
    variable: str | None

    def matching(self, symbols: Iterable[str]) -> list[str]:
        """The symbols that it matches; those that it names even where they are not among the symbols.

        >>> pattern("!a", tapes=1).matching(["a", "b"]), pattern("a,b}x", tapes=1).matching([])
        (['b'], ['a', 'b'])
        """
        if self.only is not None:
            return list(dict.fromkeys(self.only))
        return [symbol for symbol in symbols if symbol != self.but]


def pattern(text: str, tapes: int) -> Pattern:
    """The pattern that the text of a `read` element says, as JFLAP takes it; on several tapes only `~` is special.

    A `!` by itself reads anything but the blank. Where JFLAP looks at one character, the others are left out here, too:
    `!ab` is `!a`, and on several tapes what begins with `!`, or holds `}`, is its first character.

    >>> pattern("", tapes=1), pattern("~", tapes=2)
    (Pattern(only=('□',), but=None, variable=None), Pattern(only=None, but=None, variable=None))
    >>> pattern("!", tapes=1).but, pattern("!a", tapes=2).only
    ('□', ('!',))
    """
    if text == ANY:
        return Pattern(None, None, None)
    if tapes > 1:
        return Pattern((text[0] if text.startswith("!") or "}" in text else text or BLANK,), None, None)
    if "}" in text:
        names, _, variable = text.partition("}")
        return Pattern(tuple(names.rstrip(",").split(",")), None, variable)
    return Pattern(None, text[1:2] or BLANK, None) if text.startswith("!") else Pattern((text or BLANK,), None, None)


def checked(builder: Builder, transition: Transition, tapes: int) -> list[Pattern]:
    """The patterns of a transition, tape by tape; a problem for what JFLAP would not take.

    >>> [p.but for p in checked(Builder(""), Transition(["!a"], [""], ["R"], "0", (1, 1)), 1)]
    ['a']
    """
    patterns = [pattern(text, tapes) for text in transition.read]
    for text, read in zip(transition.read, patterns, strict=True):
        names = [*(read.only or ()), *filter(None, [read.but]), *([] if read.variable is None else [read.variable])]
        if any(not is_one_unit(name) for name in names) or ("!" in text and "}" in text):
            expected = "one character, ~, !a or a,b}x" if tapes == 1 else "one character or ~"
            found = quoted(text)
            builder.problem("what is read is no symbol", transition.place, expected=expected, found=found)
        elif (read.but and len(text) > 2) or (tapes > 1 and len(text) > 1):
            meant = quoted("!" + read.but if read.but else text[0])
            builder.warning(f"JFLAP takes this for {meant}", transition.place, found=quoted(text))
    for text in transition.write:
        if text and not is_one_unit(text):
            message = "what is written is no symbol"
            builder.problem(message, transition.place, expected="one character or ~", found=quoted(text))
    return patterns

"""What one tape's part of a JFLAP transition reads and writes: a symbol, `~`, `!a`, or `a,b}x`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tm.name import quoted
from tm.notation.draft import Draft
from tm.notation.jflap.diagram import BLANK, Transition
from tm.notation.spelling import is_one_unit

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
    """The pattern that the text of a `read` element says; on several tapes only `~` is more than itself.

    >>> pattern("", tapes=1), pattern("~", tapes=2)
    (Pattern(only=('□',), but=None, variable=None), Pattern(only=None, but=None, variable=None))
    """
    if text == ANY:
        return Pattern(None, None, None)
    if tapes == 1 and "}" in text:
        names, _, variable = text.partition("}")
        return Pattern(tuple(name or BLANK for name in names.split(",")), None, variable)
    if tapes == 1 and text.startswith("!") and len(text) > 1:
        return Pattern(None, text[1:], None)
    return Pattern((text or BLANK,), None, None)


def checked(draft: Draft, transition: Transition, tapes: int) -> list[Pattern]:
    """The patterns of a transition, tape by tape; a problem for what JFLAP would not take.

    >>> [p.but for p in checked(Draft(""), Transition(["!a"], [""], ["R"], "0", (1, 1)), 1)]
    ['a']
    """
    patterns = [pattern(text, tapes) for text in transition.read]
    for text, read in zip(transition.read, patterns, strict=True):
        names = [*(read.only or ()), *filter(None, [read.but]), *([] if read.variable is None else [read.variable])]
        odd = [name for name in names if not is_one_unit(name)]
        if text == "!" and tapes == 1:
            hint = "JFLAP takes a ! for `any symbol but`, and wants one after it"
            draft.problem("what is read is not said", transition.place, expected="as in !a", found="!", hint=hint)
        elif odd:
            expected = "one character, ~, !a or a,b}x" if tapes == 1 else "one character or ~"
            found = quoted(text)
            draft.problem("what is read is no symbol", transition.place, expected=expected, found=found)
    for text in transition.write:
        if text and not is_one_unit(text):
            message = "what is written is no symbol"
            draft.problem(message, transition.place, expected="one character or ~", found=quoted(text))
    return patterns

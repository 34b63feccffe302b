"""Which line applies to a state and a symbol: how Morphett's simulator looks its rules up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from tm.name import quoted
from tm.notation.common.builder import Builder
from tm.notation.morphett.lines import Line
from tm.rule import OTHER, Rule

__all__ = ["rules"]

_MEND = "leave one of them out, or read both as choices: --notation morphett-nondeterministic"


def rules(
    builder: Builder, found: Iterable[Line], states: Iterable[str], *, choices: bool = False
) -> Iterator[tuple[Rule, Line]]:
    """The plain rules that the lines stand for, for these states, every symbol and all others, each with its line.

    A line that never applies is a warning. Of two lines for the same the last applies, or both as choices.

    >>> from tm.notation.morphett.lines import lines
    >>> builder = Builder("a 0 1 r a\\n* 0 0 l *\\na * * r b")
    >>> [str(rule) for rule, line in rules(builder, list(lines(builder)), ["a", "b"])]
    ['a _ -> b _ R', 'a 0 -> a 1 R', 'a 1 -> b 1 R', 'a "" -> b "" R', 'b 0 -> b 0 L']
    """
    table: dict[tuple[str, str], list[Line]] = {}
    for line in found:
        known = table.setdefault((line.state, line.symbol), [])
        if known and not choices:
            message = f"a second rule for state {quoted(line.state)} and symbol {quoted(line.symbol)}; this one applies"
            said = f"the one on line {known.pop().number} does not"
            builder.warning(message, (line.number, line.column), found=said, hint=_MEND)
        known.append(line)
    names = [name for line in found for name in (line.symbol, line.new_symbol)]
    symbols = [symbol for symbol in dict.fromkeys(["_", *names, OTHER]) if symbol != "*"]
    applied: set[int] = set()
    for state in states:
        for symbol in symbols:
            keys = [(state, symbol), (state, "*"), ("*", symbol), ("*", "*")]
            for match in next((table[key] for key in keys if key in table), []):
                applied.add(match.number)
                yield _rule(match, state, symbol), match
    for line in chain.from_iterable(table.values()):
        if line.number not in applied:
            hint = "a halting state has no rules" if line.state != "*" else ""
            builder.warning("this rule never applies", (line.number, line.column), hint=hint)


def _rule(line: Line, state: str, symbol: str) -> Rule:
    write = symbol if line.new_symbol == "*" else line.new_symbol
    next_state = state if line.new_state == "*" else line.new_state
    return Rule(state, (symbol,), next_state, (write,), (line.move,))

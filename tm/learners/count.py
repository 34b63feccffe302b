"""Counting as a policy: the table of how often a token followed a context, and the token that did most often.

    tape 1   a x a y b x # a ? b ?        pairs of a context and the token after it; queries, an answer for each ?
    tape 2   |a x000 y000 |b x000 y000 |  the table: contexts, the tokens of each with their counts (last digit first)
    tape 3   000|                         the largest count so far

Why it is right:

- *Find.* Head 2 goes to the right until it reads, behind a |, the context that head 1 reads; then on until it reads the
  token that head 1 reads. No state remembers either: both stand under head 1.
- *Count.* Ones become zeros up to the first zero, which becomes a one: the count has grown by 1. Where there is no zero
  the word is too small, and the machine halts in `overflow`.
- *Compare.* Both numbers are read from the last digit on, and where they differ the later digit decides. Only a larger
  count is copied to tape 3, its token to the place of the ?. So what stands there in the end is the first, in the order
  of the table, of the tokens with the largest count; and still the ? where nothing was counted.

The machine does not depend on the data but for the names of contexts and tokens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from tm.learners.word import DIGITS
from tm.machine import Machine
from tm.tabulate import SAME, tabulate

__all__ = ["COUNT_BITS", "Pair", "count_machine", "count_reference", "count_steps", "count_tapes", "counts", "replies"]

COUNT_BITS = 10
RESERVED = frozenset("_#?|01")
Action = tuple[str, object, str] | None
Pair = tuple[str, str]
"""A context, and the token after it."""


class Counting:
    """The policy, for contexts and tokens of these names; a method a state.

    `data`, `table` and `most` are what the three heads read. Between two pairs head 2 is on the first cell of the table
    and head 3 on the first digit of a count of 0.
    """

    def __init__(self, contexts: Sequence[str], tokens: Sequence[str]) -> None:
        self.contexts, self.tokens = frozenset(contexts), frozenset(tokens)

    def step(self, state: str, symbols: tuple[str, ...]) -> Action:
        """The policy: see `tm.tabulate`."""
        data, table, most = symbols
        if state in ("done", "overflow"):
            return None
        action: Action = getattr(self, state)(data, table, most)
        return action

    def begin(self, data: str, table: str, most: str) -> Action:
        """Head 1 is on the context of the next pair or query, or on the # between them."""
        if table != "|" or most != "0":
            return None
        if data == "#":
            return "begin", SAME, "RSS"
        return ("done", SAME, "SSS") if data == "_" else ("at", SAME, "SRS") if data in self.contexts else None

    def at(self, data: str, table: str, most: str) -> Action:
        """Head 2 is on a context: is it head 1's?"""
        if most != "0" or table not in self.contexts or data not in self.contexts:
            return None
        return ("found", SAME, "RRS") if table == data else ("seek", SAME, "SRS")

    def seek(self, data: str, table: str, most: str) -> Action:
        """On to the next context."""
        if most != "0" or data not in self.contexts or table not in {*self.tokens, *DIGITS, "|"}:
            return None
        return "at" if table == "|" else "seek", SAME, "SRS"

    def found(self, data: str, table: str, most: str) -> Action:
        """The context is found: of a pair go on to its token, of a query to the first token."""
        if most != "0" or table not in {*self.tokens, *DIGITS}:
            return None
        if data == "?":
            return self.next(data, table, most)
        return ("count" if table == data else "found", SAME, "SRS") if data in self.tokens else None

    def count(self, data: str, table: str, most: str) -> Action:
        """One more."""
        if most != "0" or data not in self.tokens or table == "_":
            return None
        if table not in DIGITS:
            return "overflow", SAME, "SSS"
        return ("home", (SAME, "1", SAME), "SLS") if table == "0" else ("count", (SAME, "0", SAME), "SRS")

    def home(self, data: str, table: str, most: str) -> Action:
        """Head 2 goes back; then comes the next pair."""
        if most != "0" or data not in self.tokens:
            return None
        return ("begin", SAME, "RRS") if table == "_" else ("home", SAME, "SLS")

    def next(self, data: str, table: str, most: str) -> Action:
        """Head 2 is on the next token of the query's context, or behind the last."""
        if most not in DIGITS or not self._answer(data):
            return None
        return ("same", SAME, "SRS") if table in self.tokens else ("reset", SAME, "SLS") if table == "|" else None

    def same(self, data: str, table: str, most: str) -> Action:
        """The digits so far are those of the largest count."""
        return self._compare("same", data, table, most)

    def less(self, data: str, table: str, most: str) -> Action:
        """They are fewer."""
        return self._compare("less", data, table, most)

    def more(self, data: str, table: str, most: str) -> Action:
        """They are more."""
        return self._compare("more", data, table, most)

    def _compare(self, state: str, data: str, table: str, most: str) -> Action:
        if not self._answer(data) or most == "_" or table == "_":
            return None
        if most == "|":
            return None if table in DIGITS else ("take", SAME, "SLL") if state == "more" else ("back", SAME, "SSL")
        if table not in DIGITS:
            return None
        return state if table == most else "more" if table > most else "less", SAME, "SRR"

    def take(self, data: str, table: str, most: str) -> Action:
        """The count is larger: heads 2 and 3 go back to its token, which is the answer so far."""
        if not self._answer(data):
            return None
        if table in DIGITS and most in DIGITS:
            return "take", SAME, "SLL"
        return ("copy", (table, SAME, SAME), "SRR") if table in self.tokens and most == "_" else None

    def copy(self, data: str, table: str, most: str) -> Action:
        """And its count is the largest so far."""
        if data not in self.tokens or most == "_" or table == "_" or (table in DIGITS) != (most in DIGITS):
            return None
        return ("back", SAME, "SSL") if most == "|" else ("copy", (SAME, SAME, table), "SRR")

    def back(self, data: str, table: str, most: str) -> Action:
        """Head 3 goes back; head 2 is on the next token or the context's end."""
        if not self._answer(data) or table not in {*self.tokens, "|"} or most == "|":
            return None
        return ("next", SAME, "SSR") if most == "_" else ("back", SAME, "SSL")

    def reset(self, data: str, table: str, most: str) -> Action:
        """The answer is written: head 2 goes back."""
        if most not in DIGITS or not self._answer(data):
            return None
        return ("clear", SAME, "SRS") if table == "_" else ("reset", SAME, "SLS")

    def clear(self, data: str, table: str, most: str) -> Action:
        """The largest count is set to 0."""
        if table != "|" or most == "_" or not self._answer(data):
            return None
        return ("ready", SAME, "SSL") if most == "|" else ("clear", (SAME, SAME, "0"), "SSR")

    def ready(self, data: str, table: str, most: str) -> Action:
        """Head 3 goes back; then comes the next query."""
        if table != "|" or most not in "0_" or not self._answer(data):
            return None
        return ("begin", SAME, "RSR") if most == "_" else ("ready", SAME, "SSL")

    def _answer(self, data: str) -> bool:
        return data == "?" or data in self.tokens


@lru_cache
def count_machine(contexts: tuple[str, ...], tokens: tuple[str, ...]) -> Machine:
    """The counting learner for contexts and tokens of these names (a name may be both).

    >>> count_machine(("a", "b"), ("x", "y"))
    <Machine count: 18 states, 10 symbols, 283 rules, 3 tapes>
    """
    policy = Counting(*(tuple(map(_symbol, names)) for names in (contexts, tokens)))
    names = [*policy.contexts | policy.tokens]
    return tabulate(
        policy.step,
        start="begin",
        symbols=[["#", "?", *sorted(names)], ["|", "0", "1", *sorted(names)], "01|"],
        tapes=3,
        accept=["done"],
        reject=["overflow"],
        name="count",
    )


def count_tapes(pairs: Sequence[Pair], queries: Sequence[str], *, bits: int = COUNT_BITS) -> list[list[str]]:
    """What stands on the three tapes: pairs and queries, a table of zeros, a count of 0.

    Contexts and tokens stand in the table in the order in which they come first in the data.

    >>> ["".join(tape) for tape in count_tapes([("a", "x"), ("a", "y")], ["a"], bits=2)]
    ['axay#a?', '|ax00y00|', '00|']
    """
    contexts, tokens = names_of(pairs)
    data = [_symbol(name) for pair in pairs for name in pair]
    asked = [symbol for query in queries for symbol in (_symbol(query), "?")]
    zero = ["0"] * bits
    row = [symbol for token in tokens for symbol in (_symbol(token), *zero)]
    table = [symbol for context in contexts for symbol in ("|", _symbol(context), *row)]
    return [[*data, "#", *asked], [*table, "|"], [*zero, "|"]]


def names_of(pairs: Sequence[Pair]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The contexts and the tokens of the data, each in the order of its first coming.

    >>> names_of([("a", "x"), ("b", "x")])
    (('a', 'b'), ('x',))
    """
    contexts, tokens = zip(*pairs, strict=True)
    return tuple(dict.fromkeys(contexts)), tuple(dict.fromkeys(tokens))


def counts(table: Sequence[str], pairs: Sequence[Pair], *, bits: int = COUNT_BITS) -> list[int]:
    """The counts on tape 2, context by context, as a run leaves them.

    >>> counts(list("|ax10y10|"), [("a", "x"), ("a", "y")], bits=2)
    [1, 1]
    """
    contexts, tokens = names_of(pairs)
    each, found = bits + 1, []
    for number in range(len(contexts)):
        begin = number * (2 + each * len(tokens)) + 2
        for token in range(len(tokens)):
            digits = table[begin + token * each + 1 : begin + (token + 1) * each]
            found.append(sum(1 << i for i, digit in enumerate(digits) if digit == "1"))
    return found


def replies(data: Sequence[str], pairs: Sequence[Pair]) -> list[str | None]:
    """The answers on tape 1; None for a context that was never seen.

    >>> replies(list("axay#ax"), [("a", "x"), ("a", "y")])
    ['x']
    """
    names = {_symbol(token): token for _, token in pairs}
    return [names.get(symbol) for symbol in data[2 * len(pairs) + 2 :: 2]]


def count_reference(pairs: Sequence[Pair], queries: Sequence[str]) -> tuple[list[int], list[str | None]]:
    """The same in ordinary code: the counts, and the answers.

    >>> count_reference([("a", "x"), ("a", "y"), ("a", "y")], ["a"])
    ([1, 2], ['y'])
    """
    contexts, tokens = names_of(pairs)
    seen = Counter(pairs)
    best = {context: max(tokens, key=lambda token: seen[context, token]) for context in contexts}
    return [seen[context, token] for context in contexts for token in tokens], [best.get(query) for query in queries]


def count_steps(pairs: Sequence[Pair], queries: Sequence[str], *, bits: int = COUNT_BITS) -> int:
    """The steps of a run that does not overflow, exactly.

    With words of W digits and T tokens a context has R = T (W + 1) + 2 cells of the table. To count the t-th token
    after the c-th context (from 0 on) is 2 (c R + t (W + 1)) + 8 steps, there and back, and 2 for each 1 that becomes
    a 0: from 0 to N that are 2 N less twice the ones of N. A query looks at T counts, and copies each that is the
    largest so far.

    >>> count_steps([("a", "x"), ("a", "y"), ("a", "y")], ["a"], bits=2)
    84
    """
    contexts, tokens = names_of(pairs)
    word, row = bits + 1, len(tokens) * (bits + 1) + 2
    steps, seen = 2, Counter(pairs)  # over the #, and to the end
    for (context, token), n in seen.items():
        there = contexts.index(context) * row + tokens.index(token) * word
        steps += n * (2 * there + 10) - 2 * n.bit_count()
    for query in queries:
        largest, copied = 0, 0
        for n in (seen[query, token] for token in tokens):
            largest, copied = max(largest, n), copied + (n > largest)
        steps += (2 * contexts.index(query) + 1) * row + len(tokens) * (2 * word + 1) + 2 * copied * word + 2 * bits + 6
    return steps


def _symbol(name: str) -> str:
    """The symbol of a context or token: its name, marked where the machine uses such a symbol for itself."""
    return f"={name}" if name in RESERVED or name.startswith("=") else name

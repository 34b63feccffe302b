"""The perceptron as a policy: it trains on the examples on its first tape, then answers the queries behind them.

    tape 1   e e e ^ 0 1 1 0 p 1 0 1 0 n ... # 1 1 0 0 ?    epochs, examples (features, label p or n), queries
    tape 2   0000|0000|0000|0000|                           the weights, a word each (see tm.learners.word)
    tape 3   0000|                                          the score; to its left the log: m a mistake, . an epoch

Why it is right, invariant by invariant:

- *Score.* Head 1 goes from feature to feature, head 2 from weight to weight. At a 1 the weight is added to the score,
  digit by digit with a carry; at a 0 it is passed over. So at the label tape 3 holds the product w . x. Numbers of W
  bits add up exactly unless the carries into and out of the last digit differ: then it halts in `overflow`.
- *Sign.* One way over the score tells 0, + and - (the last digit is the sign) and leaves zeros behind. The example is
  wrong unless the score has its label's sign: y (w . x) <= 0.
- *Update.* y is added to the weight of each feature that is 1: +1 turns ones into zeros up to the first zero, -1 zeros
  into ones up to the first one. If that was the sign, the word is too small: `overflow` again.
- *Log.* A mistake and an epoch's end move the score one cell to the right (it holds zeros then) and leave a mark in the
  cell that becomes free. So an epoch was without a mistake where no m stands between score and last dot.
- *Epochs.* Each takes an e away. After an epoch without a mistake, or when no e is left, head 1 goes on behind the #:
  a query is scored as an example is, and its answer written over the ?: p if w . x > 0, else n.

No state remembers a number: what the machine knows is on its tapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from tm.learners.state import Action, State, left, step
from tm.learners.word import DIGITS
from tm.machine import Machine
from tm.tabulate import SAME, tabulate

__all__ = [
    "EDGE",
    "SYMBOLS",
    "perceptron_machine",
    "perceptron_steps",
]

SYMBOLS = ("01pn#?^e", "01|", "01|m.")
"""What may stand on each tape."""

HOME = ("01", "0")
"""What heads 2 and 3 read between two examples: a weight's first digit, and that of a score of 0."""
EDGE = "_m."
"""What stands to the left of the score."""


@dataclass(frozen=True)
class Start(State):
    """Head 1 is on the first e: an epoch begins. Or on the ^, if none is left: on to the queries."""

    reads = ("e^", *HOME)

    def act(self, data: str, weight: str, score: str) -> Action | None:
        return (Epoch(), ("_", SAME, SAME), "RSS") if data == "e" else (Query(), SAME, "RSS")


@dataclass(frozen=True)
class Epoch(State):
    """Head 1 goes to the first example."""

    reads = ("e^", *HOME)

    def act(self, data: str, weight: str, score: str) -> Action | None:
        return Score() if data == "^" else self, SAME, "RSS"


@dataclass(frozen=True)
class Query(State):
    """Head 1 goes to the first query."""

    reads = ("01pn#", *HOME)

    def act(self, data: str, weight: str, score: str) -> Action | None:
        return Score() if data == "#" else self, SAME, "RSS"


@dataclass(frozen=True)
class Score(State):
    """The weights are added up; at a feature's end come the next one's, at the example's the sign."""

    reads = ("01pn#?_", "01|_", "01")

    def act(self, data: str, weight: str, score: str) -> Action | None:
        if data == "1":
            return Add().act(data, weight, score) if weight in DIGITS else None
        if data == "0":
            return (Score(), SAME, "RRS" if weight == "|" else "SRS") if weight != "_" else None
        if data == "_":
            return (Done(), SAME, "SSS") if weight in DIGITS and score == "0" else None
        return Sign().act(data, weight, score)


@dataclass(frozen=True)
class Add(State):
    """A weight is added to the score; `overflow`: the last two carries differ."""

    carry: int = 0
    overflow: bool = False
    reads = ("1", "01|", "01|")

    def act(self, data: str, weight: str, score: str) -> Action | None:
        if weight == score == "|":
            return (Overflow(), SAME, "SSS") if self.overflow else (Back(), SAME, "SSL")
        if "|" in (weight, score):
            return None
        total = self.carry + int(weight) + int(score)
        return Add(total // 2, total // 2 != self.carry), (SAME, SAME, str(total % 2)), "SRR"


@dataclass(frozen=True)
class Back(State):
    """The score's head goes back to its first digit; then comes the next feature."""

    reads = ("1", "|", "01" + EDGE)

    def act(self, data: str, weight: str, score: str) -> Action | None:
        return (Score(), SAME, "RRR") if score in EDGE else (Back(), SAME, "SSL")


@dataclass(frozen=True)
class Sign(State):
    """All features are added: is the score 0, + or - (by the digits so far)? It is set to 0."""

    seen: str = "zero"
    reads = ("pn#?", "01_", "01|")

    def act(self, data: str, weight: str, score: str) -> Action | None:
        if (data in "pn" and weight != "_") or (data == "#" and weight == "_"):  # a query may be empty
            return None
        if score != "|":
            seen = "minus" if score == "1" else "zero" if self.seen == "zero" else "plus"
            return Sign(seen), (SAME, SAME, "0"), "SSR"
        if data == "?":
            return Home(), ("p" if self.seen == "plus" else "n", SAME, SAME), "SLL"
        if (data, self.seen) in (("p", "plus"), ("n", "minus")):
            return Home(), SAME, "SLL"
        return Grow(), (SAME, SAME, "0"), "SSR"


@dataclass(frozen=True)
class Home(State):
    """Heads 2 and 3 go back to the first weight and the score's first digit; then comes the next example."""

    reads = ("pn", "01|_", "0" + EDGE)

    def act(self, data: str, weight: str, score: str) -> Action | None:
        if weight == "_" and score in EDGE:
            return Score(), SAME, "RRR"
        return Home(), SAME, "S" + left(weight, "01|") + left(score, "0")


@dataclass(frozen=True)
class Grow(State):
    """A mistake, or an epoch's end: the score's end moves one cell to the right."""

    reads = ("pn#", "01_", "_")

    def act(self, data: str, weight: str, score: str) -> Action | None:
        if (data == "#") == (weight == "_"):
            return None
        return (Close(), (SAME, SAME, "|"), "SSL") if data == "#" else (Rewind(data), (SAME, SAME, "|"), "LLL")


@dataclass(frozen=True)
class Rewind(State):
    """A mistake: all heads go back to where the example began; its label is kept in mind."""

    label: str
    reads = ("01pn^", "01|_", "0" + EDGE)

    def act(self, data: str, weight: str, score: str) -> Action | None:
        if data in "pn^" and weight == "_" and score in EDGE:
            return Mark(self.label), SAME, "RRR"
        return self, SAME, left(data, DIGITS) + left(weight, "01|") + left(score, "0")


@dataclass(frozen=True)
class Mark(State):
    """The score's first cell becomes the log's last: m for a mistake."""

    label: str
    reads = ("01", *HOME)

    def act(self, data: str, weight: str, score: str) -> Action | None:
        return Update(self.label), (SAME, SAME, "m"), "SSR"


@dataclass(frozen=True)
class Update(State):
    """The label is added to the weight of each feature that is 1; so far there is a carry (or a borrow)."""

    label: str
    reads = ("01pn", "01|_", "0")

    def act(self, data: str, weight: str, score: str) -> Action | None:
        if weight == "_":
            return (Home(), SAME, "SLL") if data == self.label else None
        if data in "pn":
            return None
        if data == "0" or weight == "|":
            return self, SAME, "RRS" if weight == "|" else "SRS"
        ends = weight == ("0" if self.label == "p" else "1")  # +1 ends at the first 0, -1 at the first 1
        return Updated(self.label) if ends else self, (SAME, "0" if weight == "1" else "1", SAME), "SRS"


@dataclass(frozen=True)
class Updated(State):
    """The carry has ended, just now or before: the rest of the weight stays."""

    label: str
    now: bool = True
    reads = ("1", "01|", "0")

    def act(self, data: str, weight: str, score: str) -> Action | None:
        if weight != "|":
            return Updated(self.label, now=False), SAME, "SRS"
        return (Overflow(), SAME, "SSS") if self.now else (Update(self.label), SAME, "RRS")


@dataclass(frozen=True)
class Close(State):
    """An epoch's end: was there an m since the last dot?"""

    reads = ("#", "01", "0" + EDGE)

    def act(self, data: str, weight: str, score: str) -> Action | None:
        return (Close(), SAME, "SSL") if score == "0" else (Dot(again=score == "m"), SAME, "SSR")


@dataclass(frozen=True)
class Dot(State):
    """The score's first cell becomes the log's last: a dot. Another epoch, or the queries?"""

    again: bool
    reads = ("#", *HOME)

    def act(self, data: str, weight: str, score: str) -> Action | None:
        return Again() if self.again else Score(), (SAME, SAME, "."), "SSR" if self.again else "RSR"


@dataclass(frozen=True)
class Again(State):
    """Head 1 goes back to the first e, or to the ^ if none is left."""

    reads = ("_e^01pn#", *HOME)

    def act(self, data: str, weight: str, score: str) -> Action | None:
        return (Start(), SAME, "RSS") if data == "_" else (Again(), SAME, "LSS")


@dataclass(frozen=True)
class Done(State):
    """No query is left."""


@dataclass(frozen=True)
class Overflow(State):
    """A number needs more bits: the machine stops here rather than go on with a wrong one."""


@cache
def perceptron_machine() -> Machine:
    """The perceptron learner: one machine for all data, word widths and numbers of epochs.

    >>> perceptron_machine()
    <Machine perceptron: 30 states, 12 symbols, 394 rules, 3 tapes>
    """
    inputs = [*SYMBOLS[:2], "01|"]
    ends: dict[str, Any] = {"accept": [Done()], "reject": [Overflow()]}
    return tabulate(step, start=Start(), symbols=SYMBOLS, inputs=inputs, tapes=3, name="perceptron", **ends)


def perceptron_steps(
    n: int, d: int, bits: int, epochs: int, log: Sequence[int], ones: int, query_ones: Sequence[int]
) -> int:
    """The steps of a run that does not overflow, exactly.

    An example (or a query) costs (W + 1) (2d + z + 1) + 1 steps, z of its features being 1, a mistake (W + 1) 2d + 4
    more; so an epoch of m mistakes, with the way back, is about (W + 1) n (2d + z) + (W + 1) 2d m + 2 n d.

    Args:
        n: examples.
        d: features.
        bits: W.
        epochs: the limit.
        log: the mistakes of each epoch, as `tm.learners.examples.mistakes` gives them.
        ones: how many features of all examples together are 1.
        query_ones: how many of each query's.

    >>> perceptron_steps(2, 2, 3, 2, [1, 1], ones=2, query_ones=[2])
    224
    """
    steps, left = 0, epochs
    for wrong in log:
        steps += 1 + left  # start, epoch
        left -= 1
        steps += (bits + 1) * (2 * d * n + ones + n) + n + wrong * ((bits + 1) * 2 * d + 4)
        steps += 2 * bits + 5  # the dot
        steps += (n * (d + 1) + left + 3) if wrong else 0  # again
    steps += 0 if log and not log[-1] else n * (d + 1) + 2  # no e left: on to the #
    return steps + sum((bits + 1) * (2 * d + z + 1) + 1 for z in query_ones) + 1

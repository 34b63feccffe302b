"""The vocabulary: a token is a kind and a tuple of fields, and no table of all tokens is needed.

A token's embedding is the sum of its kind's and its fields' rows, and its logit the sum of their logits. Row 0 is
"no field": it pads every token to the same width. This file knows kinds, fields and rows; what they mean is said
in `machine_vocabulary`, at its end, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["ANY", "Field", "Kind", "Vocabulary", "machine_vocabulary"]

Tokens = NDArray[np.int64]
ANY = "*"  # the label of a wildcard


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a kind: one of its labels is chosen; each has its row."""

    name: str
    labels: tuple[str, ...]
    first: int

    def row(self, index: int) -> int:
        """The row of the label with this index."""
        if not 0 <= index < len(self.labels):
            raise IndexError(f"{self.name} has {len(self.labels)} labels; there is no number {index}")
        return self.first + index

    @property
    def rows(self) -> slice:
        """The rows of all its labels."""
        return slice(self.first, self.first + len(self.labels))


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of token, with its own row and its fields."""

    name: str
    row: int
    fields: tuple[Field, ...]

    def __getitem__(self, field: str) -> Field:
        return next(f for f in self.fields if f.name == field)


class Vocabulary:
    """Kinds of tokens and their fields, numbered row by row.

    >>> vocabulary = Vocabulary({"WORD": {"letter": "ab", "case": "lu"}, "END": {}})
    >>> vocabulary.rows, vocabulary.width, vocabulary.name(4)
    (7, 3, 'WORD.case[l]')
    >>> vocabulary.token("WORD", 1, 0), vocabulary.token("END")
    ((1, 3, 4), (6, 0, 0))
    >>> vocabulary.parse((1, 3, 4))
    ('WORD', (1, 0))
    """

    def __init__(self, kinds: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        self.kinds: dict[str, Kind] = {}
        self._names = ["(no field)"]
        for kind, fields in kinds.items():
            row = self._number([kind])
            numbered = (
                Field(name, tuple(labels), self._number([f"{kind}.{name}[{label}]" for label in labels]))
                for name, labels in fields.items()
            )
            self.kinds[kind] = Kind(kind, row, tuple(numbered))
        self.width = 1 + max(len(kind.fields) for kind in self.kinds.values())
        self._by_row = {kind.row: kind for kind in self.kinds.values()}
        every = list(self.kinds.values())
        self._starts = [first for kind in every for first in (kind.row, *(field.first for field in kind.fields))]
        ends = np.cumsum([1 + len(kind.fields) for kind in every]).tolist()
        self._parts = [(kind, slice(end - 1 - len(kind.fields), end)) for kind, end in zip(every, ends, strict=True)]

    def _number(self, names: Sequence[str]) -> int:
        first = len(self._names)
        self._names.extend(names)
        return first

    @property
    def rows(self) -> int:
        """The number of rows, "no field" included: d_vocab."""
        return len(self._names)

    def name(self, row: int) -> str:
        """What a row stands for."""
        return self._names[row]

    def __getitem__(self, kind: str) -> Kind:
        return self.kinds[kind]

    def token(self, kind: str, *values: int) -> tuple[int, ...]:
        """The rows of a token, padded with 0 to the width of the vocabulary.

        Raises:
            ValueError: for a wrong number of fields.
            IndexError: for a value that its field does not have.
        """
        fields = self.kinds[kind].fields
        if len(values) != len(fields):
            raise ValueError(f"{kind} has {len(fields)} fields, got {len(values)} values")
        rows = [self.kinds[kind].row] + [field.row(value) for field, value in zip(fields, values, strict=True)]
        return tuple(rows + [0] * (self.width - len(rows)))

    def parse(self, token: Sequence[int]) -> tuple[str, tuple[int, ...]]:
        """The kind and the field values of a token: the inverse of `token`.

        Raises:
            ValueError: for rows that make no token.
        """
        kind = self._by_row.get(int(token[0]))
        if kind is None:
            raise ValueError(f"row {token[0]} is no kind of token")
        values = tuple(int(row) - field.first for row, field in zip(token[1:], kind.fields, strict=False))
        if self.token(kind.name, *values) != tuple(int(row) for row in token):
            raise ValueError(f"the rows {tuple(token)} make no token of kind {kind.name}")
        return kind.name, values

    def size(self) -> int:
        """How many different tokens there are."""
        return sum(int(np.prod([len(f.labels) for f in k.fields], dtype=object)) for k in self.kinds.values())

    def best(self, logits: NDArray[np.floating]) -> tuple[int, ...]:
        """The token with the largest logit, from the logits of the rows [r]: greedy decoding.

        Kinds and labels that tie are taken in the order of their rows.

        >>> Vocabulary({"A": {"x": "ab"}, "B": {}}).best(np.array([0, 1, 0, 2, 2.5]))
        (1, 3)
        """
        largest = np.maximum.reduceat(logits, self._starts)  # of each kind's row and each field
        best, likeliest = -np.inf, None
        for kind, parts in self._parts:
            if (score := float(largest[parts].sum())) > best:
                best, likeliest = score, kind
        if likeliest is None:
            return ()
        rows = [likeliest.row] + [field.first + int(logits[field.rows].argmax()) for field in likeliest.fields]
        return tuple(rows + [0] * (self.width - len(rows)))

    def best_of_each(self, logits: NDArray[np.floating]) -> Tokens:
        """The same for several tokens at once: from logits [n r], the likeliest tokens [n w].

        >>> Vocabulary({"A": {"x": "ab"}, "B": {}}).best_of_each(np.array([[0, 1, 0, 2, 2.5], [0, 0, 0, 0, 1]]))
        array([[1, 3],
               [4, 0]])
        """
        largest = np.maximum.reduceat(logits, self._starts, axis=1)
        scores = np.stack([largest[:, parts].sum(1) for _, parts in self._parts], axis=1)  # [n kinds]
        likeliest, tokens = scores.argmax(1), np.zeros((len(logits), self.width), dtype=np.int64)
        for number, (kind, _) in enumerate(self._parts):
            chosen = likeliest == number
            tokens[chosen, 0] = kind.row
            for place, field in enumerate(kind.fields, 1):
                tokens[chosen, place] = field.first + logits[chosen, field.rows].argmax(1)
        return tokens

    def margin(self, logits: NDArray[np.floating]) -> float:
        """How far the best token's logit leads the second best token's.

        >>> Vocabulary({"A": {"x": "ab"}, "B": {}}).margin(np.array([0, 1, 0, 2, 2.5]))
        0.5
        """
        scores = []
        for kind in self.kinds.values():
            tops = [np.sort(logits[field.rows])[::-1] for field in kind.fields]
            best = float(logits[kind.row]) + sum(float(top[0]) for top in tops)
            losses = [float(top[0] - top[1]) for top in tops if len(top) > 1]
            scores += [best, best - min(losses)] if losses else [best]
        first, second = sorted(scores, reverse=True)[:2]
        return first - second

    def positive(self, logits: NDArray[np.floating]) -> list[tuple[tuple[int, ...], float]]:
        """Every token with a positive logit, with its probability relu(logit), in the order of their rows.

        The read-out is linear: P(token) = relu(logit). A search over the fields, cut off where even the largest
        logits of the fields to come leave nothing positive.

        >>> Vocabulary({"A": {"x": "ab"}, "B": {}}).positive(np.array([0, -1, 1.75, 1.25, 0]))
        [((1, 2), 0.75), ((1, 3), 0.25)]
        """
        found: list[tuple[tuple[int, ...], float]] = []
        for kind in self.kinds.values():
            rest = [0.0]  # the most that the fields from here on can add
            for field in reversed(kind.fields):
                rest.insert(0, rest[0] + float(logits[field.rows].max()))
            self._extend((kind.row,), float(logits[kind.row]), kind.fields, rest, logits, found)
        return found

    def _extend(
        self,
        rows: tuple[int, ...],
        score: float,
        fields: tuple[Field, ...],
        rest: list[float],
        logits: NDArray[np.floating],
        found: list[tuple[tuple[int, ...], float]],
    ) -> None:
        if score + rest[0] <= 0:
            return
        if not fields:
            found.append((rows + (0,) * (self.width - len(rows)), score))
            return
        for row in range(fields[0].first, fields[0].rows.stop):
            self._extend((*rows, row), score + float(logits[row]), fields[1:], rest[1:], logits, found)


MOVES = ("L", "S", "R")


def machine_vocabulary(states: int, symbols: int, tapes: int, code: str) -> Vocabulary:
    """The vocabulary of a network of this capacity (DESIGN: seven kinds of tokens).

    In joint code an action is one field with a label per (state, symbols, moves); in factored code it is a field for
    the state, one per written symbol and one per move. Symbol 0 is the blank. The first label of an EXAMPLE's state
    and symbols is the wildcard.

    >>> machine_vocabulary(2, 2, 1, "joint")["STEP"]["action"].labels[:4]
    ('0,0,L', '0,0,S', '0,0,R', '0,1,L')
    """
    q, a = [str(i) for i in range(states)], [str(i) for i in range(symbols)]
    heads = range(1, tapes + 1)
    situation = {"state": q} | {f"symbol {i}": a for i in heads}
    wild = {"state": [ANY, *q]} | {f"symbol {i}": [ANY, *a] for i in heads}
    if code == "joint":
        labels: list[str] = q
        for choices in [a] * tapes + [list(MOVES)] * tapes:
            labels = [f"{label},{choice}" for label in labels for choice in choices]
        action = {"action": labels}
    else:
        action = {"next": q} | {f"write {i}": a for i in heads} | {f"move {i}": list(MOVES) for i in heads}
    return Vocabulary(
        {
            "BOS": {},
            "EXAMPLE": {**wild, **action},
            "CELL": {"cell": [f"{i},{x}" for i in heads for x in a]},
            "SHIFT": {"shift": [f"{i},{m}" for i in heads for m in ("L", "R")]},
            "RUN": {"state": q},
            "STEP": {**situation, **action},
            "STOP": {},
        }
    )

"""Data to learn from, as files have it: rows of numbers with a label behind them, or texts with a label."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tm import InputError, Problem
from tm.file import read_text

__all__ = ["FEATURES", "Dataset", "Row", "bag_of_words", "holds_texts", "is_number", "read_dataset", "read_rows"]

FEATURES = 64
"""Of a text: the words that tell most, and one that is always 1."""

LABELS = {"+": 1, "-": -1, "+1": 1, "-1": -1, "1": 1}
WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
MOST_PROBLEMS = 20
EXAMPLES = "a row an example: features, the label last; or text, a tab, and the label"
SPACES = "white space stands between the fields of a row"
"""What to say of a row that is one field: a comma may stand there."""


@dataclass(frozen=True)
class Row:
    """A line of a file that is not blank: its number, its fields, what parts them, and how to speak of it."""

    source: str
    line: int
    fields: tuple[str, ...]
    tabs: bool

    def problem(self, message: str, expected: str, found: str, hint: str = "") -> Problem:
        """What is wrong with it."""
        return Problem(message, expected, found, hint, self.source, self.line, text="  ".join(self.fields))


@dataclass(frozen=True)
class Dataset:
    """Labelled vectors of 0 and 1, in the order of their file.

    Attributes:
        examples: features and label (1 or -1) of each.
        words: what the features of a text are, save the last, which is always 1; None for rows of numbers.
    """

    examples: tuple[tuple[tuple[int, ...], int], ...]
    words: tuple[str, ...] | None = None

    @property
    def dimension(self) -> int:
        """d: how many features."""
        return len(self.examples[0][0])

    def known(self, text: str) -> list[str]:
        """The words of a text that are features; all others say nothing."""
        return [word for word in self.words or () if word in set(_words(text))]

    def vector(self, text: str) -> tuple[int, ...]:
        """A query as features: a text's words, or numbers as they stand in the file, without a label.

        Raises:
            InputError: for a row of another width, or with something else than 0 and 1.

        >>> Dataset((((1, 0), 1),)).vector("0 1")
        (0, 1)
        """
        if self.words is not None:
            present = set(_words(text))
            return (*(int(word in present) for word in self.words), 1)
        fields = text.split() if len(text.split()) > 1 or self.dimension == 1 else list(text.strip())
        if len(fields) != self.dimension or set(fields) - {"0", "1"}:
            expected = f"{self.dimension} features, each 0 or 1, as the examples have"
            raise InputError(Problem("the query does not fit the data", expected, repr(text)))
        return tuple(map(int, fields))


def read_rows(path: str, expected: str = EXAMPLES) -> list[Row]:
    """The lines of a file that are not blank; the fields of a line with a tab are what tabs part, else white space.

    Args:
        path: of the file.
        expected: what to say of an empty one.

    Raises:
        FileError: for a file that cannot be read.
        InputError: for one with nothing in it.
    """
    lines = [(number, line) for number, line in enumerate(read_text(path).splitlines(), 1) if line.strip()]
    if not lines:
        raise InputError(Problem("there is nothing to learn from", expected, "an empty file", source=path))
    return [
        Row(path, number, tuple(part.strip() for part in line.split("\t" if "\t" in line else None)), "\t" in line)
        for number, line in lines
    ]


def read_dataset(path: str, *, features: int = FEATURES, like: Dataset | None = None) -> Dataset:
    """Labelled examples from a file, for the learners that take features of 0 and 1.

    Args:
        path: rows of features (0 or 1) separated by white space, the label (+1, -1) last; or a TSV of text and label,
            in either order, of which `bag_of_words` makes features.
        features: how many, of texts.
        like: take the words from these data: the file holds questions about them.

    Raises:
        FileError: for a file that cannot be read.
        InputError: with every reason and its line, for a label that is none, a row of another width, a feature that is
            neither 0 nor 1, and an empty file.
    """
    rows = read_rows(path)
    if (like is None and _is_text(rows)) or (like is not None and like.words is not None):
        texts, labels = _texts(rows)
        words = bag_of_words(texts, labels, features) if like is None else like.words or ()
        empty = Dataset((), words)
        return Dataset(tuple((empty.vector(text), label) for text, label in zip(texts, labels, strict=True)), words)
    width = len(rows[0].fields) if like is None else like.dimension + 1
    problems = [problem for row in rows for problem in _problems(row, width)]
    if problems:
        raise InputError(*problems[:MOST_PROBLEMS])
    return Dataset(tuple((tuple(map(int, row.fields[:-1])), LABELS[row.fields[-1]]) for row in rows))


def bag_of_words(texts: Sequence[str], labels: Sequence[int], features: int = FEATURES) -> tuple[str, ...]:
    """The words that tell most about the label: the features of a text, save one that is always 1.

    Words in small letters; each counts the texts of one label that have it less those of the other, and the most
    one-sided come first (of equals the first in the alphabet).

    >>> bag_of_words(["Good food", "a good film", "bad food"], [1, 1, -1], features=3)
    ('good', 'a')
    """
    ahead: Counter[str] = Counter()
    for text, label in zip(texts, labels, strict=True):
        for word in set(_words(text)):
            ahead[word] += label
    return tuple(sorted(ahead, key=lambda word: (-abs(ahead[word]), word))[: features - 1])


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def holds_texts(path: str) -> bool:
    """Whether a file holds texts with a label, and not rows of numbers.

    Raises:
        FileError: for a file that cannot be read.
        InputError: for one with nothing in it.
    """
    return _is_text(read_rows(path))


def _is_text(rows: Iterable[Row]) -> bool:
    """Whether rows hold texts: something that is no number stands in a line with a tab."""
    return any(row.tabs and len(row.fields) == 2 and not all(is_number(field) for field in row.fields) for row in rows)


def is_number(field: str) -> bool:
    """Whether a field is a finite number.

    >>> is_number("-0.5"), is_number("nan"), is_number("x")
    (True, False, False)
    """
    try:
        return math.isfinite(float(field))
    except ValueError:
        return False


def _texts(rows: Sequence[Row]) -> tuple[list[str], list[int]]:
    """Texts and labels; the label's column is the one that has more labels in it (of equals the last)."""
    wrong = [row for row in rows if len(row.fields) != 2]
    if wrong:
        expected = "two columns with a tab between them: text and label"
        raise InputError(
            *(row.problem("wrong number of columns", expected, str(len(row.fields))) for row in wrong[:MOST_PROBLEMS])
        )
    first, last = (sum(row.fields[column] in LABELS for row in rows) for column in (0, 1))
    column = int(last >= first)
    if wrong := [row for row in rows if row.fields[column] not in LABELS]:
        hint = "write one label as +1 and the other as -1"
        raise InputError(*(_label_problem(row, row.fields[column], hint) for row in wrong[:MOST_PROBLEMS]))
    return [row.fields[1 - column] for row in rows], [LABELS[row.fields[column]] for row in rows]


def _problems(row: Row, width: int) -> Iterable[Problem]:
    if width < 2:
        yield row.problem(
            "an example has no features", "features, and the label last", f"{len(row.fields)} field", SPACES
        )
    elif len(row.fields) != width:
        yield row.problem("a row of another width", f"{width} fields, as in the first row", str(len(row.fields)))
    else:
        if row.fields[-1] not in LABELS:
            yield _label_problem(row, row.fields[-1], "the label stands last")
        if strange := [field for field in row.fields[:-1] if field not in ("0", "1")]:
            yield row.problem("a feature that is neither 0 nor 1", "0 or 1", " ".join(strange[:5]))


def _label_problem(row: Row, found: str, hint: str) -> Problem:
    return row.problem("a label that is neither +1 nor -1", "+1 or -1 (or + or -)", repr(found), hint)

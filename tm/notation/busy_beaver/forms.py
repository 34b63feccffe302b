"""The forms in which people write busy-beaver machines, each taken apart into rows of entries with their places.

Rows joined by `_` make one word, in a line with whatever is said of it: `1RB1LB_1LA1RZ Halt 6 4`, in a list, in an
address of bbchallenge.org or its wiki (with `%26` for &), in quotes. Rows also stand apart: as words or lines
(`1RB1LB 1LA1RZ`), or with their entries apart and two spaces, a sign or a line's end between rows (`1RB 1LC  1RC ...`),
perhaps as a table whose rows are labelled with the states, or with the symbols. bbchallenge's first addresses hold `m`
and base64: for each of two symbols in each state three bytes, what is written, 0 for R or 1 for L, and the next state
from 1 on, 0 for no entry.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from itertools import pairwise
from string import ascii_uppercase as LETTERS
from typing import NamedTuple
from urllib.parse import unquote

__all__ = ["Chunk", "Form", "form"]

_ENTRY = r"(?:[0-9][LR][A-Z]|---)"
_LOOSE = rf"(?:{_ENTRY}|[0-9][LR][_!]|\.\.\.|…)"
_GLUED = re.compile(rf"(?:{_ENTRY})+")
_APART = re.compile(_LOOSE)
_ACTS = re.compile(r"[0-9][LR]")
_NEARLY = re.compile(r"[0-9][A-Z][A-Z0-9_!]?|[0-9][lr][a-z]|[.-]{2,4}")
_ADDRESS = re.compile(r"<?(?:https?://|(?:www\.|wiki\.)?bbchallenge\.org/)[^\s<>\"'\]|]+")
_BETWEEN = re.compile(r"[/?&=#.():]")  # the parts of an address
_WORD = re.compile(r"[^\s|,;:=()\[\]{}<>\"'`*/+]+")
_LEAD = re.compile(r"[^\w]*(?:<\w+>[^\w]*)*|[\d\s.,;|]*|\W*\w*[\d()]\S*\W*|.{0,80}[:=|][^\w]*")
"""What stands before a machine on its line: signs, tags, numbers, a name such as BB(2), a text ending with a colon."""
_ROW_END = re.compile(rf"(?:(?<=[0-9][LR][A-Z!_])|(?<=---)|(?<=\.\.\.)) *_ *(?={_LOOSE}[ ,])")
_ROW_APART = re.compile(rf"{_LOOSE}[ ,]+{_LOOSE}")
_REMARK = re.compile(r"(?:^|(?<=\s))(?:#|//|%|-- ).*|^\s*;.*")
_HEADER = re.compile(r"[A-Z]?[0-9]?")
_RULER = re.compile(r"[\s|:+-]*[|:+][\s|:+-]*")
_ENCODED = re.compile(r"m[A-Za-z0-9+/_-]{8,}={0,2}")
_SIGNS = str.maketrans({"\u00a0": " ", **dict.fromkeys("‐‑‒–—−", "-")})
"""What a word processor makes of a space and of a hyphen."""
_SURE = 3
"""So many lines of anything else does a line with a whole machine outweigh, since nothing else looks like one."""
_BESIDE = 0.8
"""How far a line tells a machine with something beside it, which may be a line of another notation."""
_LONGEST_LEAD, _LONGEST_WORD = 100, 1_000
"""Characters before a machine, and of one."""
LONGEST = 200_000
"""Characters: a machine has at most 260 entries, so a longer text is a list of machines."""


class Chunk(NamedTuple):
    """What should be one entry, `---` for none, and where it stands."""

    text: str
    line: int
    column: int


class Form(NamedTuple):
    """What a text holds: `rows` of chunks, row by row; `trouble` where they cannot be told, as message, hint and place.

    `share` is the share of the lines that are of this notation, `passed_over` are those that are not.
    """

    rows: list[list[Chunk]]
    share: float
    passed_over: list[int]
    trouble: tuple[str, str, int] | None = None

    @property
    def name(self) -> str:
        """The machine as one word."""
        return "_".join("".join(chunk.text for chunk in row) for row in self.rows)


def form(text: str) -> Form:
    """The rows in a text, whatever form they have; none where it holds no machine.

    >>> [form(text).name for text in ("1RB 1LB  1LA 1R_", "1RB1LB\\n1LA1RZ", "A: 1RB ---\\nB: 1LA 1RZ", "hello")]
    ['1RB1LB_1LA1RZ', '1RB1LB_1LA1RZ', '1RB---_1LA1RZ', '']
    >>> form("https://bbchallenge.org/1RB1LB_1LA1RZ%26s%3D10").name, form("mAQACAQECAQEBAAAA").name
    ('1RB1LB_1LA1RZ', '1RB1LB_1LA---')
    """
    if len(text) > LONGEST:
        return Form([], 0, [])
    lines = [_opened(_REMARK.sub("", line)) for line in text.translate(_SIGNS).split("\n")]
    numbers = [number for number, line in enumerate(lines, 1) if line.strip()]
    code = text.strip()
    if _ENCODED.fullmatch(code) and (decoded := _decoded(code[1:])):
        return Form(_cut(decoded, numbers[0], 1), 1, [])
    whole = {number: words for number in numbers if (words := list(_whole(lines[number - 1])))}
    if whole:
        return _of_whole(whole, numbers, lines)
    return _of_rows(numbers, lines)


def _opened(line: str) -> str:
    """A line in which `_` stands between rows of entries that stand apart, `1RB 1LC_1RC 1RB`, with `|` for it."""
    return _ROW_END.sub(lambda end: end[0].replace("_", "|"), line) if _ROW_APART.search(line) else line


# ------------------------------------------------------------------------------------------------- machines as one word


def _of_whole(whole: dict[int, list[tuple[str, int]]], numbers: list[int], lines: list[str]) -> Form:
    """The form of a text whose lines hold machines of one word each."""
    others = [number for number in numbers if number not in whole]
    alone = sum(lines[number - 1].strip() == whole[number][0][0] for number in whole)
    share = _SURE * (alone + _BESIDE * (len(whole) - alone)) / (_SURE * len(whole) + len(others))
    machines = {word: number for number in reversed(whole) for word, _ in whole[number]}
    first = next(iter(whole))
    word, column = whole[first][0]
    rows = _usual(_cut(word, first, column))
    if len(machines) > 1:
        at = next(number for number, words in whole.items() if any(other != word for other, _ in words))
        return Form(rows, share, [], ("the text holds more than one machine", "keep one of them", at))
    return Form(rows, share, others, _stray(others, lines))


def _stray(others: list[int], lines: list[str]) -> tuple[str, str, int] | None:
    """What is wrong where a line that does not belong to the machine holds an entry."""
    strays = [number for number in others if any(_is_action(word) for word in _WORD.findall(lines[number - 1]))]
    hint = "write --- where there is no entry, and # before a remark"
    return ("what stands beside the machine looks like a part of it", hint, strays[0]) if strays else None


def _whole(line: str) -> Iterator[tuple[str, int]]:
    """The machines of one word in a line and their columns: in addresses, and where a line begins with one."""
    rest = line
    for match in _ADDRESS.finditer(line):
        rest = rest[: match.start()] + " " * len(match[0]) + rest[match.end() :]
        for part in _BETWEEN.split(unquote(unquote(match[0]))):
            word = part.strip("_")
            decoded = _decoded(word[1:]) if _ENCODED.fullmatch(word) else None
            if decoded or _is_whole(word):
                yield decoded or word, max(match.start(), line.find(word)) + 1
    words = [word for word in _WORD.finditer(rest) if _is_whole(word[0])]
    if words and words[0].start() <= _LONGEST_LEAD and _LEAD.fullmatch(rest[: words[0].start()]):
        yield from ((word[0], word.start() + 1) for word in words)


def _is_whole(word: str) -> bool:
    """Whether a word has several rows of entries, or would have them without some mistakes."""
    rows = word.split("_")
    if len(rows) < 2 or len(word) > _LONGEST_WORD:
        return False
    good = [bool(_GLUED.fullmatch(row[i : i + 3])) for row in rows for i in range(0, len(row), 3)]
    return 2 * sum(good) >= len(good) > 1


def _cut(word: str, line: int, column: int) -> list[list[Chunk]]:
    """A machine of one word as rows of chunks."""
    rows = []
    for row in word.split("_"):
        rows.append([Chunk(row[i : i + 3], line, column + i) for i in range(0, max(1, len(row)), 3)])
        column += len(row) + 1
    return rows


# -------------------------------------------------------------------------------------------------- rows by themselves


class _Line(NamedTuple):
    """A line with a part of a machine: its groups of words, the label before them, and whether a remark follows."""

    groups: list[list[Chunk]]
    label: str
    number: int
    beside: bool = False


def _of_rows(numbers: list[int], lines: list[str]) -> Form:
    """The form of a text in which each row stands by itself, as a word, a group of words or a line."""
    parts = {number: _line(number, lines[number - 1]) for number in numbers}
    row_lines = [part for part in parts.values() if part and part.groups]
    if any(part.label for part in row_lines):  # a line of hyphens rules the table off
        row_lines = [part for part in row_lines if part.label or _has_action(part)]
    chunks = sum(len(word.text) // 3 for part in row_lines for group in part.groups for word in group)
    lone = len(numbers) == 1 == len(lines[numbers[0] - 1].split())
    if not (lone and row_lines) and (chunks < 2 or not any(map(_has_action, row_lines))):
        return Form([], 0, [])
    others = [number for number, part in parts.items() if part is None]
    share = sum(_BESIDE if part.beside else 1 for part in parts.values() if part) / len(parts)
    rows, trouble = _rows(row_lines, next((part.label for part in parts.values() if part and not part.groups), ""))
    good = [bool(_APART.fullmatch(chunk.text)) for row in rows for chunk in row]
    trouble = _stray(others, lines) or trouble
    return Form(_usual(rows), share * sum(good) / len(good), others, trouble)


def _rows(row_lines: list[_Line], header: str) -> tuple[list[list[Chunk]], tuple[str, str, int] | None]:
    """The rows of the lines that have some, and what is wrong with how they are laid out."""
    words = [word for line in row_lines for group in line.groups for word in group]
    glued = any(len(word.text) > 3 for word in words)
    each = [[[word] for group in line.groups for word in group] if glued else line.groups for line in row_lines]
    labels = "".join(line.label for line in row_lines)
    if len(each) > 1 and all(len(rows) > 1 and any(len(row) > 1 or glued for row in rows) for rows in each):
        trouble = ("the text holds more than one machine", "keep one of them", row_lines[1].number)
        return _glued(each[0]) if glued else each[0], trouble
    if glued:
        rows = [row for line in each for row in _glued(line)]
    elif len(each) > 1:
        rows = [[word for group in line for word in group] for line in each]
    else:
        rows = each[0] if any(len(row) > 1 for row in each[0]) else [words]
        if len(rows) == 1 < len(words):
            rows = _by_header(words, header)
        if len(rows) == 1 < len(words):
            hint = "put two spaces, or _, or a line's end between the rows of two states"
            return rows, ("where one row ends is not seen", hint, row_lines[0].number)
    if labels and labels == "0123456789"[: len(rows)]:  # a table whose columns are the states
        if len({len(row) for row in rows}) == 1:
            return [list(column) for column in zip(*rows, strict=True)], None
    elif labels and labels != LETTERS[: len(rows)]:
        return rows, ("the rows are not those of A, B, C and so on", "put them in that order", row_lines[0].number)
    return rows, None


def _by_header(words: list[Chunk], header: str) -> list[list[Chunk]]:
    """Rows as a line above the entries says them: `A0 A1 B0 B1`."""
    states = header[::2]
    if len(states) != len(words) or header[1::2] == states:
        return [words]
    return [
        [word for word, state in zip(words, states, strict=True) if state == each] for each in dict.fromkeys(states)
    ]


def _glued(rows: list[list[Chunk]]) -> list[list[Chunk]]:
    """Rows of one word each, taken apart into entries."""
    return [_cut(word.text, word.line, word.column)[0] for row in rows for word in row]


def _usual(rows: list[list[Chunk]]) -> list[list[Chunk]]:
    """The rows with every entry in its usual form."""

    def spelled(text: str) -> str:
        return "---" if text in ("...", "…") else re.sub(r"[_!]$", "Z", text)

    return [[chunk._replace(text=spelled(chunk.text)) for chunk in row] for row in rows]


def _line(number: int, line: str) -> _Line | None:
    """The part of a machine that a line holds, or its header; None where it is neither."""
    words = [Chunk(match[0], number, match.start() + 1) for match in _WORD.finditer(line)]
    words = [word for word in words if word.text.lower() != "state"]
    begin = next((i for i, word in enumerate(words) if _is_like_an_entry(word.text)), None)
    if begin is None or not any(_is_entries(word.text) for word in words) or _RULER.fullmatch(line):
        names = [word.text for word in words if word.text.strip("-")]
        return _Line([], "".join(names), number) if all(_HEADER.fullmatch(name) for name in names) else None
    before, words = words[:begin], words[begin:]
    if len(before) > 1 or not all(re.fullmatch(r"[A-Z]|[0-9]", word.text) for word in before):
        return None
    end = next((i for i, word in enumerate(words) if not _is_like_an_entry(word.text)), len(words))
    beside = len(words) > end and not any(_is_action(word.text) for word in words[end:])
    words = words[:end] if beside else words
    gaps = [line[last.column + len(last.text) - 1 : word.column - 1] for last, word in pairwise(words)]
    return _Line(_grouped(words, gaps), "".join(word.text for word in before), number, beside)


def _grouped(words: list[Chunk], gaps: list[str]) -> list[list[Chunk]]:
    """Words in rows: at the signs between rows, or where some of the gaps are wider: a comma, a space, or both."""
    ends = [bool(re.search(r"[;|]| /| {2,}|_", gap)) for gap in gaps]
    widths = [(len(gap), gap == " ") for gap in gaps]
    if not any(ends) and len(set(widths)) > 1:
        ends = [width == max(widths) for width in widths]
    groups = [[words[0]]]
    for word, end in zip(words[1:], ends, strict=True):
        if end:
            groups.append([])
        groups[-1].append(word)
    return groups


def _is_entries(word: str) -> bool:
    return bool(_GLUED.fullmatch(word) or _APART.fullmatch(word))


def _is_action(word: str) -> bool:
    return _is_entries(word) and bool(_ACTS.search(word))


def _is_like_an_entry(word: str) -> bool:
    """Whether a word is an entry, or several, or may be meant as one."""
    return _is_entries(word) or bool(_NEARLY.fullmatch(word) or _GLUED.match(word))


def _has_action(line: _Line) -> bool:
    return any(_is_action(word.text) for group in line.groups for word in group)


# -------------------------------------------------------------------------------------------------------------- base64


def _decoded(code: str) -> str | None:
    """The machine that base64 holds; None where it holds none."""
    try:
        data = base64.b64decode(code.translate(str.maketrans("-_", "+/")), validate=True)
    except (binascii.Error, ValueError):
        return None
    triples = [data[i : i + 3] for i in range(0, len(data), 3)]
    if len(data) % 6 or len(triples) > 2 * len(LETTERS):
        return None
    entries = [_entry(*triple) for triple in triples]
    if any(len(entry) != 3 for entry in entries):
        return None
    return "_".join(first + second for first, second in zip(entries[::2], entries[1::2], strict=True))


def _entry(write: int, move: int, state: int) -> str:
    return f"{write}{'RL'[move % 2]}{LETTERS[state - 1]}" if 0 < state <= len(LETTERS) else "---"

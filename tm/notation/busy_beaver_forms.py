"""Older ways to write busy-beaver machines, turned into the usual one.

`1RB 1LC  1RC ...` has a space between entries, two (or a line's end) between rows and `...` for no entry; `1R_` halts.
An address `https://bbchallenge.org/1RB1LB_1LA1RZ&s=10` holds a machine in the usual form. bbchallenge's first ones hold
`m` and base64: for each of two symbols in each state three bytes, what is written, 0 for R or 1 for L, and the next
state from 1 on, 0 for no entry.
"""

from __future__ import annotations

import base64
import binascii
import re
from string import ascii_uppercase as LETTERS

__all__ = ["usual_form"]

_ENTRY = r"(?:[0-9][LR][A-Z_]|\.\.\.|---)"
_SPACED = re.compile(rf"{_ENTRY}(?:[ ]{{1,8}}{_ENTRY}|\s*\n\s*{_ENTRY})+")
_ADDRESS = re.compile(r"(?:https?://)?(?:www\.)?bbchallenge\.org/([^\s&?]+)\S*")
_ENCODED = re.compile(r"m[A-Za-z0-9+/_-]{8,}={0,2}")


def usual_form(text: str) -> str | None:
    """The machine in the usual form if the text has one of the older ones, else None.

    >>> usual_form("1RB 1LB  1LA 1R_"), usual_form("https://bbchallenge.org/1RB1LB_1LA1RZ&s=10")
    ('1RB1LB_1LA1RZ', '1RB1LB_1LA1RZ')
    >>> usual_form("mAQACAQECAQEBAAAA"), usual_form("1RB1LB_1LA1RZ")
    ('1RB1LB_1LA---', None)
    """
    text = text.strip()
    address = _ADDRESS.fullmatch(text) if len(text) < 1000 else None
    if address:
        return usual_form(address[1]) or address[1]
    if len(text) < 1000 and _ENCODED.fullmatch(text):
        return _decoded(text[1:])
    if len(text) < 10_000 and _SPACED.fullmatch(text):
        rows = re.split(r" {2,}|\s*\n\s*", text)
        entries = ("".join(row.split(" ")).replace("...", "---").replace("_", "Z") for row in rows)
        return "_".join(entries)
    return None


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

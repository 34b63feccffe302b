"""Text that is not ours, as it is shown: a name, a line of a file or a path can hold what a terminal would obey.

What is not seen is spelled out: control characters and with them escape sequences, line breaks within a name, marks
that turn the direction of writing around, characters without a width. Whatever has a shape is shown as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from unicodedata import category

__all__ = ["counted", "is_name", "json_shown", "quoted", "shown"]

MOST_MARKS = 4
"""Accents and the like on one character: no script puts more there, and a tower of them hides the lines above it."""
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Categories of characters without a shape: controls, formats, surrogates, private ones, none at all, separators."""
_FILLER = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Letters and marks that have no shape all the same: fillers, joiners, selectors of variants."""
_VARIANTS = "\ufe0e\ufe0f"
"""Whether the sign before it is drawn as text or as a picture: seen, after a sign."""
_RESERVED = {"*", "->"}


def counted(number: int, one: str, several: str = "") -> str:
    """A number of things.

    >>> counted(1, "example"), counted(1_000, "example"), counted(2, "query", "queries")
    ('1 example', '1,000 examples', '2 queries')
    """
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def shown(text: str) -> str:
    r"""The text with everything in it spelled out that would not be seen, or would do something, on a terminal.

    >>> print(shown("carry"), shown("\x1b[31m"), shown("a\u202eb"), shown("two\nlines"), shown("שלום"))
    carry \x1b[31m a\u202eb two\nlines שלום
    """
    return _spelled_out(text, _escape)


def json_shown(value: object, *, ascii: bool = False) -> str:
    r"""A value as JSON on one line that reads back exactly, and is as safe to show; in ASCII alone if so asked.

    >>> print(json_shown(["é", "\x7f\u202e"]), json_shown("é", ascii=True))
    ["é", "\u007f\u202e"] "\u00e9"
    """
    return _spelled_out(json.dumps(value, ensure_ascii=ascii), _json_escape)


def _spelled_out(text: str, escape: Callable[[str], str]) -> str:
    if text.isascii() and text.isprintable():
        return text
    parts, before, marks = [], "", MOST_MARKS  # marks: how many the last character carries; as many as can be, if none
    for character in text:
        kind = category(character)
        filler = _FILLER.match(character) and not (character in _VARIANTS and before in ("So", "Sm"))
        if kind in _UNSEEN or filler or (kind[0] == "M" and marks >= MOST_MARKS):
            parts.append(escape(character))
            before, marks = "", MOST_MARKS
            continue
        parts.append(character)
        marks = marks + 1 if kind[0] == "M" else 0 if kind[0] in "LNS" else MOST_MARKS
        before = kind
    return "".join(parts)


def _escape(character: str) -> str:
    number = ord(character)
    if character in "\n\r\t":
        return {"\n": r"\n", "\r": r"\r", "\t": r"\t"}[character]
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _json_escape(character: str) -> str:
    return json.dumps(character)[1:-1] if character != "\x7f" else r"\u007f"


# ---------------------------------------------------------------------------------------------------------------- names


def is_name(value: object) -> bool:
    r"""Whether `value` may name a state or a symbol: any string but the empty one that UTF-8 can hold.

    >>> is_name("q 0, \n"), is_name(""), is_name(0), is_name("\ud800")
    (True, False, False, False)
    """
    if not isinstance(value, str) or not value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def quoted(name: str) -> str:
    r"""The name as the library's own notation writes it: bare where that reads back, otherwise a JSON string.

    It is safe to show, too: whatever would not be seen is escaped.

    >>> print(quoted("carry"), quoted("#"), quoted("*"), quoted("a b"), quoted("\n"), quoted("a\u200b"))
    carry "#" "*" "a b" "\n" "a\u200b"
    """
    if name.isascii() and name.isalnum():  # most names
        return name
    plain = name.isprintable() and shown(name) == name
    bare = plain and not any(c.isspace() or c in ',#"' for c in name)
    if bare and name and name not in _RESERVED and not name.endswith(":"):
        return name
    return json_shown(name, ascii=not name.isprintable())

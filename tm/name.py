"""Names of states and symbols: which strings may be one, and how the library's own notation writes them."""

from __future__ import annotations

from tm.shown import json_shown, shown

__all__ = ["is_name", "quoted"]

_RESERVED = {"*", "->"}


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
    plain = name.isprintable() and shown(name) == name
    bare = plain and not any(c.isspace() or c in ',#"' for c in name)
    if bare and name and name not in _RESERVED and not name.endswith(":"):
        return name
    return json_shown(name, ascii=not name.isprintable())

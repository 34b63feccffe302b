"""What a notebook shows: HTML in which all text is text, and whose colours can be read on white and on black alike.

Text is escaped as it goes into an element; only what `element` made is taken for HTML. The ink is the notebook's own
(`currentColor`), so a light theme and a dark one need no style sheet, and there is nothing to load and nothing to run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from tm.text import shown

__all__ = ["COLOURS", "LOOKS", "Content", "Markup", "card", "code", "details", "element", "facts", "note", "table"]

COLOURS = {"read": "#2f7fd0", "decide": "#c2661c", "made": "#17936a", "alarm": "#d9483b"}
"""READ, DECIDE, what is generated, and what is wrong, as on the page: tones between its light and its dark ones."""
_TINTS = {role: f"{colour}33" for role, colour in COLOURS.items()}
_MONO = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;"
_CELL = "text-align:left;padding:2px 10px 2px 0;border:0;background:none;vertical-align:top;"
LOOKS = {
    "card": "border:1px solid #88888866;border-radius:8px;padding:10px 14px;margin:4px 0;max-width:72em;"
    "font-variant-numeric:tabular-nums;overflow-x:auto;",
    "title": "font-weight:600;margin-bottom:4px;",
    "note": "opacity:.75;margin:3px 0;",
    "table": "border-collapse:collapse;border:0;margin:4px 0;font-size:95%;",
    "head": f"{_CELL}font-weight:600;border-bottom:1px solid #88888866;",
    "cell": _CELL,
    "code": f"{_MONO}background:none;color:inherit;overflow-wrap:break-word;",
    **{
        role: f"{_MONO}color:inherit;background:{_TINTS[role]};border-left:3px solid {colour};border-radius:3px;"
        "padding:0 5px;margin-right:4px;display:inline-block;overflow-wrap:break-word;"
        for role, colour in COLOURS.items()
    },
}
"""The styles of elements, by what they show."""

Content = str | Markup | Iterable["str | Markup"]
"""What stands in an element: text, an element, or several of them."""


def element(tag: str, *children: Content, look: str = "", **attributes: object) -> Markup:
    """An element with its children; those that are no HTML made here are text, shown as text.

    Args:
        tag: its name.
        *children: text, elements, or lists of both.
        look: the name of its style.
        **attributes: as HTML has them, with a hyphen for each underscore; one that is None is left out.

    >>> print(element("p", "a < b", element("b", "c"), id="d"))
    <p id="d">a &lt; b<b>c</b></p>
    """
    if look:
        attributes = {"style": LOOKS[look]} | attributes
    told = Markup("").join(
        Markup(' {}="{}"').format(name.rstrip("_").replace("_", "-"), value)
        for name, value in attributes.items()
        if value is not None
    )
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(tag), told, Markup("").join(map(_content, children)))


def _content(child: Content) -> Markup:
    if isinstance(child, Markup):
        return child
    return escape(shown(child)) if isinstance(child, str) else Markup("").join(map(_content, child))


def card(title: Content, *parts: Content, **attributes: object) -> Markup:
    """What an object shows of itself: a frame with a title.

    >>> print(card("bb2", "two states"))  # doctest: +ELLIPSIS
    <div style="...">bb2</div>two states</div>
    """
    return element("div", element("div", title, look="title"), *parts, look="card", **attributes)


def table(columns: Sequence[str], rows: Iterable[Sequence[Content]]) -> Markup:
    """A table with named columns.

    >>> table(["state"], [["<A>"]]).count("&lt;A&gt;")
    1
    """
    head = element("tr", *(element("th", name, look="head") for name in columns))
    body = (element("tr", *(element("td", cell, look="cell") for cell in row)) for row in rows)
    return element("table", element("thead", head), element("tbody", *body), look="table")


def facts(pairs: Iterable[tuple[str, Content]]) -> Markup:
    """A list of names, each with what stands behind it.

    >>> print(facts([("blank", "_")]).striptags())
    blank_
    """
    rows = (
        element("tr", element("td", name, style=LOOKS["cell"] + LOOKS["note"]), element("td", said, look="cell"))
        for name, said in pairs
    )
    return element("table", element("tbody", *rows), look="table")


def code(text: str, role: str = "code") -> Markup:
    """A token, a symbol or a hash; as a chip in the colour of its role, if it has one of `COLOURS`.

    >>> print(code("[1]", "read").striptags())
    [1]
    """
    return element("code", text, look=role)


def note(*text: Content) -> Markup:
    """A remark."""
    return element("div", *text, look="note")


def details(summary: str, *parts: Content) -> Markup:
    """What is shown once it is asked for.

    >>> print(details("rules", "none"))
    <details><summary>rules</summary>none</details>
    """
    return element("details", element("summary", summary), *parts)

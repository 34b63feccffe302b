"""A JFLAP diagram taken from its XML: states, nested where there are building blocks, and transitions."""

from __future__ import annotations

from dataclasses import dataclass, field

from tm.name import quoted
from tm.notation.common.builder import Builder, Place
from tm.notation.common.xml_tree import Element

__all__ = ["BLANK", "Diagram", "State", "Transition", "diagram"]

BLANK = "□"
_MOVES = ("L", "R", "S")


@dataclass
class Transition:
    """What one transition reads, writes and how it moves on each tape, as the file says it, and where it leads."""

    read: list[str]
    write: list[str]
    moves: list[str]
    target: str
    place: Place


@dataclass
class State:
    """A state or a building block, which has a diagram of its own inside."""

    id: str
    name: str
    place: Place
    final: bool
    transitions: list[Transition] = field(default_factory=list)
    inner: Diagram | None = None


@dataclass
class Diagram:
    """The states by their ids; `initial` is the id of the first one entered, if any is."""

    states: dict[str, State] = field(default_factory=dict)
    initial: str | None = None


def diagram(builder: Builder, element: Element, tapes: int, place: Place) -> Diagram:
    """The diagram in an element; everything that is wrong with it becomes a problem of the builder.

    >>> from tm.notation.common.xml_tree import tree
    >>> text = '<automaton><state id="0" name="q0"><initial/></state></automaton>'
    >>> diagram(Builder(text), tree(text), 1, (1, 1)).initial
    '0'
    """
    found = Diagram()
    inner = _inner_elements(element)
    for child in element.all("state", "block"):
        state = _state(builder, child)
        if state.id in found.states:
            builder.problem(f"a second state with the id {quoted(state.id)}", child.place, hint="give each its own")
        found.states[state.id] = state
        if child.first("initial"):
            if found.initial is not None:
                builder.warning("a second initial state; JFLAP starts in this one", child.place, found=state.name)
            found.initial = state.id
        content = inner.get(child.said("tag"))
        if content is not None and content.all("state", "block"):
            state.inner = diagram(builder, content, tapes, child.place)
    if found.initial is None:
        hint = "make one state initial: <initial/>"
        builder.problem("no initial state", place, expected="one", found="none", hint=hint)
    for child in element.all("transition"):
        _add_transition(builder, found, child, tapes)
    return found


def _inner_elements(element: Element) -> dict[str, Element]:
    """The elements that hold the inside of a building block, by the tag that the block names."""
    known = ("state", "block", "transition", "note")
    inner = {child.tag: child for child in element.children if child.tag not in known}
    return {tag: child.first("automaton") or child for tag, child in inner.items()}


def _state(builder: Builder, element: Element) -> State:
    id = element.attributes.get("id", "")
    if not id:
        builder.problem("a state without an id", element.place, expected='as in <state id="0" name="q0">')
    name = element.attributes.get("name", "").strip() or f"q{id}"
    return State(id, name, element.place, element.first("final") is not None)


def _add_transition(builder: Builder, found: Diagram, element: Element, tapes: int) -> None:
    ends = [element.said("from"), element.said("to")]
    for what, id in zip(("from", "to"), ends, strict=True):
        if id not in found.states:
            known = " ".join(list(found.states)[:20])
            message = f"a transition {what} a state that is not there"
            builder.problem(
                message, element.place, expected=f"one of the ids {known}", found=quoted(id) if id else "none"
            )
    is_block = element.attributes.get("block") == "true"
    read = _on_tapes(builder, element, "read", tapes, "")
    write = _on_tapes(builder, element, "write", tapes, "")
    moves = [move or "R" for move in _on_tapes(builder, element, "move", tapes, "R")]
    if is_block:  # out of a building block: nothing is written, no head moves
        write, moves = ["~"] * tapes, ["S"] * tapes
    for move in moves:
        if move not in _MOVES:
            builder.problem("no such move", element.place, expected="L, R or S", found=move)
    if ends[0] in found.states:
        found.states[ends[0]].transitions.append(Transition(read, write, moves, ends[1], element.place))


def _on_tapes(builder: Builder, element: Element, tag: str, tapes: int, default: str) -> list[str]:
    """What the elements of a tag say, tape by tape; the last one where two are for one tape, as in JFLAP."""
    said = [default] * tapes
    for child in element.all(tag):
        number = child.attributes.get("tape", "1") or "1"
        if not number.isascii() or not number.isdecimal() or not 1 <= int(number[:9]) <= tapes:
            builder.problem("no such tape", child.place, expected=f"1 to {tapes}", found=number)
            continue
        said[int(number) - 1] = "" if "\n" in child.text and not child.text.strip() else child.text
    return said

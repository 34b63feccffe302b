"""A JFLAP diagram: its states and transitions from the XML, what they read and write, building blocks taken apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from tm.notation.common.builder import Builder, Place
from tm.notation.common.spelling import is_one_unit
from tm.notation.common.xml_tree import Element
from tm.text import quoted

__all__ = [
    "ANY",
    "BLANK",
    "Diagram",
    "FlatState",
    "Pattern",
    "State",
    "Step",
    "Transition",
    "checked",
    "diagram",
    "flattened",
    "pattern",
]

BLANK = "□"
_MOVES = ("L", "R", "S")
ANY = "~"


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
    whole = Diagram()
    inner = _inner_elements(element)
    for child in element.all("state", "block"):
        state = _state(builder, child)
        if state.id in whole.states:
            builder.problem(f"a second state with the id {quoted(state.id)}", child.place, hint="give each its own")
        whole.states[state.id] = state
        if child.first("initial"):
            if whole.initial is not None:
                builder.warning("a second initial state; JFLAP starts in this one", child.place, found=state.name)
            whole.initial = state.id
        content = inner.get(child.text_of("tag"))
        if content is not None and content.all("state", "block"):
            state.inner = diagram(builder, content, tapes, child.place)
    if whole.initial is None:
        hint = "make one state initial: <initial/>"
        builder.problem("no initial state", place, expected="one", found="none", hint=hint)
    for child in element.all("transition"):
        _add_transition(builder, whole, child, tapes)
    return whole


def _inner_elements(element: Element) -> dict[str, Element]:
    """The elements that hold the inside of a building block, by the tag that the block names."""
    own_tags = ("state", "block", "transition", "note")
    inner = {child.tag: child for child in element.children if child.tag not in own_tags}
    return {tag: child.first("automaton") or child for tag, child in inner.items()}


def _state(builder: Builder, element: Element) -> State:
    id = element.attributes.get("id", "")
    if not id:
        builder.problem("a state without an id", element.place, expected='as in <state id="0" name="q0">')
    name = element.attributes.get("name", "").strip() or f"q{id}"
    return State(id, name, element.place, element.first("final") is not None)


def _add_transition(builder: Builder, whole: Diagram, element: Element, tapes: int) -> None:
    ends = [element.text_of("from"), element.text_of("to")]
    for what, id in zip(("from", "to"), ends, strict=True):
        if id not in whole.states:
            ids = " ".join(list(whole.states)[:20])
            message = f"a transition {what} a state that is not there"
            builder.problem(
                message, element.place, expected=f"one of the ids {ids}", found=quoted(id) if id else "none"
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
    if ends[0] in whole.states:
        whole.states[ends[0]].transitions.append(Transition(read, write, moves, ends[1], element.place))


def _on_tapes(builder: Builder, element: Element, tag: str, tapes: int, default: str) -> list[str]:
    """What the elements of a tag say, tape by tape; the last one where two are for one tape, as in JFLAP."""
    texts = [default] * tapes
    for child in element.all(tag):
        number = child.attributes.get("tape", "1") or "1"
        if not number.isascii() or not number.isdecimal() or not 1 <= int(number[:9]) <= tapes:
            builder.problem("no such tape", child.place, expected=f"1 to {tapes}", found=number)
            continue
        texts[int(number) - 1] = "" if "\n" in child.text and not child.text.strip() else child.text
    return texts


# ------------------------------------------------------------------------------------------------------------- patterns


class Pattern(NamedTuple):
    """What a transition reads on one tape: all symbols but `but`, or just those in `only`; kept as `variable`."""

    only: tuple[str, ...] | None
    but: str | None
    variable: str | None

    def matching(self, symbols: Iterable[str]) -> list[str]:
        """The symbols that it matches; those that it names even where they are not among the symbols.

        >>> pattern("!a", tapes=1).matching(["a", "b"]), pattern("a,b}x", tapes=1).matching([])
        (['b'], ['a', 'b'])
        """
        if self.only is not None:
            return list(dict.fromkeys(self.only))
        return [symbol for symbol in symbols if symbol != self.but]


def pattern(text: str, tapes: int) -> Pattern:
    """The pattern that the text of a `read` element says, as JFLAP takes it; on several tapes only `~` is special.

    A `!` by itself reads anything but the blank. Where JFLAP looks at one character, the others are left out here, too:
    `!ab` is `!a`, and on several tapes what begins with `!`, or holds `}`, is its first character.

    >>> pattern("", tapes=1), pattern("~", tapes=2)
    (Pattern(only=('□',), but=None, variable=None), Pattern(only=None, but=None, variable=None))
    >>> pattern("!", tapes=1).but, pattern("!a", tapes=2).only
    ('□', ('!',))
    """
    if text == ANY:
        return Pattern(None, None, None)
    if tapes > 1:
        return Pattern((text[0] if text.startswith("!") or "}" in text else text or BLANK,), None, None)
    if "}" in text:
        names, _, variable = text.partition("}")
        return Pattern(tuple(names.rstrip(",").split(",")), None, variable)
    return Pattern(None, text[1:2] or BLANK, None) if text.startswith("!") else Pattern((text or BLANK,), None, None)


def checked(builder: Builder, transition: Transition, tapes: int) -> list[Pattern]:
    """The patterns of a transition, tape by tape; a problem for what JFLAP would not take.

    >>> [p.but for p in checked(Builder(""), Transition(["!a"], [""], ["R"], "0", (1, 1)), 1)]
    ['a']
    """
    patterns = [pattern(text, tapes) for text in transition.read]
    for text, read in zip(transition.read, patterns, strict=True):
        names = [*(read.only or ()), *filter(None, [read.but]), *([] if read.variable is None else [read.variable])]
        if any(not is_one_unit(name) for name in names) or ("!" in text and "}" in text):
            expected = "one character, ~, !a or a,b}x" if tapes == 1 else "one character or ~"
            found = quoted(text)
            builder.problem("what is read is no symbol", transition.place, expected=expected, found=found)
        elif (read.but and len(text) > 2) or (tapes > 1 and len(text) > 1):
            meaning = quoted("!" + read.but if read.but else text[0])
            builder.warning(f"JFLAP takes this for {meaning}", transition.place, found=quoted(text))
    for text in transition.write:
        if text and not is_one_unit(text):
            message = "what is written is no symbol"
            builder.problem(message, transition.place, expected="one character or ~", found=quoted(text))
    return patterns


# ------------------------------------------------------------------------------------------------------ building blocks


@dataclass
class Step:
    """A transition between flat states, its patterns read."""

    read: list[Pattern]
    write: list[str]
    moves: list[str]
    target: str
    place: Place
    level: int = 0  # blocks around the state whose transition it is


@dataclass
class FlatState:
    """A state with a name of its own; the steps of a final one are never taken, but their symbols are the file's."""

    name: str
    final: bool
    steps: list[Step]
    nested: bool = False  # inside a building block


class _Level:
    """A diagram inside its blocks, the outermost first."""

    def __init__(self, diagram: Diagram, blocks: tuple[tuple[_Level, State], ...] = ()) -> None:
        self.diagram, self.blocks = diagram, blocks
        self.inner = {
            id: _Level(state.inner, (*blocks, (self, state)))
            for id, state in diagram.states.items()
            if state.inner is not None and not (state.final and not blocks)
        }

    def path(self, id: str) -> str:
        """The state that is entered with this one, as the path of ids that leads to it: blocks lead inside."""
        prefix = "".join(f"{state.id}/" for _, state in self.blocks)
        if id in self.inner and self.inner[id].diagram.initial is not None:
            return self.inner[id].path(str(self.inner[id].diagram.initial))
        return prefix + id

    def flat(self, builder: Builder, tapes: int, names: set[str]) -> dict[str, FlatState]:
        """All states at this level and inside it, by their paths."""
        flat: dict[str, FlatState] = {}
        for id, state in self.diagram.states.items():
            if id in self.inner:
                flat |= self.inner[id].flat(builder, tapes, names)
                continue
            path = "".join(f"{block.id}/" for _, block in self.blocks) + id
            full = "/".join([*(block.name for _, block in self.blocks), state.name])
            name = _unique(builder, full, state, names)
            final = state.final and not self.blocks
            if final and state.transitions:
                message = f"state {quoted(state.name)} is final, so JFLAP stops there: its transitions never apply"
                builder.warning(message, state.place)
            flat[path] = FlatState(name, final, self._steps(builder, state, tapes), bool(self.blocks))
        return flat

    def _steps(self, builder: Builder, state: State, tapes: int) -> list[Step]:
        """The steps out of a state: its own first, then those of the blocks around it, from the inside."""
        return [
            Step(checked(builder, t, tapes), t.write, t.moves, level.path(t.target), t.place, len(level.blocks))
            for level, source in [(self, state), *reversed(self.blocks)]
            for t in source.transitions
            if t.target in level.diagram.states
        ]


def _unique(builder: Builder, name: str, state: State, names: set[str]) -> str:
    if name in names:
        message = f"a second state is called {quoted(name)}"
        name = f"{name} (id {state.id})"
        while name in names:
            name += "'"
        builder.warning(message, state.place, hint=f"here it is called {quoted(name)}")
    names.add(name)
    return name


def flattened(builder: Builder, diagram: Diagram, tapes: int) -> tuple[dict[str, FlatState], str]:
    """The states of a diagram by their paths, and the path of the one in which it starts.

    >>> from tm.notation.jflap.diagram import Diagram, State
    >>> one = Diagram({"0": State("0", "q0", (1, 1), False)}, "0")
    >>> flattened(Builder(""), one, 1)
    ({'0': FlatState(name='q0', final=False, steps=[], nested=False)}, '0')
    """
    top = _Level(diagram)
    flat = top.flat(builder, tapes, set())
    return flat, top.path(diagram.initial or "")

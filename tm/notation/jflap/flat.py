"""A diagram without building blocks: every state with its transitions in the order in which JFLAP tries them."""

from __future__ import annotations

from dataclasses import dataclass

from tm.name import quoted
from tm.notation.common.builder import Builder, Place
from tm.notation.jflap.diagram import Diagram, State
from tm.notation.jflap.pattern import Pattern, checked

__all__ = ["FlatState", "Step", "flattened"]


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

    def flat(self, builder: Builder, tapes: int, taken: set[str]) -> dict[str, FlatState]:
        """All states at this level and inside it, by their paths."""
        flat: dict[str, FlatState] = {}
        for id, state in self.diagram.states.items():
            if id in self.inner:
                flat |= self.inner[id].flat(builder, tapes, taken)
                continue
            path = "".join(f"{block.id}/" for _, block in self.blocks) + id
            full = "/".join([*(block.name for _, block in self.blocks), state.name])
            name = _unique(builder, full, state, taken)
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


def _unique(builder: Builder, name: str, state: State, taken: set[str]) -> str:
    if name in taken:
        message = f"a second state is called {quoted(name)}"
        name = f"{name} (id {state.id})"
        while name in taken:
            name += "'"
        builder.warning(message, state.place, hint=f"here it is called {quoted(name)}")
    taken.add(name)
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

"""The residual stream as named, typed directions: nothing in the construction indexes it by a raw column.

A *space* is a group of directions that belong together (the one-hot of the state, say); a *direction* is one of
its values. Spaces have a type, and a gadget that joins two spaces checks that their types and labels agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Direction", "ResidualStream", "Space", "SpaceMismatch"]

Type = Literal["flag", "integer", "fraction", "one-hot", "bits"]


class SpaceMismatch(TypeError):
    """Two spaces that do not fit were joined: an error of the construction, never of its user."""


@dataclass(frozen=True, slots=True)
class Direction:
    """One named direction of the residual stream: a space and one of its labels, at a fixed column.

    >>> Direction("state", "3", 7).name
    'state[3]'
    """

    space: str
    label: str
    column: int

    def __hash__(self) -> int:  # directions are looked up for every weight; those of a stream differ in their columns
        return self.column

    @property
    def name(self) -> str:
        """The name that people read: the space, and the label where the space has several."""
        return f"{self.space}[{self.label}]" if self.label else self.space


@dataclass(frozen=True, slots=True)
class Space:
    """A typed group of directions: a flag, an integer, a fraction, a one-hot over labels, or bits (+1, -1).

    `shifted_in` is the number of the block whose feed-forward layer adds M, which rounds, and leaves it in; else None.
    """

    name: str
    type: Type
    directions: tuple[Direction, ...]
    shifted_in: int | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the directions, in order."""
        return tuple(direction.label for direction in self.directions)

    def __getitem__(self, index: int) -> Direction:
        return self.directions[index]

    def __iter__(self) -> Iterator[Direction]:
        return iter(self.directions)

    def __len__(self) -> int:
        return len(self.directions)

    @property
    def only(self) -> Direction:
        """The single direction of a scalar space.

        Raises:
            SpaceMismatch: if the space has more than one direction.
        """
        if len(self.directions) != 1:
            raise SpaceMismatch(f"{self.name} has {len(self)} directions; expected a scalar")
        return self.directions[0]

    def pairs(self, other: Space) -> Iterator[tuple[Direction, Direction]]:
        """The directions of two spaces with equal labels, side by side.

        Raises:
            SpaceMismatch: if the labels differ, or one is a one-hot and the other a scalar.
        """
        if self.labels != other.labels:
            raise SpaceMismatch(f"{self.name} and {other.name} have different labels")
        return zip(self.directions, other.directions, strict=True)


class ResidualStream:
    """The layout of the residual stream: spaces, in the order in which they were added.

    >>> stream = ResidualStream()
    >>> stream.add("one", "flag").only.column
    0
    >>> stream.add("state", "one-hot", ["0", "1"])[1].name
    'state[1]'
    >>> stream.width, stream.direction(2).name, stream["state"].type
    (3, 'state[1]', 'one-hot')
    """

    def __init__(self) -> None:
        self.spaces: dict[str, Space] = {}
        self._directions: list[Direction] = []

    def add(self, name: str, type: Type, labels: Sequence[str] = ("",), *, shifted_in: int | None = None) -> Space:
        """Append a space of `len(labels)` directions (one, unlabelled, by default).

        Raises:
            SpaceMismatch: if the name is taken.
        """
        if name in self.spaces:
            raise SpaceMismatch(f"the residual stream has a space {name} already")
        start = len(self._directions)
        directions = tuple(Direction(name, label, start + i) for i, label in enumerate(labels))
        self._directions.extend(directions)
        self.spaces[name] = Space(name, type, directions, shifted_in)
        return self.spaces[name]

    def __getitem__(self, name: str) -> Space:
        return self.spaces[name]

    @property
    def width(self) -> int:
        """The number of directions: d_model."""
        return len(self._directions)

    def direction(self, column: int) -> Direction:
        """The direction at a column."""
        return self._directions[column]

    def type_of(self, column: int) -> Type:
        """The type of the direction at a column."""
        return self.spaces[self._directions[column].space].type

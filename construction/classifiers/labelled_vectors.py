"""A real vector as a token: a field for each coordinate, and the field's value is an integer from -levels to levels.

A token's embedding is the sum of its rows, so the row of "x 3 = -7" carries -7 in the direction "x[3]", and the token
of a vector carries the vector. The alternative, vectors fed past the embedding as vision-language models do, would
put numbers into the network that stand in no token: what the network is told could then not be read in its prompt.
The price is that a vector is told in whole steps; `levels` is how many there are on each side of 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from construction.blueprint import Blueprint
from construction.residual import Space
from construction.vocabulary import Kind
from tm import InputError, Problem

__all__ = ["Integers", "coordinate_fields", "embed_coordinates", "rows_of_vectors"]

Integers = NDArray[np.int64]


def coordinate_fields(dimensions: int, levels: int) -> dict[str, list[str]]:
    """The fields of a token that carries a vector.

    >>> coordinate_fields(2, 1)
    {'x 1': ['-1', '0', '1'], 'x 2': ['-1', '0', '1']}
    """
    return {f"x {j}": [str(v) for v in range(-levels, levels + 1)] for j in range(1, dimensions + 1)}


def embed_coordinates(blueprint: Blueprint, kind: str, x: Space) -> None:
    """Each coordinate's row carries the integer that it is named after."""
    because = "A coordinate's row carries its value: the token, a sum of rows, carries the vector."
    for direction in x:
        field = blueprint.vocabulary[kind][f"x {direction.label}"]
        for index, label in enumerate(field.labels):
            blueprint.embed(field.row(index), {direction: int(label)}, because)


def rows_of_vectors(kind: Kind, vectors: Integers) -> Integers:
    """The rows [n d] of the coordinates of vectors [n d]; coordinates that the vectors do not have are 0.

    Raises:
        InputError: for vectors that the network cannot be told, with every reason.

    >>> from construction.vocabulary import Vocabulary
    >>> kind = Vocabulary({"X": coordinate_fields(3, 1)})["X"]
    >>> rows_of_vectors(kind, np.array([[1, -1]]))
    array([[4, 5, 9]])
    """
    fields = [field for field in kind.fields if field.name.startswith("x ")]
    levels = len(fields[0].labels) // 2
    _require_vectors(vectors, len(fields), levels)
    filled = np.zeros((len(vectors), len(fields)), dtype=np.int64)
    filled[:, : vectors.shape[1]] = vectors
    return filled + np.array([field.first + levels for field in fields])


def _require_vectors(vectors: Integers, dimensions: int, levels: int) -> None:
    if vectors.ndim != 2:
        raise InputError(Problem("vectors are the rows of a matrix", "shape (n, d)", str(vectors.shape)))
    wrong = []
    if vectors.dtype.kind not in "iu":
        hint = "quantise them first"
        wrong.append(Problem("the coordinates of a vector are integers", "integers", str(vectors.dtype), hint))
    if vectors.shape[1] > dimensions:
        wrong.append(Problem("the vectors are too long", f"{dimensions} coordinates", str(vectors.shape[1])))
    if vectors.size and (largest := int(np.abs(vectors).max())) > levels:
        wrong.append(Problem("a coordinate is out of range", f"-{levels} to {levels}", f"one of size {largest}"))
    if wrong:
        raise InputError(*wrong)

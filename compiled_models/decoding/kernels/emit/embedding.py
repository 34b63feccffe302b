"""The embedding in a kernel: for each kind of token, the sum of its rows, straight-line."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from compiled_models.decoding.kernels.emit.writer import Writer
from compiled_models.decoding.kernels.recognise import RecognisedNetwork
from compiled_models.decoding.kernels.routines.arrays import Arrays
from compiled_models.decoding.weights import Flags
from construction.vocabulary import Field, Kind

__all__ = ["Embedding"]

Residual = dict[int, str]  # direction -> the variable that holds it now; a direction that is 0 has none


class Embedding:
    """Reads a token's rows r0, r1, ...; sets a variable for every scalar direction that tokens bring along.

    Args:
        listed: which rows have lists to be followed (`followed` holds the rows of this token that do).
        adds: which rows add to a key or value of a head with finitely many keys; a generated token must have none.
    """

    def __init__(self, network: RecognisedNetwork, listed: Flags, adds: Flags) -> None:
        self.network, self.listed, self.adds = network, listed, adds
        self.table: list[np.ndarray] = []
        self._size = 0
        self.directions = np.flatnonzero(network.scalar & (network.weights.embed != 0).any(0))
        unembed = network.weights.unembed.matrix
        kinds = network.vocabulary.kinds.values()
        self.kinds = sorted(kinds, key=lambda kind: -sum(bool(unembed[:, f.rows].any()) for f in kind.fields))
        self.followed = [f"followed{i}" for i in range(max(len(self._listed_fields(kind)) for kind in kinds))]

    def _listed_fields(self, kind: Kind) -> list[int]:
        """Which of a kind's rows (0: its own) may have lists."""
        own = [0] if self.listed[kind.row] else []
        return own + [i for i, field in enumerate(kind.fields, 1) if self.listed[field.rows].any()]

    def write(self, out: Writer) -> Residual:
        """Write the embedding; return the scalar directions' variables."""
        for d in self.directions:
            out.line(f"x{d} = {out.literal(0)}")
        for name in self.followed:
            out.line(f"{name} = 0")
        for number, kind in enumerate(self.kinds):  # first those that the network says something about
            with out.block(f"{'if' if number == 0 else 'elif'} r0 == {kind.row}:"):
                self._write_kind(out, kind)
        with out.block("else:"):
            out.lines("status = VIOLATED\nbreak")
        residual: Residual = {int(d): f"x{d}" for d in self.directions}
        position = self.network.weights.position
        for column in np.flatnonzero(position).tolist():
            moving = out.weighted([(float(position[column]), "t")])
            brought = f"{residual[column]} + " if column in residual else ""
            out.line(f"p{column} = {brought}{moving}")
            residual[column] = f"p{column}"
        return residual

    def _write_kind(self, out: Writer, kind: Kind) -> None:
        if self.adds[kind.row] or any(self.adds[field.rows].any() for field in kind.fields):
            with out.block("if position >= first_made:"):
                out.lines("status = VIOLATED\nbreak")
        embed = self.network.weights.embed
        terms: dict[int, list[str]] = {
            int(d): [out.literal(embed[kind.row, d])] if embed[kind.row, d] else [] for d in self.directions
        }
        for number, field in enumerate(kind.fields, 1):
            for d, text in self._columns(field, number).items():
                terms[d].append(text)
        for d, parts in terms.items():
            if parts:
                out.line(f"x{d} = {' + '.join(parts)}")
        for name, slot in zip(self.followed, self._listed_fields(kind), strict=False):
            out.line(f"{name} = r{slot}")

    def _columns(self, field: Field, number: int) -> Mapping[int, str]:
        """The field's scalar directions, each with the expression that looks it up in the table."""
        rows = self.network.weights.embed[field.rows]
        columns = [int(d) for d in self.directions if rows[:, d].any()]
        base, width = self._size - field.first * len(columns), len(columns)
        self.table.append(rows[:, columns].reshape(-1))
        self._size += rows[:, columns].size
        return {d: f"embed[{base + j} + {width} * r{number}]" for j, d in enumerate(columns)}

    def arrays(self) -> dict[str, Arrays]:
        """What the source refers to."""
        return {"embed": np.concatenate([np.zeros(0, self.network.weights.dtype), *self.table])}

"""The residual stream in a kernel: what a token brings, and what feed-forward layers add, straight-line.

Each direction is held by a variable, which is assigned once a token for every layer that writes the direction.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from compiled_models.decoding.kernels.emit.writer import Writer
from compiled_models.decoding.kernels.recognise import RecognisedNetwork
from compiled_models.decoding.kernels.routines import Arrays
from compiled_models.decoding.weights import BlockWeights, Flags, Sparse
from construction.vocabulary import Field, Kind

__all__ = ["Embedding", "Residual", "column", "write_feed_forward"]

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

    def lists_of(self, kind: Kind) -> dict[str, int]:
        """The variables of `followed`, each with the row of a token of this kind that it holds."""
        return dict(zip(self.followed, self._listed_fields(kind), strict=False))

    def _listed_fields(self, kind: Kind) -> list[int]:
        """Which of a kind's rows (0: its own) may have lists."""
        own = [0] if self.listed[kind.row] else []
        return own + [i for i, field in enumerate(kind.fields, 1) if self.listed[field.rows].any()]

    def write(self, out: Writer) -> Residual:
        """Write the embedding; return the scalar directions' variables."""
        brought_along = (f"x{d} {out.comments.direction(d)}" for d in self.directions.tolist())
        out.comment("What the token's rows bring: " + ", ".join(brought_along))
        for d in self.directions:
            out.line(f"x{d} = {out.literal(0)}")
        for name in self.followed:
            out.line(f"{name} = 0")
        names = {kind.row: name for name, kind in self.network.vocabulary.kinds.items()}
        for number, kind in enumerate(self.kinds):  # first those that the network says something about
            with out.block(f"{'if' if number == 0 else 'elif'} r0 == {kind.row}:"):
                self._write_kind(out, names[kind.row], kind)
        with out.block("else:"):
            out.lines("status = VIOLATED\nbreak")
        residual: Residual = {int(d): f"x{d}" for d in self.directions}
        position = self.network.weights.position
        for column in np.flatnonzero(position).tolist():
            moving = out.weighted([(float(position[column]), "t")])
            out.comment(f"p{column}: {out.comments.direction(column)}, the position")
            prefix = f"{residual[column]} + " if column in residual else ""
            out.line(f"p{column} = {prefix}{moving}")
            residual[column] = f"p{column}"
        return residual

    def _write_kind(self, out: Writer, name: str, kind: Kind) -> None:
        fields = ", ".join(f"r{i} {field.name}" for i, field in enumerate(kind.fields, 1))
        out.comment(f"{name}: {fields}" if fields else name)
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
        for name, slot in self.lists_of(kind).items():
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


def write_feed_forward(out: Writer, block: BlockWeights, number: int, residual: Residual) -> Residual:
    """Write relu(gate) * times of each unit and add what they write; return the variables afterwards."""
    zero, units, last_because = out.literal(0), {}, [""]
    for unit in range(block.gate.matrix.shape[1]):
        gate, times = column(block.gate, unit, residual), column(block.times, unit, residual)
        if gate and times:
            name = f"u{number}_{unit}"
            if (because := out.comments.unit(number, block, unit)) != last_because:
                out.comment(*because)
                last_because = because
            out.line(f"{name} = max({out.weighted(gate)}, {zero}) * ({out.weighted(times)})")
            units[unit] = name
    after = dict(residual)
    for d in sorted(set(block.out.targets.tolist())):
        if terms := column(block.out, d, units):
            before = f"{residual[d]} + " if d in residual else ""
            out.comment(f"m{number}_{d}: {out.comments.direction(d)}")
            out.line(f"m{number}_{d} = {before}({out.weighted(terms)})")
            after[d] = f"m{number}_{d}"
    return after


def column(matrix: Sparse, target: int, variables: Residual) -> list[tuple[float, str]]:
    """The weights onto one target, each with the variable that it multiplies; those on zeros are left out."""
    at = matrix.targets == target
    pairs = zip(matrix.sources[at].tolist(), matrix.weights[at].tolist(), strict=True)
    return [(weight, variables[source]) for source, weight in pairs if source in variables]

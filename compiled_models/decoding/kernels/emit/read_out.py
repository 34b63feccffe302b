"""The read-out in a kernel: the same choice as `Vocabulary.best`, or the same draw as `Sampler`, from the logits.

A field's logits are found in one of three ways, whichever its weights allow: no weights (the first label wins), scalar
directions only and few labels (straight-line), or wide directions: then only rows that some direction that is not 0
reads are looked at; of all the others, which have the same logit, the first stands for all. Rows whose scalar weights
are not like the rest of their field's are written out one by one.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from compiled_models.decoding.kernels.emit.residual_stream import Residual
from compiled_models.decoding.kernels.emit.writer import Writer, integer
from compiled_models.decoding.kernels.recognise import RecognisedNetwork, Unsupported
from compiled_models.decoding.kernels.routines import Arrays
from compiled_models.decoding.kernels.routines.logits import Noted, Wide
from construction.vocabulary import Field, Kind

__all__ = ["ReadOut"]

FEW = 128  # labels that are written out one by one; so many take half a minute to compile


class ReadOut:
    """What wide directions add to logits is noted, n{g} contributions for the rows of group g.

    Group 0 are the rows of kinds, the others those of the fields that wide directions reach. Mostly there is one
    contribution to a field; more are gathered in `wide[row]` first.
    """

    def __init__(self, network: RecognisedNetwork) -> None:
        self.network = network
        unembed = network.weights.unembed.matrix
        self.reached = (unembed[~network.scalar] != 0).any(0)  # [r]
        self.group = np.zeros(len(self.reached), dtype=np.int64)
        self.fields = [
            field for kind in network.vocabulary.kinds.values() for field in kind.fields if self._is_wide(field)
        ]
        for number, field in enumerate(self.fields, 1):
            self.group[field.rows] = number
        self.room = [0] * (1 + len(self.fields))
        self.special = np.zeros(len(self.reached), dtype=np.bool_)
        self._common = {field.first: self._divide(field) for field in self.fields}

    def _is_wide(self, field: Field) -> bool:
        read = self.network.weights.unembed.matrix[:, field.rows].any()
        return bool(self.reached[field.rows].any() or (read and len(field.labels) > FEW))

    def _divide(self, field: Field) -> list[tuple[float, int]]:
        """The scalar weights that most rows of a field have; the other rows are special."""
        weights = self.network.weights.unembed.matrix[:, field.rows].T[:, self.network.scalar]  # [labels, scalars]
        patterns = [row.tobytes() for row in weights + 0]
        most, _ = Counter(patterns).most_common(1)[0]
        others = [i for i, pattern in enumerate(patterns) if pattern != most]
        if len(others) > FEW:
            raise Unsupported(f"{field.name} has {len(others)} labels with scalar weights of their own")
        self.special[[field.row(i) for i in others]] = True
        shared, directions = weights[patterns.index(most)], np.flatnonzero(self.network.scalar)
        return [(float(w), int(d)) for w, d in zip(shared, directions, strict=True) if w]

    def allow(self, group: int, contributions: int) -> None:
        """Make room for so many contributions to a group's logits at one token."""
        self.room[group] += contributions

    def arrays(self) -> dict[str, Arrays]:
        """What the source refers to."""
        rows, dtype = len(self.reached), self.network.weights.dtype
        every: dict[str, Arrays] = {
            "wide": Wide(np.zeros(rows, dtype), np.full(rows, -1, dtype=np.int64), self.special)
        }
        for group, room in enumerate(self.room):
            every[f"noted{group}"] = Noted(np.zeros(room + 1, dtype=np.int64), np.zeros(room + 1, dtype))
        return every

    def write_start(self, out: Writer) -> None:
        """Nothing is noted yet at this token."""
        for group in range(len(self.room)):
            out.line(f"n{group}, row{group}, value{group} = {integer(0)}, {integer(0)}, {out.literal(0)}")

    @staticmethod
    def write_note(out: Writer, group: int, call: str, what: str) -> None:
        """Call a routine that notes something; n, row and value are the number of notes and the last one."""
        last = f"n{group}, row{group}, value{group}"
        out.line(f"{last} = {call}, noted{group}, {last}, {what})")

    # -- the likeliest token -----------------------------------------------------------------------------------------

    def write_best(self, out: Writer, residual: Residual) -> None:
        """Choose the kind and fields with the largest logits; assign the rows r0, r1, ... of the next token."""
        out.line("best, kind = -inf, -1")
        self._write_gather(out, 0)
        for number, (name, kind) in enumerate(self.network.vocabulary.kinds.items()):
            out.comment(*self._because(out, name, kind))
            parts = [self._kind_logit(out, kind, residual)]
            parts += [self._write_field(out, field, f"{number}_{i}", residual) for i, field in enumerate(kind.fields)]
            out.line(f"score = {_summed(parts)}")
            with out.block("if score > best:"):
                out.line(f"best, kind = score, {number}")
        with out.block("if kind < 0:"):  # no score is a number
            out.lines("status = VIOLATED\nbreak")
        self._write_rows(out)

    def _because(self, out: Writer, name: str, kind: Kind) -> list[str]:
        """What can be said of the logits of a kind."""
        rows = [kind.row, *(row for field in kind.fields for row in range(field.first, field.rows.stop))]
        because = out.comments.logits(rows, len(self.network.scalar))
        return [f"The logit of {name}", *because]

    def _write_rows(self, out: Writer) -> None:
        width = self.network.vocabulary.width
        for number, (name, kind) in enumerate(self.network.vocabulary.kinds.items()):
            rows = [str(kind.row)] + [
                f"a{number}_{i}" if self._is_read(field) else str(field.first) for i, field in enumerate(kind.fields)
            ]
            rows += ["0"] * (width - len(rows))
            with out.block(f"{'if' if number == 0 else 'elif'} kind == {number}:"):
                out.comment(name)
                for i, row in enumerate(rows):
                    out.line(f"r{i} = {row}")

    def _is_read(self, field: Field) -> bool:
        return bool(self.network.weights.unembed.matrix[:, field.rows].any())

    def _kind_logit(self, out: Writer, kind: Kind, residual: Residual) -> str:
        logit = self._scalar_logit(out, kind.row, residual)
        return f"({logit}{self._wide_part(out, kind.row)})"

    def _scalar_logit(self, out: Writer, row: int, residual: Residual) -> str:
        weights = self.network.weights.unembed.matrix[:, row]
        return out.weighted((float(weights[d]), residual[d]) for d in np.flatnonzero(weights).tolist() if d in residual)

    def _wide_part(self, out: Writer, row: int) -> str:
        """The contributions to a row by itself; they must have been gathered."""
        return (
            f" + (wide.wide[{row}] if wide.marked[{row}] == position else {out.literal(0)})"
            if self.reached[row]
            else ""
        )

    def _write_gather(self, out: Writer, group: int) -> None:
        """Add up the contributions to each row of a group."""
        noted = f"noted{group}"
        with out.block(f"if n{group} > 0:"):
            out.line(f"gather(n{group}, {noted}.rows, {noted}.values, wide.wide, wide.marked, position)")

    def _write_field(self, out: Writer, field: Field, name: str, residual: Residual) -> str:
        """Write the field's largest logit and its row as l{name} and a{name}; return the logit."""
        if not self._is_read(field):
            return out.literal(0)
        if field.first in self._common:
            self._write_wide(out, field, name, residual)
        else:
            self._write_tournament(out, field, name, residual)
        return f"l{name}"

    def _write_tournament(self, out: Writer, field: Field, name: str, residual: Residual) -> None:
        """Compare the rows' logits in pairs, then the larger ones in pairs, ...; the earlier row wins a tie."""
        left = [f"{name}_{row}" for row in range(field.first, field.rows.stop)]
        for i, row in enumerate(range(field.first, field.rows.stop)):
            out.line(f"l{left[i]}, a{left[i]} = {self._scalar_logit(out, row, residual)}, {integer(row)}")
        while len(left) > 1:
            winners = []
            for one, two in zip(left[::2], left[1::2], strict=False):
                winners.append(f"{one}x")
                out.line(f"l{one}x, a{one}x = larger(l{one}, a{one}, l{two}, a{two})")
            left = winners + left[2 * len(winners) :]
        out.line(f"l{name}, a{name} = l{left[0]}, a{left[0]}")

    def _write_wide(self, out: Writer, field: Field, name: str, residual: Residual) -> None:
        """The rows that something was noted for, the first of the others, and those that are special."""
        specials = [row for row in range(field.first, field.rows.stop) if self.special[row]]
        shared = [(w, residual[d]) for w, d in self._common[field.first] if d in residual]
        choose = "likeliest_gathered" if specials else "likeliest_row"
        group = self.group[field.first]
        where = f"noted{group}, n{group}, row{group}, value{group}, wide, {out.weighted(shared)}"
        where += f", {integer(field.first)}, {integer(field.rows.stop)}"
        choice = f"{choose}({where}, position)"
        for row in specials:
            out.line(f"l{name}_{row}, a{name}_{row} = {choice}")
            value = self._scalar_logit(out, row, residual) + self._wide_part(out, row)
            choice = f"earlier(l{name}_{row}, a{name}_{row}, {value}, {integer(row)})"
        out.line(f"l{name}, a{name} = {choice}")

    # -- all logits, to draw from ------------------------------------------------------------------------------------

    def write_logits(self, out: Writer, residual: Residual) -> None:
        """Write the logit of every row into `logits`."""
        for group in range(len(self.room)):
            self._write_gather(out, group)
        for name, kind in self.network.vocabulary.kinds.items():
            out.comment(*self._because(out, name, kind))
            out.line(f"logits[{kind.row}] = {self._kind_logit(out, kind, residual)}")
            for field in kind.fields:
                if self._is_read(field):
                    self._write_field_logits(out, field, residual)

    def _write_field_logits(self, out: Writer, field: Field, residual: Residual) -> None:
        rows = range(field.first, field.rows.stop)
        if field.first in self._common:
            shared = [(w, residual[d]) for w, d in self._common[field.first] if d in residual]
            out.line(f"base = {out.weighted(shared)}")
            with out.block(f"for u in range({field.first}, {field.rows.stop}):"):
                out.line(f"logits[u] = base + {_wide(out, 'u')}")
            rows_alone = [row for row in rows if self.special[row]]
        else:
            rows_alone = list(rows)
        for row in rows_alone:
            out.line(f"logits[{row}] = {self._scalar_logit(out, row, residual)}{self._wide_part(out, row)}")


def _wide(out: Writer, row: str) -> str:
    """What was gathered for a row."""
    return f"(wide.wide[{row}] if wide.marked[{row}] == position else {out.literal(0)})"


def _summed(parts: list[str]) -> str:
    """The sum in the order in which numpy adds: one after the other; eight at a time where there are eight."""
    if len(parts) < 8:
        return " + ".join(part for part in parts if part not in ("0.0", "f32(0.0)"))
    whole = len(parts) - len(parts) % 8
    runs = ["(" + " + ".join(parts[i:whole:8]) + ")" for i in range(8)]
    pairs = [f"({runs[i]} + {runs[i + 1]})" for i in range(0, 8, 2)]
    return " + ".join([f"(({pairs[0]} + {pairs[1]}) + ({pairs[2]} + {pairs[3]}))", *parts[whole:]])

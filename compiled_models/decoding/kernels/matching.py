"""A head with finitely many keys in a kernel: which keys match the query?

The keys are data, and sparse. For every channel there is a list of the keys that are not 0 in it. Only keys in the
lists of channels in which the query is not 0 can score other than 0. Short lists are gone through; the long ones only
if the best key found does not lead anything that they could hold by the gap that makes the rest of the softmax weigh
less than SKIP. What is short is found out as the kernel runs.
"""

from __future__ import annotations

import numpy as np

from compiled_models.decoding.kernels.embedding import Residual
from compiled_models.decoding.kernels.feed_forward import column
from compiled_models.decoding.kernels.key_index import KeyIndex
from compiled_models.decoding.kernels.lists import joined, links, starts
from compiled_models.decoding.kernels.one_key import write_output
from compiled_models.decoding.kernels.parabola import largest_value
from compiled_models.decoding.kernels.plan import Head, Plan
from compiled_models.decoding.kernels.read_out import ReadOut
from compiled_models.decoding.kernels.writer import Writer
from compiled_models.decoding.weights import Flags

__all__ = ["MatchingHead"]


class MatchingHead:
    """One head with finitely many keys."""

    def __init__(self, head: Head, plan: Plan, number: int, read_out: ReadOut) -> None:
        self.head, self.name, self.number, self.plan, self.read_out = head, head.name, number, plan, read_out
        self.match, self.channels = head.weights.key.matrix.shape[1], head.weights.value.matrix.shape[1]
        self.index = KeyIndex(self.match, self.channels)
        self.largest = largest_value(head, plan)
        self.followed: list[str] = []  # the variables that hold the rows with lists
        self._link()

    def _link(self) -> None:
        """The weights on wide directions: from rows of the vocabulary to query channels, from value channels to logits."""
        weights, plan, dtype = self.head.weights, self.plan, self.plan.weights.dtype
        wide = ~plan.scalar
        rows, channels, first, second = joined(links(np.where(wide, plan.weights.embed, 0)), links(weights.query.matrix))
        self.queried: Flags = np.zeros(len(plan.weights.embed), dtype=bool)
        self.queried[rows] = True
        self._static = {
            "row_start": starts(rows, len(self.queried)),
            "row_channel": channels,
            "row_embed": first.astype(dtype),
            "row_query": second.astype(dtype),
            "query": np.zeros(self.match),
            "active": np.zeros(self.match + 1, dtype=np.int64),
            "output": np.zeros(self.channels, dtype),
            "sums": np.zeros(self.channels),
        }
        outward = np.where(wide, weights.out.matrix, 0)
        values, logits, out, onward = joined(links(outward), links(plan.weights.unembed.matrix))
        self.groups = sorted(set(self.read_out.group[logits].tolist()))
        for group in self.groups:
            there = self.read_out.group[logits] == group
            self.read_out.allow(group, int(there.sum()))
            self._static |= {
                f"to{group}_start": starts(values[there], self.channels),
                f"to{group}_row": logits[there],
                f"to{group}_out": out[there].astype(dtype),
                f"to{group}_unembed": onward[there].astype(dtype),
            }

    def arrays(self) -> dict[str, np.ndarray]:
        """What the source refers to."""
        every = self._static | self.index.arrays()
        return {f"{self.name}_{name}": array for name, array in every.items()}

    # -- source ------------------------------------------------------------------------------------------------------

    def write_start(self, out: Writer) -> None:
        """Load what is known of the lists' lengths."""
        h = self.name
        out.line(f"{h}_gap, {h}_short, {h}_searches, {h}_failures = gaps[{self.number}], {h}_limit[0], 0, 0")

    def write_answer(self, out: Writer, before: Residual, after: Residual, undo: list[str]) -> Residual:
        """Find the matching keys and write the head's output; return the scalar variables afterwards."""
        h = self.name
        out.line(f"{h}_n = 0")
        for row in self.followed:
            self._write_row_query(out, row)
        for c in range(self.match):
            if terms := column(self.head.weights.query, c, before):
                out.line(f"amount = f64({out.weighted(terms)})")
                with out.block("if amount != 0.0:"):
                    self._write_activate(out, str(c), "amount")
        self._write_search(out)
        with out.block(f"for i in range({h}_n):"):
            out.line(f"{h}_query[{h}_active[i]] = 0.0")
        with out.block(f"if not ({h}_best - {h}_bound >= {h}_gap):"):
            out.lines("\n".join([*undo, "status = VIOLATED", "break"]))
        outputs = self._scalar_outputs()
        with out.block(f"if {h}_best - {h}_next >= {h}_gap:"):
            self._write_one(out, bool(outputs))
        with out.block("else:"):
            self._write_several(out, bool(outputs))
        for v, name in outputs.items():
            out.line(f"{name} = {h}_output[{v}]")
            out.line(f"{h}_output[{v}] = 0.0")
        return write_output(out, self.head, outputs, after, self.plan.scalar)

    def _scalar_outputs(self) -> Residual:
        """The value channels that write a scalar direction, each with its variable."""
        written = (self.head.weights.out.matrix[:, self.plan.scalar] != 0).any(1)
        return {int(v): f"{self.name}_o{v}" for v in np.flatnonzero(written)}

    def _write_activate(self, out: Writer, channel: str, value: str) -> None:
        """Add to a query channel; remember that it is not 0."""
        h = self.name
        with out.block(f"if {h}_query[{channel}] == 0.0:"):
            out.line(f"{h}_active[{h}_n] = {channel}")
            out.line(f"{h}_n += 1")
        out.line(f"{h}_query[{channel}] += {value}")

    def _write_row_query(self, out: Writer, row: str) -> None:
        h = self.name
        with out.block(f"for i in range({h}_row_start[{row}], {h}_row_start[{row} + 1]):"):
            out.line(f"c = {h}_row_channel[i]")
            self._write_activate(out, "c", f"{h}_row_embed[i] * {h}_row_query[i]")

    def _write_search(self, out: Writer) -> None:
        """Go through the short lists, and through the long ones if they may matter."""
        h = self.name
        out.lines(f"{h}_best, {h}_next, {h}_top, {h}_found, {h}_bound = -inf, -inf, 0, 0, 0.0")
        with out.block(f"for i in range({h}_n):"):
            out.line(f"c = {h}_active[i]")
            with out.block(f"if {h}_length[c] <= {h}_short:"):
                self._write_list(out)
            with out.block("else:"):
                out.line(f"{h}_bound += max({h}_query[c] * {h}_most[c], {h}_query[c] * {h}_least[c])")
        out.line(f"{h}_searches += 1")
        with out.block(f"if not ({h}_best - {h}_bound >= {h}_gap):"):
            with out.block(f"for i in range({h}_n):"):
                out.line(f"c = {h}_active[i]")
                with out.block(f"if {h}_length[c] > {h}_short:"):
                    self._write_list(out)
            out.line(f"{h}_bound = 0.0")
            out.line(f"{h}_failures += 1")
            with out.block(f"if {h}_failures * 8 > {h}_searches:"):
                out.line(f"{h}_short, {h}_searches, {h}_failures = {h}_longer[{h}_short], 0, 0")
                out.line(f"{h}_limit[0] = {h}_short")

    def _write_list(self, out: Writer) -> None:
        h = self.name
        out.lines(f"""
for at in range({h}_list_start[c], {h}_list_start[c + 1]):
    j = {h}_list_key[at]
    if {h}_seen[j] != position:
        {h}_seen[j] = position
        score = 0.0
        for e in range({h}_key_start[j], {h}_key_start[j + 1]):
            score += {h}_query[{h}_key_channel[e]] * {h}_key_value[e]
        {h}_candidate[{h}_found] = j
        {h}_score[{h}_found] = score
        {h}_found += 1
        if score > {h}_best:
            {h}_next = {h}_best
            {h}_best = score
            {h}_top = j
        elif score > {h}_next:
            {h}_next = score
""")

    def _write_one(self, out: Writer, scalar: bool) -> None:
        """One key has all the weight: its mean value."""
        h = self.name
        if scalar:
            with out.block(f"for i in range({h}_value_start[{h}_top], {h}_value_start[{h}_top + 1]):"):
                mean = out.rounded(f"{h}_value_sum[i] / {h}_count[{h}_top]")
                out.line(f"{h}_output[{h}_value_channel[i]] = {mean}")
        for group in self.groups:
            with out.block(f"for i in range({h}_value_start[{h}_top], {h}_value_start[{h}_top + 1]):"):
                out.line(f"c = {h}_value_channel[i]")
                out.line(f"mean = {out.rounded(f'{h}_value_sum[i] / {h}_count[{h}_top]')}")
                self._write_landing(out, group)

    def _write_landing(self, out: Writer, group: int) -> None:
        """What the mean of value channel c adds to the logits of a group of rows."""
        h = self.name
        with out.block(f"for e in range({h}_to{group}_start[c], {h}_to{group}_start[c + 1]):"):
            value = f"mean * {h}_to{group}_out[e] * {h}_to{group}_unembed[e]"
            self.read_out.write_landing(out, group, f"{h}_to{group}_row[e]", value)

    def _write_several(self, out: Writer, scalar: bool) -> None:
        """Several keys share the weight: the softmax over them."""
        h = self.name
        out.line("total = 0.0")
        with out.block(f"for m in range({h}_found):"):
            out.line(f"amount = math.exp({h}_score[m] - {h}_best)")
            out.line(f"j = {h}_candidate[m]")
            out.line(f"total += amount * {h}_count[j]")
            with out.block(f"for i in range({h}_value_start[j], {h}_value_start[j + 1]):"):
                out.line(f"{h}_sums[{h}_value_channel[i]] += amount * {h}_value_sum[i]")
        with out.block(f"for m in range({h}_found):"):
            out.line(f"j = {h}_candidate[m]")
            with out.block(f"for i in range({h}_value_start[j], {h}_value_start[j + 1]):"):
                out.line(f"c = {h}_value_channel[i]")
                with out.block(f"if {h}_sums[c] != 0.0:"):
                    out.line(f"mean = {out.rounded(f'{h}_sums[c] / total')}")
                    out.line(f"{h}_sums[c] = 0.0")
                    if scalar:
                        out.line(f"{h}_output[c] = mean")
                    for group in self.groups:
                        self._write_landing(out, group)

"""A head with finitely many keys in a kernel: which keys match the query?

The keys are data, and sparse. For every channel there is a list of the keys that are not 0 in it. Only keys in the
lists of channels in which the query is not 0 can score other than 0. Those in lists that a token's rows lead to are
looked at, and those in very short lists; the others only if the best key found does not lead anything that they could
score by the gap that makes the rest of the softmax weigh less than SKIP.
"""

from __future__ import annotations

import numpy as np

from compiled_models.decoding.entries import Entries
from compiled_models.decoding.kernels.embedding import Residual
from compiled_models.decoding.kernels.feed_forward import column
from compiled_models.decoding.kernels.key_index import KeyIndex
from compiled_models.decoding.kernels.lists import Links, joined, links, lists
from compiled_models.decoding.kernels.one_key import write_output
from compiled_models.decoding.kernels.parabola import largest_value
from compiled_models.decoding.kernels.plan import Head, Plan, Unsupported
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
        self._onward: dict[int, tuple[Links, np.ndarray]] = {}  # by group: value channel to row, W_O and then W_U
        self._link()
        self.take(self.index.entries)

    def _link(self) -> None:
        """The weights on wide directions: from rows of the vocabulary to queries, from values to logits."""
        weights, plan, dtype = self.head.weights, self.plan, self.plan.weights.dtype
        wide = ~plan.scalar
        rows, channels, first, second = joined(
            links(np.where(wide, plan.weights.embed, 0)), links(weights.query.matrix)
        )
        self.queried: Flags = np.zeros(len(plan.weights.embed), dtype=bool)
        self.queried[rows] = True
        self.by_scalars: Flags = np.asarray(weights.query.matrix[plan.scalar].any(0))
        if self.by_scalars[channels].any():
            raise Unsupported(f"{self.name} has a query channel that reads scalar and wide directions")
        self.row_channels = Links(rows, channels, first)
        made = lists(rows, len(self.queried), channels, embed=first.astype(dtype), query=second.astype(dtype))
        self._static = {
            **{f"row_{name}": array for name, array in made.items()},
            "query": np.zeros(self.match),
            "output": np.zeros(self.channels, dtype),
            "sums": np.zeros(self.channels),
        }
        outward = np.where(wide, weights.out.matrix, 0)
        values, logits, out, onward = joined(links(outward), links(plan.weights.unembed.matrix))
        self.groups = sorted(set(self.read_out.group[logits].tolist()))
        for group in self.groups:
            there = self.read_out.group[logits] == group
            self.read_out.allow(group, int(there.sum()))
            self._onward[group] = Links(values[there], logits[there], out[there]), onward[there]
            parts = {"out": out[there].astype(dtype), "unembed": onward[there].astype(dtype)}
            made = lists(values[there], self.channels, logits[there], **parts)
            self._static |= {f"to{group}_{name}": array for name, array in made.items()}

    def take(self, entries: Entries) -> None:
        """Search these entries from now on."""
        rows, at_once = len(self.queried), len(self.followed)
        self.index.take(entries, self.by_scalars, self.row_channels, rows=rows, at_once=at_once)
        dtype = self.plan.weights.dtype
        for group, (onward, weights) in self._onward.items():
            keys, logits, sums, out = joined(self.index.values, onward)
            *_, unembed = joined(self.index.values, onward._replace(weights=weights))
            parts = {"sum": sums, "out": out.astype(dtype), "unembed": unembed.astype(dtype)}
            made = lists(keys, len(entries.counts), logits, **parts)
            self._static |= {f"key{group}_{name}": array for name, array in made.items()}

    def arrays(self) -> dict[str, np.ndarray]:
        """What the source refers to."""
        every = self._static | self.index.arrays()
        return {f"{self.name}_{name}": array for name, array in every.items()}

    # -- source ------------------------------------------------------------------------------------------------------

    def write_start(self, out: Writer) -> None:
        """Load what stays the same from token to token."""
        h = self.name
        out.line(f"{h}_gap, {h}_overlap, {h}_stamp = gaps[{self.number}], {h}_overlaps[0], {h}_overlaps[1]")

    def write_answer(self, out: Writer, before: Residual, after: Residual) -> Residual:
        """Find the matching keys and write the head's output; return the scalar variables afterwards."""
        h = self.name
        out.line(f"{h}_bound = 0.0")
        for c in range(self.match):
            if terms := column(self.head.weights.query, c, before):
                out.line(f"amount = f64({out.weighted(terms)})")
                out.line(f"{h}_query[{c}] = amount")
                with out.block("if amount != 0.0:"):
                    out.line(f"{h}_bound += max(amount * {h}_most[{c}], amount * {h}_least[{c}])")
        for row in self.followed:
            self._write_row_query(out, row)
        self._write_search(out)
        with out.block(f"if not ({h}_best - {h}_bound >= {h}_gap):"):
            out.lines("status = VIOLATED\nbreak")
        outputs = self._scalar_outputs()
        with out.block(f"if {h}_best - {h}_next >= {h}_gap:"):
            self._write_one(out, bool(outputs))
        with out.block("else:"):
            self._write_several(out, bool(outputs))
        for row in self.followed:
            with out.list(f"{h}_row", row, "e", "c"):
                out.line(f"{h}_query[c] = 0.0")
        for v, name in outputs.items():
            out.line(f"{name} = {h}_output[{v}]")
            out.line(f"{h}_output[{v}] = 0.0")
        return write_output(out, self.head, outputs, after, self.plan.scalar)

    def _write_row_query(self, out: Writer, row: str) -> None:
        """Add what a row's wide directions ask for."""
        h = self.name
        with out.list(f"{h}_row", row, "e", "c"):
            out.line(f"{h}_query[c] += {h}_row_embed[e] * {h}_row_query[e]")

    def _write_search(self, out: Writer) -> None:
        """Find the best key, the next best score, and a bound on the keys that were not looked at."""
        h = self.name
        out.line(f"{h}_best, {h}_next, {h}_top, {h}_found = -inf, -inf, 0, 0")
        with out.block(f"if {h}_overlap:"):
            out.line(f"{h}_stamp += 1")
        out.line("i = 0")
        out.line(f"j = {h}_always[0]")
        with out.block("while j >= 0:"):
            self._write_look(out)
            out.line("i += 1")
            out.line(f"j = {h}_always[i]")
        for row in self.followed:
            with out.list(f"{h}_led", row, "i", "j"):
                self._write_look(out)
        with out.block(f"if not ({h}_best - {h}_bound >= {h}_gap):"):
            out.line(f"{h}_bound = 0.0")
            keys = ", ".join(f"{h}_{part}" for part in ("query", "key_start", "key_target", "key_amount"))
            out.line(f"{h}_found = len({h}_count)")
            out.line(f"{h}_best, {h}_next, {h}_top = all_scores({keys}, {h}_candidate, {h}_score)")

    def _write_look(self, out: Writer) -> None:
        """Score key j, unless it is met for the second time."""
        h = self.name
        with out.block(f"if {h}_overlap == 0 or {h}_seen[j] != {h}_stamp:"):
            with out.block(f"if {h}_overlap:"):
                out.line(f"{h}_seen[j] = {h}_stamp")
            out.line("score = 0.0")
            with out.list(f"{h}_key", "j", "e", "c"):
                out.line(f"score += {h}_query[c] * {h}_key_amount[e]")
            out.lines(f"""
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

    def routines(self) -> dict[str, str]:
        """The functions that score keys."""
        return {"scores": SCORES}

    def write_memory(self, out: Writer, residual: Residual) -> None:
        """Nothing: a generated token with a key of its own is not taken in, the others are all the same."""

    def write_commit(self, out: Writer) -> None:
        """Nothing changes from token to token."""

    def write_end(self, out: Writer) -> None:
        """Save the stamp: no earlier search must be taken for a later one."""
        out.line(f"{self.name}_overlaps[1] = {self.name}_stamp")

    def _scalar_outputs(self) -> Residual:
        """The value channels that write a scalar direction, each with its variable."""
        written = (self.head.weights.out.matrix[:, self.plan.scalar] != 0).any(1)
        return {int(v): f"{self.name}_o{v}" for v in np.flatnonzero(written)}

    def _write_one(self, out: Writer, scalar: bool) -> None:
        """One key has all the weight: its mean value."""
        h = self.name
        if scalar:
            with out.list(f"{h}_value", f"{h}_top", "e", "c"):
                out.line(f"{h}_output[c] = {out.rounded(f'{h}_value_sum[e] / {h}_count[{h}_top]')}")
        for group in self.groups:
            k = f"{h}_key{group}"
            with out.list(k, f"{h}_top", "e", "c"):
                out.line(f"mean = {out.rounded(f'{k}_sum[e] / {h}_count[{h}_top]')}")
                self.read_out.write_landing(out, group, "c", f"mean * {k}_out[e] * {k}_unembed[e]")

    def _write_several(self, out: Writer, scalar: bool) -> None:
        """Several keys share the weight: the softmax over them."""
        h = self.name
        values = ", ".join(f"{h}_{part}" for part in ("value_start", "value_target", "value_sum", "count", "sums"))
        out.line(f"total = shared({h}_best, {h}_found, {h}_candidate, {h}_score, {values})")
        with out.block(f"for m in range({h}_found):"):
            out.line(f"j = {h}_candidate[m]")
            with out.list(f"{h}_value", "j", "i", "c"), out.block(f"if {h}_sums[c] != 0.0:"):
                out.line(f"mean = {out.rounded(f'{h}_sums[c] / total')}")
                out.line(f"{h}_sums[c] = 0.0")
                if scalar:
                    out.line(f"{h}_output[c] = mean")
                for group in self.groups:
                    self._write_landing(out, group)

    def _write_landing(self, out: Writer, group: int) -> None:
        """What the mean of value channel c adds to the logits of a group of rows."""
        to = f"{self.name}_to{group}"
        with out.list(to, "c", "e", "u"):
            self.read_out.write_landing(out, group, "u", f"mean * {to}_out[e] * {to}_unembed[e]")


SCORES = '''
@njit(cache=True)
def all_scores(query, key_start, key_target, key_amount, candidate, score):
    """Score all keys; return the best score, the next best, and the key with the best."""
    best, following, top = -inf, -inf, 0
    for j in range(len(key_start)):
        candidate[j], this = j, 0.0
        e = key_start[j]
        while key_target[e] >= 0:
            this += query[key_target[e]] * key_amount[e]
            e += 1
        score[j] = this
        if this > best:
            best, following, top = this, best, j
        elif this > following:
            following = this
    return best, following, top


@njit(cache=True)
def shared(best, found, candidate, score, value_start, value_target, value_sum, count, sums):
    """Add up the values of the keys found, by their weights; return the weight of all tokens."""
    total = 0.0
    for m in range(found):
        j, weight = candidate[m], math.exp(score[m] - best)
        total += weight * count[j]
        e = value_start[j]
        while value_target[e] >= 0:
            sums[value_target[e]] += weight * value_sum[e]
            e += 1
    return total
'''

"""A head with finitely many keys in a kernel: which keys match the query?

The keys are data, and sparse; `KeyIndex` finds those with something in every channel that the query asks for. The
others are looked at only if the best key found does not lead what they could score at most by the gap that makes the
rest of the softmax weigh less than SKIP.
"""

from __future__ import annotations

import numpy as np

from compiled_models.decoding.entries import Entries
from compiled_models.decoding.kernels.embedding import Residual
from compiled_models.decoding.kernels.feed_forward import column
from compiled_models.decoding.kernels.key_index import CHANNEL_BITS, KeyIndex
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
        if np.asarray(weights.query.matrix[plan.scalar].any(0))[channels].any():
            raise Unsupported(f"{self.name} has a query channel that reads scalar and wide directions")
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
        self.index.take(entries)
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
        out.line(f"{h}_gap, {h}_channels, {h}_mask = gaps[{self.number}], {h}_usual[0], len({h}_set_key) - 1")

    def write_answer(self, out: Writer, before: Residual, after: Residual) -> Residual:
        """Find the matching keys and write the head's output; return the scalar variables afterwards."""
        h = self.name
        out.line(f"{h}_set, {h}_total, {h}_smallest = 0, 0.0, inf")
        for c in range(self.match):
            if terms := column(self.head.weights.query, c, before):
                out.line(f"amount = f64({out.weighted(terms)})")
                out.line(f"{h}_query[{c}] = amount")
                with out.block("if amount != 0.0:"):
                    self._write_ask(out, str(c))
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

    def _write_ask(self, out: Writer, channel: str) -> None:
        """Note that the query asks for `amount` in a channel: in the set, and in the most that a key could score."""
        h = self.name
        out.line(f"{h}_set += {h}_mark[{channel}]")
        out.line(f"share = max(amount * {h}_most[{channel}], amount * {h}_least[{channel}])")
        with out.block(f"if {h}_mark[{channel}] != 0:"):
            out.line(f"{h}_total += share")
            with out.block(f"if share < {h}_smallest:"):
                out.line(f"{h}_smallest = share")

    def _write_row_query(self, out: Writer, row: str) -> None:
        """Add what a row's wide directions ask for; a channel that is asked in twice makes the set useless."""
        h = self.name
        with out.list(f"{h}_row", row, "e", "c"):
            with out.block(f"if {h}_query[c] != 0.0:"):
                out.line(f"{h}_total = inf")
            out.line(f"amount = f64({h}_row_embed[e] * {h}_row_query[e])")
            out.line(f"{h}_query[c] += amount")
            self._write_ask(out, "c")

    def _write_search(self, out: Writer) -> None:
        """Find the best key, the next best score, and a bound on the keys that were not looked at."""
        h = self.name
        out.line(f"{h}_best, {h}_next, {h}_top, {h}_found, i = -inf, -inf, 0, 0, 0")
        out.line(f"j = {h}_always[0]")
        with out.block("while j >= 0:"):
            self._write_look(out)
            out.line("i += 1")
            out.line(f"j = {h}_always[i]")
        out.line(f"i = ({h}_set ^ ({h}_set >> 20)) & {h}_mask")
        with out.block(f"while {h}_set_mark[i] >= 0:"):
            with out.block(f"if {h}_set_mark[i] == {h}_set:"):
                out.line(f"j = {h}_set_key[i]")
                self._write_look(out)
            out.line(f"i = (i + 1) & {h}_mask")
        out.line(f"{h}_bound = {h}_total - {h}_smallest if {h}_total > {h}_smallest else 0.0")
        out.line(f"enough = {h}_set >> {CHANNEL_BITS} >= {h}_channels and {h}_total < inf")
        with out.block(f"if not ({h}_best - {h}_bound >= {h}_gap and enough):"):
            out.line(f"{h}_bound = 0.0")
            keys = ", ".join(f"{h}_{part}" for part in ("query", "key_start", "key_target", "key_amount"))
            out.line(f"{h}_found = len({h}_count)")
            out.line(f"{h}_best, {h}_next, {h}_top = all_scores({keys}, {h}_candidate, {h}_score)")

    def _write_look(self, out: Writer) -> None:
        """Score key j."""
        h = self.name
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
        """The functions for what happens seldom."""
        return {"scores": SCORES}

    def write_memory(self, out: Writer, residual: Residual) -> None:
        """Nothing: a generated token with a key of its own is not taken in, the others are all the same."""

    def write_commit(self, out: Writer) -> None:
        """Nothing changes from token to token."""

    def write_end(self, out: Writer) -> None:
        """Nothing to save."""

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

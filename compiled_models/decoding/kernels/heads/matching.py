"""A head with finitely many keys in a kernel: which keys match the query?

The keys are data, and sparse; `KeyIndex` finds those with something in every channel that the query asks for. The
others are looked at only if the best key found does not lead what they could score at most by the gap that makes the
rest of the softmax weigh less than SKIP.
"""

from __future__ import annotations

import numpy as np

from compiled_models.decoding.entries import Entries, EntryTable
from compiled_models.decoding.kernels.emit.read_out import ReadOut
from compiled_models.decoding.kernels.emit.residual_stream import Residual, column
from compiled_models.decoding.kernels.emit.writer import Writer, integer
from compiled_models.decoding.kernels.heads.head import KernelHead
from compiled_models.decoding.kernels.heads.key_index import KeyIndex
from compiled_models.decoding.kernels.recognise import RecognisedHead, RecognisedNetwork, Unsupported
from compiled_models.decoding.kernels.routines import Arrays
from compiled_models.decoding.kernels.routines.logits import Landing
from compiled_models.decoding.kernels.routines.rows import TokenKeys
from compiled_models.decoding.kernels.routines.search import Keys
from compiled_models.decoding.kernels.sparse import Links, joined, links, lists
from compiled_models.decoding.weights import Flags
from construction.vocabulary import Tokens

__all__ = ["MatchingHead"]


class MatchingHead(KernelHead):
    """One head with finitely many keys."""

    def __init__(self, recognised: RecognisedHead, network: RecognisedNetwork, number: int, read_out: ReadOut) -> None:
        super().__init__(recognised, network, number, read_out)
        self.index = KeyIndex(self.match, self.channels)
        self.largest = self.largest_value()
        self.fixed = recognised.weights.key.read | recognised.weights.value.read
        self._keys, self._values = (
            self.of_rows(recognised.weights.key),
            self.of_rows(recognised.weights.value),
        )  # [r c], [r v]
        self._onward: dict[int, Links] = {}  # by group: from value channels to rows
        self._landing: dict[str, Landing] = {}
        self._link()
        self._search_in(self.index.entries)

    def _link(self) -> None:
        """The weights on wide directions: from rows of the vocabulary to queries, from values to logits."""
        weights, network, wide = self.recognised.weights, self.network, ~self.network.scalar
        self._asks = joined(links(np.where(wide, network.weights.embed, 0)), links(weights.query.matrix))
        self.queried[self._asks.sources] = True
        if np.asarray(weights.query.matrix[network.scalar].any(0))[self._asks.targets].any():
            raise Unsupported(f"{self.name} has a query channel that reads scalar and wide directions")
        self._fixed = {
            "query": np.zeros(self.match),
            "touched": np.zeros(self.channels, dtype=np.int64),
            "output": np.zeros(self.channels, network.weights.dtype),
            "sums": np.zeros(self.channels),
        }
        onward = joined(links(np.where(wide, weights.out.matrix, 0)), links(network.weights.unembed.matrix))
        self.groups = sorted(set(self.read_out.group[onward.targets].tolist()))
        for group in self.groups:
            self._onward[group] = onward.of(self.read_out.group[onward.targets] == group)
            self.read_out.allow(group, len(self._onward[group].sources))
            self._landing[f"{self.name}_to{group}"] = Landing(*lists(self._onward[group], self.channels))

    # -- source ------------------------------------------------------------------------------------------------------

    def write_answer(self, out: Writer, before: Residual, after: Residual) -> Residual:
        """Find the matching keys and write the head's output; return the scalar variables afterwards."""
        h = self.name
        out.comment(f"{self.title(out)}: which of the prompt's keys fit the query?")
        variables = self._write_query(out, before)
        results = ", ".join(f"{h}_{name}" for name in ("best", "next", "top", "found", "bound"))
        out.line(f"{results} = search({h}, {variables}, {h}_gap)")
        with out.block(f"if not {h}_best - {h}_bound >= {h}_gap:"):
            out.lines("status = VIOLATED\nbreak")
        outputs = self._scalar_outputs()
        self._write_mean(out, bool(outputs))
        for row in self.followed:
            out.line(f"forget_row({h}, {row})")
        for v, name in outputs.items():
            out.line(f"{name} = {h}.output[{v}]")
        out.line(f"forget_means({h}, {h}_touched)")
        return self.write_output(out, outputs, after)

    def _write_query(self, out: Writer, before: Residual) -> str:
        """Ask in every channel; return the variables that hold what was asked for."""
        h, query = self.name, self.recognised.weights.query
        terms = {c: column(query, c, before) for c in range(self.match)}
        self.comment_channels(out, "W_Q", range(self.match))
        asks = [f"ask({h}, {integer(c)}, f64({out.weighted(read)})" for c, read in terms.items() if read]
        asks += [f"ask_row({h}, {row}" for row in self.followed]
        variables = f"{integer(0)}, 0.0, inf"
        for number, ask in enumerate(asks):
            names = ", ".join(f"{h}_{name}{number}" for name in ("asked", "total", "smallest"))
            out.line(f"{names} = {ask}, {variables})")
            variables = names
        return variables

    def _write_mean(self, out: Writer, scalar: bool) -> None:
        """Of one key that has all the weight the mean value, else the softmax over those that were found."""
        h = self.name
        with out.block(f"if {h}_best - {h}_next >= {h}_gap:"):
            out.comment("One key has all the weight: what its mean value adds to logits is known")
            out.line(f"{h}_touched = {f'spread_key({h}, {h}_top)' if scalar else '0'}")
            for group in self.groups:
                self.read_out.write_note(out, group, f"land({h}_key{group}", f"{h}_top")
        with out.block("else:"):
            out.comment("The softmax over the keys that were looked at")
            names = (
                "candidate",
                "score",
                "counts",
                "value_start",
                "value_target",
                "value_weight",
                "sums",
                "touched",
                "output",
            )
            where = ", ".join(f"{h}.{name}" for name in names)
            out.line(f"{h}_touched = spread_all({h}_best, {h}_found, {where})")
            for group in self.groups:
                self.read_out.write_note(out, group, f"land_means({h}_to{group}", f"{h}, {h}_touched")

    def _scalar_outputs(self) -> Residual:
        """The value channels that write a scalar direction, each with its variable."""
        channels = (self.recognised.weights.out.matrix[:, self.network.scalar] != 0).any(1)
        return {int(v): f"{self.name}_o{v}" for v in np.flatnonzero(channels)}

    def write_row(self, out: Writer) -> None:
        """Have the keys of this row's tokens, and what their values add to logits."""
        h = self.name
        with out.block(f"if not show({h}, {h}_of, tokens, first, last):"):
            out.line("status = VIOLATED")
        for group in self.groups:
            with out.block("for i in range(first, last):"):
                out.line(f"{h}_key{group}.start[{h}_of.number[tokens[i]]] = {h}_lands{group}[tokens[i]]")

    # -- data --------------------------------------------------------------------------------------------------------

    def arrays(self) -> dict[str, Arrays]:
        """The keys and values, their index, and what each key's mean value adds to logits."""
        return {self.name: Keys(**self._fixed, **self.index.arrays()), **self._landing}

    def take_over(self, entries: Entries | None, pending: Tokens) -> bool:
        """Search from now on in what these entries and the pending tokens have merged into: always possible."""
        self._search_in(self._merged(entries, pending))
        return True

    def entries(self, length: int) -> Entries:
        """Those searched; generated tokens, which add neither key nor value, are counted under the key of zeros."""
        entries = self.index.entries
        generated = length - int(entries.counts.sum())
        if not generated:
            return entries
        keys, sums, counts = entries.copy()
        if len(zero := np.flatnonzero(~keys.any(1))):
            counts[zero[0]] += generated
            return Entries(keys, sums, counts)
        keys = np.concatenate([keys, np.zeros((1, keys.shape[1]), keys.dtype)])
        return Entries(keys, np.concatenate([sums, np.zeros((1, sums.shape[1]))]), np.append(counts, float(generated)))

    def _search_in(self, entries: Entries) -> None:
        """Search these entries from now on."""
        self.index.take(entries)
        means = links((entries.sums / entries.counts[:, None]).astype(self.network.weights.dtype))
        for group, onward in self._onward.items():
            landing = Landing(*lists(joined(means, onward), len(entries.counts)))
            self._landing[f"{self.name}_key{group}"] = landing
        self._fixed |= self.index.asks(self._asks, len(self.queried))

    def take_table(self, table: Tokens) -> dict[str, Arrays] | None:
        """Index the keys of all these tokens; None where one has a value, but the key of zeros, which others share."""
        keys, values = self._keys[table].sum(1), self._values[table].sum(1)  # [n c], [n v]
        bare = ~keys.any(1) & ~values.any(1)
        if (~keys.any(1) & ~bare).any():
            return None
        distinct, number = np.unique(keys + 0.0, axis=0, return_inverse=True)
        size, tokens = len(distinct), len(table)
        self.index.take(Entries(distinct, np.zeros((size, self.channels)), np.zeros(size)))
        index, (value_start, value_target, value_weight) = (
            self.index.arrays(),
            lists(links(values.astype(np.float64)), tokens),
        )
        absent = len(index["key_target"])  # a list of one more channel, in which every query asks for 1
        index |= {
            "key_target": np.append(index["key_target"], [self.match, -1]),
            "key_weight": np.append(index["key_weight"], [-np.inf, 0.0]),
            "value_start": np.zeros(size, dtype=np.int64),
            "value_target": value_target,
            "value_weight": value_weight,
        }
        self._fixed |= self.index.asks(self._asks, len(self.queried)) | {"query": np.append(np.zeros(self.match), 1.0)}
        key_start = np.append(index["key_start"], absent)
        index["key_start"] = key_start[:size].copy()
        of = TokenKeys(number.reshape(-1).astype(np.int64), bare.astype(np.int64), value_start, key_start)
        every: dict[str, Arrays] = {f"{self.name}_of": of}
        for group, onward in self._onward.items():
            start, target, weight = lists(joined(links(values.astype(self.network.weights.dtype)), onward), tokens)
            self._landing[f"{self.name}_key{group}"] = Landing(np.zeros(size, dtype=np.int64), target, weight)
            every[f"{self.name}_lands{group}"] = start
        return every

    def _merged(self, before: Entries | None, tokens: Tokens) -> Entries:
        """The merged entries of `before` and of tokens [n w], whose keys and values are their own."""
        adds: Flags = np.asarray(self._keys.any(1) | self._values.any(1))
        adding = adds[tokens]  # [n w]: of an input of a million cells none adds anything, and nothing has to be sorted
        some = adding.any(1)
        distinct, counts = np.unique(np.where(adding[some], tokens[some], 0), axis=0, return_counts=True)
        if not some.all():
            nothing = np.zeros((1, tokens.shape[1]), dtype=np.int64)
            distinct, counts = np.concatenate([nothing, distinct]), np.append(np.sum(~some), counts)
        table = EntryTable(self.match, self.channels, self.network.weights.dtype)
        rows: dict[bytes, int] = {}
        old = [] if before is None else list(zip(*before, strict=True))
        new = [
            (self._keys[token].sum(0), self._values[token].sum(0).astype(np.float64) * count, count)
            for token, count in zip(distinct, counts, strict=True)
        ]
        for key, total, count in old + new:
            name = (key + 0.0).tobytes()
            if (row := rows.get(name)) is None:
                rows[name] = table.append(key, total, float(count))
            else:
                table.merge(row, total, float(count))
        return table.entries().copy()

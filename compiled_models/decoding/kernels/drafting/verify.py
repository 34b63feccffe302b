"""The source of `verify`: the network's arithmetic at all positions of a draft, in one loop that vectorises."""

from __future__ import annotations

import numpy as np

from compiled_models.decoding.kernels.drafting.drafted_network import BLOCK, NUMBER_BITS, TOKEN_BITS, DraftedNetwork
from compiled_models.decoding.kernels.emit.residual_stream import Residual, column, write_feed_forward
from compiled_models.decoding.kernels.emit.writer import Writer
from compiled_models.decoding.kernels.heads import KernelHead, OneKeyHead, ParabolaHead

__all__ = ["write_verify"]


def write_verify(out: Writer, drafted: DraftedNetwork) -> None:
    """Write the function that says at how many of `size` positions something is not as drafted.

    At each: the running sums lead from one to the next; the token's key is that of the cell it was put into; the query
    asks for the cell looked into, and that cell's key has all the weight; what is read there is what the sum's outcome
    says; and the entry used is that of this situation, and drafts the token that follows.
    """
    weights, divided = drafted.recognised.weights, drafted.divided
    with out.block(f"def verify(size, position, gaps, {drafted.listed}):"):
        out.line(f"wrong, span = i64(0), len(table.stride) // {len(drafted.readers)}")
        for reader, singles in zip(drafted.readers, drafted.singles, strict=True):
            _write_offsets(out, reader, singles)
        with out.block("for i in range(size):"):
            out.lines("""
d = ids[i]
seen = f64(position + i + 1)
t = seen
ok = True
""")
            residual = _write_embedding(out, drafted)
            for number, block in enumerate(weights.blocks[: divided.block + 1]):
                before, after = residual, residual
                for head in drafted.kernel.heads:
                    if head.recognised.block == number:
                        after = _write_head(out, drafted, head, before, after)
                residual = write_feed_forward(out, divided.sample if number == divided.block else block, number, after)
            _write_outcomes(out, drafted, residual)
            _write_entry(out, drafted)
            out.line("wrong += i64(0) if ok else i64(1)")
        out.line("return wrong")


def _write_offsets(out: Writer, head: ParabolaHead, singles: int) -> None:
    """Load the offsets: the usual one, and those with a single key, of which the first answers for empty cells."""
    h, size = head.name, head.offset_size
    out.line(f"{h}_gap = gaps[{head.number}]")
    for j in range(1 + singles):
        out.line(f"{h}_offset = {h}_drafted.usual[{j}]")
        for i in range(size):
            out.line(f"{h}_f{j}_{i} = {h}.offsets[{size} * {h}_offset + {i}]")
        out.line(f"{h}_c{j} = {h}.only[{h}_offset]")
    out.line(f"{h}_sink = {h}.single[{h}_drafted.usual[1]]")
    out.line(f"{h}_alone, {h}_empty = f64({h}.cells[{h}_sink]), {h}.cells[{h}_sink + 1]")


def _write_embedding(out: Writer, drafted: DraftedNetwork) -> Residual:
    residual: Residual = {}
    for d, text in drafted.brought.items():
        out.line(f"x{d} = {text}")
        residual[d] = f"x{d}"
    position = drafted.recognised.weights.position
    for d in np.flatnonzero(position).tolist():
        prefix = f"{residual[d]} + " if d in residual else ""
        out.line(f"p{d} = {prefix}{out.weighted([(float(position[d]), 't')])}")
        residual[d] = f"p{d}"
    return residual


def _write_head(out: Writer, drafted: DraftedNetwork, head: KernelHead, before: Residual, after: Residual) -> Residual:
    if isinstance(head, OneKeyHead):
        return _write_sums(out, drafted, head, before, after)
    if isinstance(head, ParabolaHead):
        _write_key(out, head, before)
        _write_query(out, head, before, drafted.singles[drafted.readers.index(head)])
        return head.write_output(out, {0: f"{head.name}_o0"}, after)
    return after


def _write_sums(out: Writer, drafted: DraftedNetwork, head: OneKeyHead, before: Residual, after: Residual) -> Residual:
    """The means are those of running sums; this token's values lead from one to the next."""
    h, outputs = head.name, dict[int, str]()
    for v in range(head.channels):
        if (head, v) in drafted.moving:
            value = out.weighted(column(head.recognised.weights.value, v, before))
            out.line(f"{h}_n{v} = {h}_drafted[{v} * {BLOCK + 1} + i + 1]")
            out.line(f"ok = ok & ({h}_n{v} == {h}_drafted[{v} * {BLOCK + 1} + i] + {value})")
        else:
            out.line(f"{h}_n{v} = {h}_sums[{v}]")
        outputs[v] = f"{h}_o{v}"
        out.line(f"{outputs[v]} = {h}_n{v} / seen")
    return head.write_output(out, outputs, after)


def _write_key(out: Writer, head: ParabolaHead, before: Residual) -> None:
    """The key (2c, f - c^2, rest) of this token is that of the cell that it was put into, with the usual offset."""
    h = head.name
    for c in range(head.match):
        out.line(f"{h}_k{c} = {out.weighted(column(head.recognised.weights.key, c, before))}")
    out.lines(f"""
{h}_half = {h}_k{head.linear} * 0.5
{h}_f = {h}_k{head.square} + {h}_half * {h}_half
ok = ok & (abs({h}_half) < FAR) & ({h}_f - {h}_half * {h}_half == {h}_k{head.square})
ok = ok & ({h}_half == {h}_drafted.place[i]) & ({h}_f == {h}_f0_0)
""")
    for i, c in enumerate(head.rest, 1):
        out.line(f"ok = ok & ({h}_k{c} == {h}_f0_{i})")


def _write_query(out: Writer, head: ParabolaHead, before: Residual, singles: int) -> None:
    """The query asks for the cell looked into, whose key leads all others: see `routines.cells.nearest`."""
    h = head.name
    for c in range(head.match):
        out.line(f"{h}_q{c} = {out.weighted(column(head.recognised.weights.query, c, before))}")
    linear, square = f"{h}_q{head.linear}", f"{h}_q{head.square}"
    for j in range(1 + singles):
        query = enumerate([square, *(f"{h}_q{rest}" for rest in head.rest)])
        out.line(f"{h}_v{j} = {' + '.join(f'{amount} * {h}_f{j}_{i}' for i, amount in query)}")
    for j in range(1, 1 + singles):
        out.line(f"{h}_s{j} = {linear} * (2.0 * {h}_c{j}) - {square} * ({h}_c{j} * {h}_c{j}) + {h}_v{j}")
    out.lines(f"""
{h}_r, {h}_p = {linear} / {square}, {h}_drafted.after[i]
{h}_away = abs({h}_r - {h}_p)
{h}_far = 1.0 - {h}_away
{h}_there = {h}_drafted.visits[i] > 0.0
{h}_others = {linear} * {h}_r - {square} * {h}_far * {h}_far + {h}_v0
{h}_cell = {linear} * (2.0 * {h}_p) - {square} * ({h}_p * {h}_p) + {h}_v0
{h}_best = {h}_cell if {h}_there else {h}_s1
""")
    for j in range(2, 1 + singles):
        out.line(f"{h}_others = max({h}_others, {h}_s{j})")
    out.lines(f"""
{h}_others = max({h}_others, {h}_s1) if {h}_there else {h}_others
ok = ok & ({square} > 0.0) & ({h}_away < 0.5) & ({h}_best - {h}_others >= {h}_gap)
{h}_number = {h}_drafted.number[i]
ok = ok & ({h}_there | (i64({h}_number) == {h}_empty))
{h}_count = {h}_drafted.visits[i] if {h}_there else {h}_alone
{h}_o0 = {h}_numbers.value[{h}_number] / {h}_count
""")


def _write_outcomes(out: Writer, drafted: DraftedNetwork, residual: Residual) -> None:
    """What is read is, to the bit, what the entries are decided from."""
    for reading in drafted.divided.readings:
        h, outcome = reading.head.name, reading.outcome
        for j, d in enumerate(outcome):
            out.line(f"ok = ok & ({residual[d]} == {h}_numbers.outcome[{len(outcome)} * {h}_number + {j}])")


def _write_entry(out: Writer, drafted: DraftedNetwork) -> None:
    """The entry is that of this token and these sums, and the token that follows is the one that it drafts."""
    entry = f"f64(d) + {float(1 << TOKEN_BITS)} * f64(following[i])"
    for number, reader in enumerate(drafted.readers):
        entry += f" + {float(1 << 2 * TOKEN_BITS + NUMBER_BITS * number)} * f64({reader.name}_number)"
    out.line(f"ok = ok & (table.entry[entries[i]] == {entry})")

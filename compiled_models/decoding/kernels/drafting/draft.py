"""The source of `draft`: tokens looked up one after the other, and the cells kept as they go."""

from __future__ import annotations

from compiled_models.decoding.kernels.drafting.drafted_network import BLOCK, TOKEN_BITS, WIDTH, DraftedNetwork
from compiled_models.decoding.kernels.emit.writer import Writer

__all__ = ["write_draft"]


def write_draft(out: Writer, drafted: DraftedNetwork) -> None:
    """Write the function that drafts up to `size` tokens; it returns how many, how many are in cells, and new entries.

    It ends where the table knows nothing, or a cell has no room yet: what is not drafted, the kernel generates.
    """
    heads = [head.name for head in drafted.readers]
    with out.block(f"def draft(size, {drafted.listed}):"):
        out.line("d, i, posted, used, call = i64(ids[0]), i64(0), i64(0), i64(0), table.call[0]")
        for number, h in enumerate(heads):
            out.lines(f"""
{h}_usual = {h}_drafted.usual[0]
{h}_low, {h}_high = {h}.first[{h}_usual], {h}.first[{h}_usual] + {h}.width[{h}_usual]
{h}_base = 2 * ({h}.start[{h}_usual] - {h}.first[{h}_usual])
{h}_empty = {h}.cells[{h}.single[{h}_drafted.usual[1]] + 1]
{h}_p = place[{number}]
{h}_drafted.place[0] = {h}_p
""")
        with out.block(f"if {' or '.join(f'{h}_p < {h}_low or {h}_p >= {h}_high' for h in heads)}:"):
            out.line("size = i64(0)")
        for head, v in drafted.moving:
            out.line(f"{head.name}_s{v} = {head.name}_sums[{v}]")
            out.line(f"{head.name}_drafted[{v} * {BLOCK + 1}] = {head.name}_s{v}")
        with out.block("while i < size:"):
            _write_posting(out, drafted)
            _write_asking(out, drafted)
            for number, (head, v) in enumerate(drafted.moving):
                out.line(f"{head.name}_s{v} += table.adds[{len(drafted.moving)} * d + {number}]")
                out.line(f"{head.name}_drafted[{v} * {BLOCK + 1} + i + 1] = {head.name}_s{v}")
            _write_looking_up(out, heads)
        out.line("return i, posted, used")


def _write_posting(out: Writer, drafted: DraftedNetwork) -> None:
    """The token's values go into the cells under the heads."""
    heads = [head.name for head in drafted.readers]
    for number, h in enumerate(heads):
        out.line(f"{h}_at = {h}_base + 2 * {h}_p")
        out.line(f"{h}_before = {h}.cells[{h}_at + 1]")
        out.line(f"{h}_after = after{number}[{WIDTH} * d + {h}_before] if {h}_before < {WIDTH} else i64(-1)")
        _write_sum(out, drafted, number)
        out.line(f"{h}_q = {h}_p + table.stride[{len(heads)} * d + {number}]")
    with out.block(f"if {' or '.join(f'{h}_after == 1 or {h}_q < {h}_low or {h}_q >= {h}_high' for h in heads)}:"):
        out.line("break")
    for h in heads:
        out.line(f"{h}_count = {h}.cells[{h}_at]")
        with out.block(f"if {h}_count == 0:"):
            out.line(f"{h}.distinct[{h}_usual] += 1")
            out.line(f"{h}.single[{h}_usual] = -1")
        out.lines(f"""
{h}.cells[{h}_at] = {h}_count + 1
{h}.cells[{h}_at + 1] = {h}_after
{h}_drafted.before[i] = {h}_before
""")
    out.line("posted = i + 1")


def _write_sum(out: Writer, drafted: DraftedNetwork, number: int) -> None:
    """The sum that a cell will have, the first time that this token goes into a cell with such a sum."""
    head, every = drafted.readers[number], sum(len(other.brought) for other in drafted.readers)
    h, first = head.name, sum(len(other.brought) for other in drafted.readers[:number])
    with out.block(f"if {h}_after < 0:"):
        after = f"{h}_before"
        for place in range(first, first + len(head.brought)):
            after = f"{h}.after[{head.sums.parts} * {after} + table.part[{every} * d + {place}]]"
        out.line(f"{h}_after = {after}")
        with out.block(f"if {h}_before < {WIDTH} and {h}_after != 1:"):
            out.line(f"after{number}[{WIDTH} * d + {h}_before] = {h}_after")


def _write_asking(out: Writer, drafted: DraftedNetwork) -> None:
    """The heads are where the token moves them, and find what is in the cells there."""
    for head in drafted.readers:
        h = head.name
        out.lines(f"""
{h}_p = {h}_q
{h}_at = {h}_base + 2 * {h}_p
{h}_count = {h}.cells[{h}_at]
{h}_number = {h}.cells[{h}_at + 1] if {h}_count > 0 else {h}_empty
{h}_drafted.place[i + 1] = {h}_p
{h}_drafted.visits[i] = {h}_count
{h}_drafted.number[i] = {h}_number
""")


def _write_looking_up(out: Writer, heads: list[str]) -> None:
    """The entry of the situation, and the next token."""
    with out.block(f"if {' or '.join(f'{h}_number >= {WIDTH}' for h in heads)}:"):
        out.line("break")
    found = "d"
    for number, h in enumerate(heads):
        out.line(f"found = level{number}[{WIDTH} * {found} + {h}_number]")
        with out.block("if found < 0:"):
            out.line("break")
        found = "found"
    out.line(f"entry = found >> {TOKEN_BITS}")
    with out.block("if table.used[entry] != call:"):
        out.line("table.used[entry] = call")
        out.line("table.using[used] = entry")
        out.line("used += 1")
    out.line("entries[i] = entry")
    out.line(f"d = found & {(1 << TOKEN_BITS) - 1}")
    out.line("i += 1")
    out.line("ids[i] = d")

"""The source that drafts blocks of tokens and verifies them.

`draft` looks tokens up, one after the other, and keeps the cells. `verify` computes, for all positions at once, where
each token goes, where each query goes, which cell has all the weight and what is read there: everything that depends
on the position. `decide` computes the rest, once a call for each situation that the drafts use. `extend` puts them
together: a block in which anything is not as drafted is taken back.
"""

from __future__ import annotations

import inspect

from compiled_models.decoding.kernels.drafting.decide import write_decide
from compiled_models.decoding.kernels.drafting.draft import write_draft
from compiled_models.decoding.kernels.drafting.drafted_network import BLOCK, DraftedNetwork
from compiled_models.decoding.kernels.drafting.verify import write_verify
from compiled_models.decoding.kernels.emit.writer import Writer, finished
from compiled_models.decoding.kernels.routines import drafts

__all__ = ["drafting_source"]


def drafting_source(network: DraftedNetwork) -> str:
    """The source of all functions, on top of that of the kernel that the drafts are for."""
    head = "@njit(error_model='numpy', _nrt=False)\n"
    parts = [network.kernel.text, *(head + finished(inspect.getsource(function)) for function in drafts.ROUTINES)]
    for write in (write_draft, write_verify, write_decide, _write_extend):
        out = Writer(network.recognised.weights.dtype)
        write(out, network)
        parts.append(head + finished(out.text()))
    return "\n".join(parts) + "\n"


def _write_extend(out: Writer, drafted: DraftedNetwork) -> None:
    """Write the function that drafts, verifies and keeps blocks, as far as it goes."""
    listed = drafted.listed
    with out.block(f"def extend(out, n, limit, gaps, progress, {listed}):"):
        out.line("table.call[0] += 1")
        with out.block("while n < limit:"):
            out.line(f"size = min(i64({BLOCK}), limit - n)")
            out.line(f"good, posted, used = draft(size, {listed})")
            out.line("status = DONE if good == size else MISSED")
            with out.block("for j in range(used):"):
                out.line("table.checked[0] += 1")
                with out.block(f"if not decide(table.using[j], table.checked[0], gaps, {listed}):"):
                    out.line("good, status = i64(0), WRONG")
            with out.block(f"if good > 0 and verify(good, progress[0], gaps, {listed}) > 0:"):
                out.line("good, status = i64(0), WRONG")
            for number, reader in enumerate(drafted.readers):
                out.line(f"roll_back({reader.name}, {reader.name}_drafted, good, posted)")
                out.line(f"place[{number}] = i64({reader.name}_drafted.place[good])")
            for head, v in drafted.moving:
                out.line(f"{head.name}_sums[{v}] = {head.name}_drafted[{v} * {BLOCK + 1} + good]")
            with out.block("for j in range(good):"):
                out.line("out[n + j] = following[j]")
            out.lines("""
ids[0] = ids[good]
n += good
progress[0] += good
""")
            with out.block("if status != DONE:"):
                out.line("return n, status")
        out.line("return n, i64(DONE)")

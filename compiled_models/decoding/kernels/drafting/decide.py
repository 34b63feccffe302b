"""The source of `decide`: the blocks after reading, once for each situation that the drafts of a call use."""

from __future__ import annotations

from compiled_models.decoding.kernels.drafting.drafted_network import NUMBER_BITS, TOKEN_BITS, WIDTH, DraftedNetwork
from compiled_models.decoding.kernels.emit.residual_stream import Residual
from compiled_models.decoding.kernels.emit.writer import Writer
from compiled_models.decoding.kernels.heads import MatchingHead

__all__ = ["write_decide"]


def write_decide(out: Writer, drafted: DraftedNetwork) -> None:
    """Write the function that says whether an entry's next token is the one that follows in its situation.

    `position` is a number that no check before had: what is gathered for logits goes by it.
    """
    width, kernel = drafted.recognised.vocabulary.width, drafted.kernel
    with out.block(f"def decide(entry, position, gaps, {drafted.listed}):"):
        out.line(f"status, span = DONE, len(table.stride) // {len(drafted.readers)}")
        out.line("what = i64(table.entry[entry])")
        out.line(f"d, following = what & {(1 << TOKEN_BITS) - 1}, (what >> {TOKEN_BITS}) & {(1 << TOKEN_BITS) - 1}")
        for head in kernel.heads:
            if isinstance(head, MatchingHead):
                head.write_start(out)
        for i in range(width):
            out.line(f"r{i} = table.rows[{width} * d + {i}]")
        with out.block("for once in range(1):"):
            kernel.read_out.write_start(out)
            lists = kernel.embedding.lists_of(drafted.kind)
            for name in kernel.embedding.followed:  # row 0, where this kind has none, adds nothing
                out.line(f"{name} = {f'r{lists[name]}' if name in lists else '0'}")
            residual = _write_what_was_read(out, drafted)
            for number in range(drafted.divided.block + 1, len(drafted.recognised.weights.blocks)):
                residual = kernel.write_answer(out, number, residual)
            kernel.write_likeliest(out, residual)
            same = " and ".join(f"r{i} == table.rows[{width} * following + {i}]" for i in range(width))
            with out.block(f"if not ({same}):"):
                out.line("status = VIOLATED")
        out.line("return status == DONE")


def _write_what_was_read(out: Writer, drafted: DraftedNetwork) -> Residual:
    """The residual stream that deciding starts from: what the token brings, and what was read in a situation."""
    residual: Residual = {}
    for d in drafted.divided.kept:
        if d in drafted.brought:
            out.line(f"x{d} = {drafted.brought[d]}")
            residual[d] = f"x{d}"
    for number, reading in enumerate(drafted.divided.readings):
        h, size, alone = reading.head.name, len(reading.outcome), len(reading.own) == 1
        out.line(f"{h}_number = (what >> {2 * TOKEN_BITS + NUMBER_BITS * number}) & {WIDTH - 1}")
        out.line(f"{h}_held = {h}_numbers.held[{h}_number]")
        for j in range(size):
            out.line(f"{h}_y{j} = {h}_numbers.outcome[{size} * {h}_number + {j}]")
            out.line(f"{h}_none{j} = {h}_numbers.outcome[{j}]")
        for j, d in enumerate(reading.shared, len(reading.own[0])):
            residual[d] = f"{h}_y{j}"
        for channel, own in enumerate(reading.own):
            for j, d in enumerate(own):
                name = f"{h}_y{j}_{channel}"
                chosen = f"{h}_y{j}" if alone else f"{h}_y{j} if {h}_held == {channel} else {h}_none{j}"
                out.line(f"{name} = {chosen}")
                residual[d] = name
    return residual

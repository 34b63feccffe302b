"""A feed-forward layer in a kernel: every unit, straight-line."""

from __future__ import annotations

from compiled_models.decoding.kernels.emit.embedding import Residual
from compiled_models.decoding.kernels.emit.writer import Writer
from compiled_models.decoding.weights import BlockWeights, Sparse

__all__ = ["column", "write_feed_forward"]


def write_feed_forward(out: Writer, block: BlockWeights, number: int, residual: Residual) -> Residual:
    """Write relu(gate) * times of each unit and add what they write; return the variables afterwards."""
    zero, units = out.literal(0), {}
    for unit in range(block.gate.matrix.shape[1]):
        gate, times = column(block.gate, unit, residual), column(block.times, unit, residual)
        if gate and times:
            name = f"u{number}_{unit}"
            out.line(f"{name} = max({out.weighted(gate)}, {zero}) * ({out.weighted(times)})")
            units[unit] = name
    after = dict(residual)
    for d in sorted(set(block.out.targets.tolist())):
        if terms := column(block.out, d, units):
            before = f"{residual[d]} + " if d in residual else ""
            out.line(f"m{number}_{d} = {before}({out.weighted(terms)})")
            after[d] = f"m{number}_{d}"
    return after


def column(matrix: Sparse, target: int, variables: Residual) -> list[tuple[float, str]]:
    """The weights onto one target, each with the variable that it multiplies; those on zeros are left out."""
    at = matrix.targets == target
    pairs = zip(matrix.sources[at].tolist(), matrix.weights[at].tolist(), strict=True)
    return [(weight, variables[source]) for source, weight in pairs if source in variables]

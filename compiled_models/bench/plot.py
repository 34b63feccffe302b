"""The quadratic against the flat line: steps a second and memory over the length of the run."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt

from compiled_models.bench.suite import Suite

__all__ = ["draw"]


def draw(suite: Suite, file: Path) -> None:
    """Draw a suite's lengths as a PNG."""
    figure, (speed, memory) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for contestant in dict.fromkeys(m.contestant for m in suite.lengths):
        points = [m for m in suite.lengths if m.contestant == contestant]
        steps = [m.steps for m in points]
        speed.plot(steps, [m.rate for m in points], "o-", label=contestant)
        memory.plot(steps, [m.megabytes for m in points], "o-", label=contestant)
    for axes, title in ((speed, "steps a second"), (memory, "peak memory, MB")):
        axes.set(xscale="log", xlabel="steps of the BB(5) champion", title=title)
        axes.grid(alpha=0.3)
        axes.legend()
    speed.set(yscale="log")
    figure.savefig(file, dpi=120, format="png")
    plt.close(figure)

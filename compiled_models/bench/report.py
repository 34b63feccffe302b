"""What `tapehead bench -o FOLDER` writes: a page, its numbers as JSON, and a plot over the length of the run."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from compiled_models.atomic import replacing
from compiled_models.bench.measure import CONTESTANTS
from compiled_models.bench.suite import MOST, Suite
from compiled_models.bench.workloads import WORKLOADS

__all__ = ["FILES", "draw", "page", "write"]

FILES = ("performance.md", "performance.json", "performance.png")
NETWORKS = ("kernels", "streaming", "dense")
COMPARED = ("numba simulator", "dictionary simulator")


def write(suite: Suite, folder: Path, *, force: bool = False) -> None:
    """Write the page, the numbers and the plot into a folder.

    Raises:
        FileError: where one of them cannot be written, or stands there already and `force` is not set.
    """
    with replacing(folder / "performance.json", force=force) as beside:
        beside.write_text(json.dumps(suite.json(), indent=1), encoding="utf-8")
    with replacing(folder / "performance.png", force=force) as beside:
        draw(suite, beside)
    with replacing(folder / "performance.md", force=force) as beside:
        beside.write_text(page(suite), encoding="utf-8")


def page(suite: Suite) -> str:
    """The page: what was measured, where, and how to read it."""
    return "\n\n".join(_paragraphs(suite)) + "\n"


def _paragraphs(suite: Suite) -> Iterator[str]:
    workloads = list(dict.fromkeys(run.workload for run in suite.runs))
    yield "# Performance"
    yield (
        "Steps a second, and every step is a token. This page is written by `tapehead bench -o docs`; nothing on it "
        "is typed. Each figure is of a process of its own, all of one run; ratios carry over to other machines better "
        f"than rates. Measured {datetime.now(UTC):%Y-%m-%d} on {_machine()}."
    )
    header = ["workload", *NETWORKS, *COMPARED, *(f"kernels / {other}" for other in COMPARED), "automata-lib"]
    rows = []
    for name in workloads:
        rates = {contestant: suite.rate(contestant, name) for contestant in CONTESTANTS}
        ratios = [f"{rates['kernels'] / rates[other]:.3g}" if rates[other] else "-" for other in COMPARED]
        cells = [f"{rates[contestant]:,.0f}" if rates[contestant] else "-" for contestant in (*NETWORKS, *COMPARED)]
        library = f"{rates['automata-lib']:,.0f}" if rates["automata-lib"] else "-"
        rows.append([f"{WORKLOADS[name]().name}: {WORKLOADS[name]().steps:,} steps", *cells, *ratios, library])
    yield _table(header, rows)
    slow = ", ".join(f"{name} {most:,}" for name, most in MOST.items())
    yield (
        "`kernels` is machine code made of the network's non-zero weights; `streaming` the same algorithm in plain "
        "numpy; `dense` the module's own forward pass. The simulators are this repository's: a loop over a dictionary, "
        "and the same over arrays, compiled by numba. Slow ones take fewer steps of the same machine, on as much of "
        f"the input as they can reach ({slow}). `-`: it cannot run this machine."
    )
    yield "## Over the length of the run"
    yield "![Steps a second and peak memory over the length of the run](performance.png)"
    lengths = [[m.contestant, f"{m.steps:,}", f"{m.rate:,.0f}", f"{m.megabytes:,.0f}"] for m in suite.lengths]
    yield _table(["decoder", "steps of BB(5)", "steps a second", "peak memory, MB"], lengths)
    if (growth := suite.growth()) is not None:
        yield (
            f"From 10^5 steps to 4.7 * 10^7 the peak memory of kernels grows by {growth:.0f} MB; most of it all is "
            "PyTorch's. Dense slows down as its context grows."
        )
    if suite.rows:
        yield "## Many prompts at once"
        batches = suite.batch_rates()
        header = ["rows", *batches, "batch / numba simulator"]
        yield _table(header, [_row_of_rows(count, batches) for count in batches["batch"]])
        yield (
            "Each row is a random machine of 4 states and 2 symbols in a prompt of its own, run for up to 107 steps by "
            "the same network (8 states, 4 symbols); steps of all rows together, a second of one core. What one kernel "
            "alone does with a long run stands in the first table; `a kernel each` sets one up for every row. See "
            "[many machines](many_machines.md)."
        )
    yield "## From the command to the first result"
    starts = [[name, f"{seconds:.1f}"] for name, seconds in suite.start.items()]
    yield "`tapehead run bb5 --max-steps 10000`, with nothing compiled and again:"
    yield _table(["", "seconds"], starts)
    yield "## Peak memory"
    memory = {(m.contestant, m.workload): f"{m.megabytes:,.0f}" for m in suite.runs}
    names = [WORKLOADS[name]().name for name in workloads]
    rows = [[each, *(memory.get((each, name), "-") for name in workloads)] for each in CONTESTANTS]
    yield _table(["MB", *names], rows)


def _row_of_rows(count: int, rates: dict[str, dict[int, float]]) -> list[str]:
    cells = [f"{of[count]:,.0f}" if count in of else "-" for of in rates.values()]
    return [f"{count:,}", *cells, f"{rates['batch'][count] / rates['numba simulator'][count]:.3g}"]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    ruler = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (header, ruler, *rows))


def _machine() -> str:
    """What was measured on, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        processor = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        processor = platform.processor() or platform.machine()
    packages = ", ".join(f"{name} {version(name).partition('+')[0]}" for name in ("numpy", "numba", "torch"))
    return f"{processor}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, {packages}"


def draw(suite: Suite, file: Path) -> None:
    """Draw a suite's lengths as a PNG: the quadratic against the flat line."""
    import matplotlib.pyplot as plt  # half a second

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

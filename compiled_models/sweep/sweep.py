"""A sweep: any list of machines and inputs through one network, into one file; it goes on where it was stopped.

machines, inputs -> jobs -> parts -> workers -> rows -> results and manifest.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from compiled_models.atomic import alone, remove_leftovers, replacing
from compiled_models.sweep.jobs import Job
from compiled_models.sweep.parts import Parts
from compiled_models.sweep.results import require_format, write_results
from compiled_models.sweep.rows import Options, Part, Row, rows_of_part
from compiled_models.workers import DaskCluster, Processes, Workers
from construction.config import usable_device
from tm import FileError, InputError, Problem

__all__ = ["Swept", "sweep"]

FEW = 500
"""Jobs for which nothing is compiled: that takes half a minute once, and a run of its own a fortieth of a second."""
SMALLEST, LARGEST, MANY = 16, 512, 64
"""Jobs of a part at least and at most, and how many parts there are if they are neither."""
COLUMNS: dict[str, type] = {
    name: {"number": int, "seed": int, "steps": int, "halted": bool, "accepted": bool}.get(name, str)
    for name in Row.columns()
}
PACKAGES = ("tapehead", "numpy", "numba", "torch")


@dataclass
class Swept:
    """How far a sweep is, or what came of it.

    Attributes:
        rows: all rows that there are to be.
        parts: all parts; done: of these, those that are there; found: those that were there at the beginning.
        ready: rows that are there.
        halted, stopped, errors: of the rows that are there, those that halted, did not, and were not run.
        networks: SHA-256 of the networks, each with how many rows are of it.
    """

    rows: int
    parts: int
    done: int = 0
    found: int = 0
    ready: int = 0
    halted: int = 0
    stopped: int = 0
    errors: int = 0
    networks: dict[str, int] | None = None

    def count(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Take a part's rows into account."""
        self.done, self.ready = self.done + 1, self.ready + len(rows)
        networks = self.networks or {}
        for row in rows:
            self.halted += row["halted"] is True
            self.stopped += row["halted"] is False
            self.errors += row["error"] is not None
            if (sha256 := row["network_sha256"]) is not None:
                networks[sha256] = networks.get(sha256, 0) + 1
        self.networks = dict(sorted(networks.items()))


def sweep(
    jobs: Sequence[Job],
    results: str | Path,
    options: Options,
    *,
    workers: Workers | None = None,
    command: str = "",
    force: bool = False,
    progress: Callable[[Swept], None] | None = None,
) -> Swept:
    """Run jobs, and write a row for each into a file: the same file, however often the work was stopped.

    While it is at work a folder `RESULTS.parts` stands beside the file; called again with the same jobs and options, it
    goes on from there. At the end there is `RESULTS.manifest.json`: the networks' hashes, versions, the command.

    Args:
        jobs: from `jobs_of`.
        results: a file; its ending is the format: .parquet (needs the extra `parquet`) or .csv.
        options: how long a run may be, on which networks, and where.
        workers: who runs them; None: the cores of this machine.
        command: what was typed, for the manifest.
        force: begin anew, and lose what stands there.
        progress: called with how far it is, at the beginning and after each part.

    Raises:
        InputError: for no jobs, a file whose ending is no format, a library that is not installed, a cluster that does
            not answer, and a device that is not there (of a cluster, its workers look for it).
        FileError: where the file cannot be written, where another one stands there, where the parts are those of
            another sweep, and where another process is at work on them.
        WorkerError: for a part of which workers die.

    >>> import tempfile
    >>> from compiled_models.capacity import Capacity
    >>> from compiled_models.sweep.jobs import jobs_of, machines_in
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     small = Capacity(states=8, symbols=4, tapes=1)
    ...     done = sweep(jobs_of(list(machines_in("bb2")), None), Path(folder, "a.csv"), Options(100, small))
    ...     print(Path(folder, "a.csv").read_text()[:42])
    number,machine,machine_sha256,input,start_
    >>> done.rows, done.halted, done.errors
    (1, 1, 0)
    """
    results = Path(results)
    require_format(results)
    if not jobs:
        raise InputError(Problem("there is nothing to run", "machines, and inputs for them"))
    if not results.absolute().parent.is_dir():
        raise FileError(Problem("there is no such folder for the results", source=str(results.parent)))
    size = min(LARGEST, max(SMALLEST, -(-len(jobs) // MANY)))
    if options.device != "cpu" and not isinstance(workers, DaskCluster):
        usable_device(options.device)
    parts = Parts(results, _work(jobs, options, size), -(-len(jobs) // size))
    with alone(results):
        for file in (results, parts.manifest):
            remove_leftovers(file)
        if parts.complete and not force:
            return _all_there(parts, len(jobs))
        if isinstance(workers, DaskCluster):
            workers.require()  # before the parts of earlier work are lost, or a folder begun
        parts.begin(force=force)
        swept = Swept(len(jobs), parts.count)
        missing = list(_missing(parts, swept))
        swept.found = swept.done
        if progress is not None:
            progress(swept)
        many = len(jobs) > FEW
        tasks = (Part(n * size, jobs[n * size : (n + 1) * size], options, many) for n in missing)
        for number, rows in (workers or Processes()).answers(rows_of_part, tasks):
            values = [asdict(row) for row in rows]
            parts.write(missing[number], values)
            swept.count(values)
            if progress is not None:
                progress(swept)
        with replacing(results, force=True) as beside:
            write_results(beside, results.suffix, COLUMNS, parts.all_rows(), json.dumps(parts.work))
        parts.finish(_about(swept, command))
    return swept


def _missing(parts: Parts, swept: Swept) -> Iterator[int]:
    """The parts that are still to be done; the others are taken into account."""
    for number in range(parts.count):
        if (rows := parts.rows(number)) is None:
            yield number
        else:
            swept.count(rows)


def _all_there(parts: Parts, rows: int) -> Swept:
    """What came of a sweep that was done before; if it was killed as it tidied up, that is done now."""
    parts.remove()
    said = json.loads(parts.manifest.read_text(encoding="utf-8"))
    names = ("halted", "stopped", "errors", "networks")
    return Swept(rows, parts.count, parts.count, parts.count, rows, **{name: said[name] for name in names})


def _work(jobs: Sequence[Job], options: Options, size: int) -> dict[str, Any]:
    """All that the rows depend on; the networks, too, which are a function of capacity and version."""
    digest = hashlib.sha256()
    for job in jobs:
        digest.update(json.dumps(asdict(job)).encode())
    said = asdict(options)
    fields = {**said.pop("capacity"), **said}
    return {
        "version": version("tapehead"),
        "network_sha256": options.capacity.identity,
        "machines_and_inputs_sha256": digest.hexdigest(),
        "rows": len(jobs),
        "rows_of_a_part": size,
        **fields,
    }


def _about(swept: Swept, command: str) -> dict[str, Any]:
    """What a manifest says beside what the work was."""
    counts = {name: getattr(swept, name) for name in ("rows", "halted", "stopped", "errors", "networks")}
    versions = {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}
    return {"command": command, **counts, "versions": versions}

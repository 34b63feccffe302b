"""Long work in numbered parts, each written once and whole, so that what was killed at any moment goes on.

Beside the file `results.csv` that is to come stands a folder `results.csv.parts`: `manifest.json`, which says what the
work is, and a file for each part that is done. When all are there the results are written, then the manifest beside
them (`results.csv.manifest.json`), and the folder goes. Each of these is a step that happens wholly or not at all
(`compiled_models.atomic.replacing`), and every order in which they can be interrupted leaves something to go on from.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from compiled_models.atomic import replacing, require_replaceable
from tm import FileError, Problem

__all__ = ["Parts"]

MANIFEST = "manifest.json"
PART = "part-{:06}.json"


class Parts:
    """The parts of some work, on disk.

    Args:
        results: the file that is to come.
        work: what the work is: whatever the rows depend on, as JSON. Only the same work goes on.
        count: how many parts it has.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     parts = Parts(Path(folder, "a.csv"), {"steps": 5}, 2)
    ...     parts.begin()
    ...     parts.write(1, [{"n": 7}])
    ...     parts.missing(), Parts(Path(folder, "a.csv"), {"steps": 5}, 2).missing()
    ([0], [0])
    """

    def __init__(self, results: Path, work: Mapping[str, Any], count: int) -> None:
        self.results, self.count = results, count
        self.work: dict[str, Any] = json.loads(json.dumps(work))
        self.folder = results.with_name(f"{results.name}.parts")
        self.manifest = results.with_name(f"{results.name}.manifest.json")

    @property
    def complete(self) -> bool:
        """Whether the results of this very work are there."""
        said = self._said()
        return said is not None and said.get("work") == self.work

    def _said(self) -> dict[str, Any] | None:
        """The manifest beside the results, if they are the ones that it was written for."""
        said, digest = _read(self.manifest), _digest(self.results)
        return said if said is not None and digest is not None and said.get("results_sha256") == digest else None

    def begin(self, *, force: bool = False) -> None:
        """Make the folder, or find that of the same work.

        Args:
            force: begin anew, whatever stands there.

        Raises:
            FileError: for a results file that would be lost, and for the parts of other work.
        """
        begun = self.folder / MANIFEST
        if force:
            self.remove()
        elif begun.exists():
            self._require_same(_read(begun), self.folder)
        else:
            if (said := self._said()) is not None:
                self._require_same(said, self.results)
            require_replaceable(self.results)
            require_replaceable(self.manifest, own=lambda path: "results_sha256" in (_read(path) or {}))
        if self.folder.exists() and not begun.exists() and any(self.folder.glob("[!.]*")):
            hint = "choose another name, or move it away"
            raise FileError(Problem("a folder stands there already", hint=hint, source=str(self.folder)))
        try:
            self.folder.mkdir(exist_ok=True)
        except OSError as error:
            reason = error.strerror or str(error)
            raise FileError(Problem("the folder cannot be made", found=reason, source=str(self.folder))) from error
        for left in self.folder.glob(".*.part"):  # of a process that was killed as it wrote
            left.unlink(missing_ok=True)
        if not begun.exists():
            self._write(begun, {"work": self.work, "parts": self.count})

    def _require_same(self, said: Mapping[str, Any] | None, place: Path) -> None:
        """Refuse to go on with what other work left behind."""
        work = {} if said is None else said.get("work", {})
        if work == self.work:
            return
        names = [name for name in {**work, **self.work} if work.get(name) != self.work.get(name)]
        problems = []
        for name in names:
            there, here = (json.dumps(each.get(name), ensure_ascii=False) for each in (work, self.work))
            hint = "give the same command as then, choose another name, or say --force to begin anew"
            message = f"what stands there is of another sweep: {name} differs"
            problems.append(Problem(message, here, there, hint, source=str(place)))
        raise FileError(*problems)

    def missing(self) -> list[int]:
        """The numbers of the parts that are not there."""
        return [number for number in range(self.count) if self.rows(number) is None]

    def rows(self, number: int) -> list[dict[str, Any]] | None:
        """The rows of a part; None if it is not there, or is not what was written."""
        said = _read(self._file(number))
        rows = None if said is None else said.get("rows")
        return rows if isinstance(rows, list) and said is not None and said.get("sha256") == _seal(rows) else None

    def write(self, number: int, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write a part. Raises FileError where it cannot be."""
        self._write(self._file(number), {"sha256": _seal(rows), "rows": list(rows)})

    def all_rows(self) -> Iterator[dict[str, Any]]:
        """The rows of all parts, in their order. Raises FileError for a part that is not there."""
        for number in range(self.count):
            rows = self.rows(number)
            if rows is None:
                raise FileError(Problem("a part is missing or damaged", source=str(self._file(number))))
            yield from rows

    def finish(self, about: Mapping[str, Any]) -> None:
        """When the results are written: put the manifest beside them, with whatever there is to say, and tidy up."""
        self._write(self.manifest, {**about, "work": self.work, "results_sha256": _digest(self.results)}, indent=2)
        self.remove()

    def remove(self) -> None:
        """Take the folder away, the manifest last: without it nothing knows what the parts are of."""
        if (self.folder / MANIFEST).exists():
            for file in [*self.folder.glob("part-*.json"), *self.folder.glob(".*.part"), self.folder / MANIFEST]:
                file.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # there is none, or there is something in it that is not ours
            self.folder.rmdir()

    def _file(self, number: int) -> Path:
        return self.folder / PART.format(number)

    @staticmethod
    def _write(path: Path, value: Mapping[str, Any], indent: int | None = None) -> None:
        with replacing(path, force=True) as beside:
            beside.write_text(json.dumps(value, indent=indent, ensure_ascii=True) + "\n", encoding="utf-8")


def _seal(rows: Sequence[Mapping[str, Any]]) -> str:
    return hashlib.sha256(json.dumps(list(rows)).encode()).hexdigest()


def _digest(path: Path) -> str | None:
    """The SHA-256 of a file; None where there is none."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None


def _read(path: Path) -> dict[str, Any] | None:
    """The JSON object in a file; None where there is none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None

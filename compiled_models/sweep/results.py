"""The rows of a sweep as one file: CSV by the standard library, Parquet by Apache Arrow's, which is an extra."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from compiled_models.extra import extra
from tm import InputError, Problem

__all__ = ["FORMATS", "require_format", "write_results"]

Rows = Iterable[Mapping[str, Any]]
Columns = Mapping[str, type]
GROUP = 1 << 16  # rows of a Parquet file that are held in memory
NOTE = b"tapehead"
"""The key under which a Parquet file holds what the rows are of."""


def write_results(path: Path, suffix: str, columns: Columns, rows: Rows, about: str = "") -> int:
    """Write rows into a file, the same bytes for the same rows; return how many there were.

    Args:
        path: the file.
        suffix: one of `FORMATS`.
        columns: their names and types: int, str or bool, each of which may also be None.
        rows: as mappings with these keys.
        about: what the rows are of; it goes into the metadata of a format that has any.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_results(Path(folder, "a"), ".csv", {"n": int, "halted": bool}, [{"n": 1, "halted": True}])
    ...     Path(folder, "a").read_text()
    1
    'n,halted\\n1,true\\n'
    """
    return FORMATS[suffix](path, columns, iter(rows), about)


def require_format(path: Path) -> None:
    """Refuse a file whose ending is no format, or one whose library is not installed. Raises InputError."""
    if path.suffix not in FORMATS:
        raise InputError(Problem("the file's ending says no format", " or ".join(FORMATS), path.name))
    if path.suffix == ".parquet":
        _arrow()


def _arrow() -> tuple[Any, Any]:
    what = "writing Parquet"
    return extra("pyarrow", "parquet", what), extra("pyarrow.parquet", "parquet", what)


def _write_csv(path: Path, columns: Columns, rows: Iterable[Mapping[str, Any]], about: str) -> int:
    number = 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_cell(row[name]) for name in columns])
            number += 1
    return number


def _cell(value: object) -> object:
    return {True: "true", False: "false", None: ""}[value] if value is None or isinstance(value, bool) else value


def _write_parquet(path: Path, columns: Columns, rows: Iterable[Mapping[str, Any]], about: str) -> int:
    arrow, parquet = _arrow()
    types = {int: arrow.int64(), str: arrow.string(), bool: arrow.bool_()}
    schema = arrow.schema([(name, types[kind]) for name, kind in columns.items()], metadata={NOTE: about})
    rows, number = iter(rows), 0
    with parquet.ParquetWriter(path, schema) as writer:
        while group := list(islice(rows, GROUP)):
            writer.write_table(arrow.Table.from_pylist(group, schema=schema))
            number += len(group)
    return number


FORMATS: dict[str, Callable[[Path, Columns, Rows, str], int]] = {".parquet": _write_parquet, ".csv": _write_csv}
"""By the ending of the file's name."""

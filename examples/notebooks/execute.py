"""Execute the notebooks and write them back with their outputs: `make notebooks`.

What does not belong to an output is left out (when a cell was executed, a text beside a picture), so that a notebook in
which nothing changed is the same file again, but for the seconds that a run took.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

__all__ = ["HERE", "execute", "texts"]

HERE = Path(__file__).parent
RICH = ("text/html", "image/svg+xml")
SECONDS = re.compile(r"\d[\d.]*(e-?\d+)? s\b")


def execute(path: Path) -> Any:
    """The notebook of a file, executed by a kernel of its own, with its outputs.

    Raises:
        CellExecutionError: for a cell that fails.
        RuntimeError: for a cell that writes to stderr.
    """
    notebook = nbformat.read(path, as_version=4)
    folder = {"metadata": {"path": str(HERE)}}
    paths = [str(HERE.parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    own = {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}  # small matrices: sharing them out costs more
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=folder).execute(env=os.environ | own)
    notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"], "language_info": {"name": "python"}}
    for cell in notebook.cells:
        cell.metadata = {}
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                raise RuntimeError(f"{path.name} wrote to stderr: {output.text}")
            if any(kind in output.get("data", {}) for kind in RICH):
                output.data.pop("text/plain", None)
    return notebook


def texts(notebook: Any) -> Iterator[str]:
    """What can be read in the outputs of each cell, without the seconds that something took."""
    for cell in notebook.cells:
        parts = []
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            rich = next((data[kind] for kind in RICH if kind in data), None)
            plain = output.get("text", data.get("text/plain", ""))
            parts.append(
                plain
                if rich is None
                else unescape(re.sub(r"<(style|metadata)\b.*?</\1>|<[^>]*>", " ", rich, flags=re.S))
            )
        yield SECONDS.sub("... s", " ".join(" ".join(parts).split()))


if __name__ == "__main__":
    for file in sorted(HERE.glob("*.ipynb")):
        nbformat.write(execute(file), file)
        print(f"executed {file.name}", file=sys.stderr)

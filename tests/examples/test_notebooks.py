"""The lessons: executed anew, each says what is kept of it; what stands in their prose is there."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from examples.notebooks.execute import HERE, execute, texts

NOTEBOOKS = sorted(HERE.glob("*.ipynb"))
LINK = re.compile(r"\]\((?!https?:|#)([^)\s#]+)")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_says_what_is_kept_of_it(path: Path):
    kept = nbformat.read(path, as_version=4)
    for cell, now, then in zip(kept.cells, texts(execute(path)), texts(kept), strict=True):
        assert now == then, f"{path.name} is stale (`make notebooks`), in the cell\n{cell.source}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_a_lesson(path: Path):
    """It is explained from both sides, has exercises with answers, and links that lead somewhere."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert prose.startswith("# ")
    assert "If you know Turing machines" in prose
    assert prose.index("## Exercises") < prose.index("<summary>Answers</summary>") < prose.index("</details>")
    for link in LINK.findall(prose):
        assert (HERE / link).exists(), link
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))  # in order, once
    assert not [cell.source for cell in code if not cell.outputs and not re.search(r"^def ", cell.source, re.M)]
    assert not list(re.findall(r"/(?:home|root|work|tmp|Users)/", path.read_text(encoding="utf-8")))


def test_there_are_five():
    assert [path.stem[:2] for path in NOTEBOOKS] == ["1_", "2_", "3_", "4_", "5_"]


def test_a_stale_notebook_would_be_seen():
    notebook = nbformat.read(NOTEBOOKS[0], as_version=4)
    before = list(texts(notebook))
    changed = 0
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for kind, content in output.get("data", {}).items():
                output.data[kind] = content.replace("carry", "carried")
                changed += content != output.data[kind]
    assert changed
    assert list(texts(notebook)) != before


def test_the_seconds_of_a_run_are_not_compared():
    cells = [
        nbformat.v4.new_code_cell("", outputs=[nbformat.v4.new_output("stream", text=f"in {n} s")]) for n in (1, 2.5)
    ]
    one, other = texts(nbformat.v4.new_notebook(cells=cells))
    assert one == other

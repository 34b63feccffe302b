"""The kernels' files lie in layers, as their README draws them: none imports one above it, no head another."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from compiled_models.decoding import kernels

FOLDER = Path(kernels.__file__).parent
LAYERS = ("sparse", "routines", "recognise", "emit", "heads", "source", "drafting", "kernel_decoder", "kernel_rows")
SIBLINGS = {"one_key", "parabola", "matching"}


def imports(file: Path) -> set[tuple[str, ...]]:
    """What a file imports from this folder, as paths below it."""
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    names = [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {tuple(name.split(".")[3:]) for name in names if name.startswith(kernels.__name__ + ".")}


def test_no_file_imports_a_layer_above_its_own():
    files = [file for file in FOLDER.rglob("*.py") if file.parent != FOLDER or file.name != "__init__.py"]
    layer = {file: LAYERS.index(file.relative_to(FOLDER).with_suffix("").parts[0]) for file in files}
    above = {(file.name, name) for file in files for name in imports(file) if LAYERS.index(name[0]) > layer[file]}
    assert not above
    assert len({layer[file] for file in files}) == len(LAYERS)


def test_heads_are_siblings():
    for head in SIBLINGS:
        assert not {name[-1] for name in imports(FOLDER / "heads" / f"{head}.py")} & SIBLINGS


def test_no_file_name_stands_for_two_things():
    names = Counter(file.name for file in FOLDER.parent.rglob("*.py") if file.name != "__init__.py")
    assert not [name for name, count in names.items() if count > 1]

"""Who may know whom: imports run one way, at load time and inside functions; and no file is too long to read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import networkx
import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("tm", "construction", "compiled_models")
"""From the ground floor up: none imports one that stands after it."""
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}
ALL_FILES = [
    path
    for room in (*PACKAGES, "tests", "examples", "benchmarks", "docs")
    for kind in ("*.py", "*.js")
    for path in sorted((ROOT / room).rglob(kind))
]
TYPE_ONLY = {("tm.registry", "tm.machine")}
"""A notation reads machines, and a machine reads itself in a notation: one arrow of the circle is for types alone."""
FLOORS = ("report", "bounds", "data", "learning")
"""Of the experiments, from the ground up."""
EXPERIMENTS = ("compiled_models.cli.elicit", "compiled_models.cli.experiments")
"""Their commands."""
SLOW_TO_LOAD = (
    "compiled_models.cli.",
    "compiled_models.__main__",
    "compiled_models.bench.simulators",
    "compiled_models.machine_code.",
)
"""Where a function imports a part of the library: commands start without what they do not need; one may be missing."""
ON_DEMAND = (
    "construction.blueprint",
    "construction.plain",
    "compiled_models.capacity",
    "compiled_models.decoding.adaptive",
    "compiled_models.decoding.batched",
    "compiled_models.decoding.choice",
    "compiled_models.result",
)
"""Where a function imports what needs PyTorch, or kernels: what needs a network's numbers alone loads neither."""
LONGEST = 350


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _imports(tree: ast.AST, *, types: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif types or not _is_for_types(node):
            yield from _imports(node, types=types)


def _modules(name: str, *, types: bool) -> Iterator[str]:
    """The project's modules that a module imports, wherever it does so."""
    for node in _imports(ast.parse(FILES[name].read_text(encoding="utf-8")), types=types):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        else:
            assert not node.level, f"{name}: a relative import"
            targets = [f"{node.module}.{alias.name}" for alias in node.names]
            targets = [each if each in FILES else str(node.module) for each in targets]
        yield from (each for each in targets if each in FILES and each != name)


@cache
def _arrows(*, types: bool) -> networkx.DiGraph:
    """Which module imports which; read once, so nobody changes it."""
    return networkx.DiGraph((name, each) for name in FILES for each in _modules(name, types=types))


def test_no_circle_at_load_time_or_inside_functions():
    assert not list(networkx.simple_cycles(_arrows(types=False)))


def test_types_close_one_circle():
    arrows = _arrows(types=True)
    circles = [part for part in networkx.strongly_connected_components(arrows) if len(part) > 1]
    assert circles == [{name for arrow in TYPE_ONLY for name in arrow}]
    assert {arrow for part in circles for arrow in arrows.subgraph(part).edges} - set(_arrows(types=False).edges) == (
        TYPE_ONLY
    )


def test_a_circle_would_be_seen():
    arrows = _arrows(types=False).copy()
    arrows.add_edge("tm.rule", "tm.machine")
    assert list(networkx.simple_cycles(arrows))


def test_what_a_module_needs_stands_at_its_head():
    inside = {
        name
        for name in FILES
        for function in ast.walk(ast.parse(FILES[name].read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] in PACKAGES
    }
    assert inside
    assert not [name for name in inside if not name.startswith(SLOW_TO_LOAD + ON_DEMAND)]


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_those_below_them(package: str):
    above = PACKAGES[PACKAGES.index(package) + 1 :]
    wrong = [(one, other) for one, other in _arrows(types=True).edges if one.split(".")[0] == package]
    assert wrong
    assert not [(one, other) for one, other in wrong if other.split(".")[0] in above]


def _is_experiment(name: str) -> bool:
    return name.startswith((*EXPERIMENTS, "compiled_models.elicit", "construction.classifiers"))


def test_nothing_in_the_core_knows_the_experiments():
    known = [arrow for arrow in _arrows(types=True).edges if not _is_experiment(arrow[0]) and _is_experiment(arrow[1])]
    assert not known


def _floor(name: str) -> int | None:
    home = "compiled_models.elicit"
    if not name.startswith(f"{home}."):
        return None
    room = name.removeprefix(f"{home}.").split(".")[0]
    return FLOORS.index(room) if room in FLOORS else len(FLOORS)


def test_experiments_import_the_floors_below_them():
    wrong, compared = [], 0
    for one, other in _arrows(types=True).edges:
        if (low := _floor(one)) is not None and (high := _floor(other)) is not None:
            compared += 1
            wrong += [(one, other)] if low < high else []
    assert compared
    assert not wrong


@pytest.mark.parametrize("path", ALL_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_can_be_read_in_one_sitting(path: Path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST

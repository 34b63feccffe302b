"""The rooms of the experiments: what their page says is there, and every floor stands on lower ones alone."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import click
import pytest

from compiled_models.cli.elicit import command
from compiled_models.elicit.figures import FIGURES, figure, main
from tm import InputError

ROOT = Path(__file__).parents[3]
ELICIT = ROOT / "compiled_models" / "elicit"
PAGE = (ELICIT / "README.md").read_text(encoding="utf-8")
EXPERIMENTS = sorted({path.stem for path in ELICIT.glob("*.py")} - {"__init__", "figures"})
ROWS = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE, re.MULTILINE))
BELOW = {
    "report": {"report"},
    "bounds": {"bounds"},
    "data": {"data", "report"},
    "learning": {"learning", "data", "report"},
    **{name: {"learning", "data", "bounds", "report", *EXPERIMENTS} for name in EXPERIMENTS},
}


def test_the_page_has_every_experiment_figure_and_command():
    assert sorted(ROWS) == EXPERIMENTS
    figures = [re.search(r"`(\w+)`", row.split(" | ")[-1]) for row in ROWS.values()]
    assert sorted(each[1] for each in figures if each) == sorted(FIGURES)
    run = {name for row in ROWS.values() for name in re.findall(r"`tapehead elicit (\w+)", row)}
    assert isinstance(command, click.Group)
    assert run == set(command.commands)


def imported(path: Path) -> set[str]:
    """The rooms and files of the experiments that a file imports from, at its head or in a function."""
    nodes = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.ImportFrom)]
    modules = [(node.module or "").split(".") for node in nodes]
    return {parts[2] for parts in modules if parts[:2] == ["compiled_models", "elicit"] and len(parts) > 2}


@pytest.mark.parametrize("place", BELOW)
def test_a_floor_stands_on_lower_ones_alone(place):
    files = list((ELICIT / place).glob("*.py")) or [ELICIT / f"{place}.py"]
    assert {(path.name, room) for path in files for room in imported(path) - BELOW[place]} == set()


def test_nothing_else_imports_an_experiment():
    others = [path for folder in ("tm", "construction", "compiled_models") for path in (ROOT / folder).rglob("*.py")]
    users = {path.relative_to(ROOT).parts[1] for path in others if ELICIT not in path.parents and imported(path)}
    assert users <= {"cli"}


@pytest.mark.parametrize("name", ["nosuch", "../text", ""])
def test_a_figure_that_there_is_not_is_one_error(name, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="no such figure"):
        figure(name)
    assert main([name]) == 2
    assert "no such figure" in capsys.readouterr().err
    assert list(tmp_path.rglob("*.png")) == []

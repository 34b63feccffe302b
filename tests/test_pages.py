"""What the pages show is what happens: the Python sessions in every README of a folder and in docs/."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from tm import registry

ROOT = Path(__file__).parents[1]
ROOMS = ("tm", "construction", "compiled_models", "examples", "tests", "benchmarks", "docs")
PAGES = sorted([*ROOT.glob("*.md"), *(page for room in ROOMS for page in (ROOT / room).rglob("*.md"))])
SESSION = re.compile(r"^```(?:python|pycon)\n(>>> .*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)")


def sessions(page: Path) -> list[str]:
    """The fenced sessions of a page."""
    return SESSION.findall(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "page", [page for page in PAGES if sessions(page)], ids=lambda page: str(page.relative_to(ROOT))
)
def test_a_session_prints_what_the_page_says(page: Path, monkeypatch):
    monkeypatch.setattr(registry, "_NOTATIONS", {n.name: n for n in registry._known()})  # a page may register its own
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    told: list[str] = []
    names: dict[str, object] = {}
    for number, text in enumerate(sessions(page), 1):
        case = doctest.DocTestParser().get_doctest(text, names, f"{page.name}, session {number}", str(page), 0)
        runner.run(case, out=told.append, clear_globs=False)
        names = case.globs
    assert not runner.failures, "".join(told)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_leads_to_a_file(page: Path):
    missing = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
    assert not missing


def test_readme_s_scripts_print_what_it_says(tmp_path: Path, monkeypatch, capsys):
    """Its Python blocks, the machine file that it has the reader save, and a comment for each line printed."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    machine = re.search(r"```text\n(# flip\.tm.*?)```", page, re.DOTALL)
    assert machine
    (tmp_path / "flip.tm").write_text(machine[1], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n((?!from transformers|>>> ).*?)```", page, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        exec(block, {})
        told = re.findall(r"^print\(.*\)\s+# (.*)$", block, re.MULTILINE)
        assert capsys.readouterr().out.splitlines() == told

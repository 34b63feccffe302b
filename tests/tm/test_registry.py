"""Notations by name: added, listed, and imported only when a machine is read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tm.notation
from tm import Machine, registry
from tm.registry import Notation


def test_a_notation_of_ones_own(monkeypatch):
    monkeypatch.setattr(registry, "_NOTATIONS", {n.name: n for n in registry._known()})
    flip = Machine.parse("a 0 -> a 1 R")
    registry.register(
        Notation("shout", (".shout",), lambda text: text.startswith("FLIP!"), "FLIP!", lambda *_: flip, None)
    )
    assert registry.detect("FLIP!") == "shout"
    assert Machine.parse("FLIP!") == flip
    with pytest.raises(ValueError, match="already"):
        registry.register(Notation("shout", (), lambda text: 0.0, "", None, None))


def test_the_page_on_notations_names_every_place():
    folder = Path(tm.notation.__file__).parent
    page = (folder / "README.md").read_text(encoding="utf-8")
    places = [path for path in folder.iterdir() if path.is_dir() or path.suffix == ".py"]
    places += (folder / "common").iterdir()
    for path in places:
        assert path.stem.startswith("__") or f"{path.name}" in page


def test_notations_are_imported_when_the_first_machine_is_read():
    look = "print('tm.notation' in sys.modules)"
    code = f"import sys, tm; {look}; tm.Machine.read('a 0 -> b 1 R'); {look}"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["False", "True"]

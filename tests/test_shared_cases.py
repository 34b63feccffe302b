"""Machines written by others, where a folder of them stands beside the project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"


@pytest.mark.skipif(not (SHARED / "check_cases.py").exists(), reason="no folder of cases by others beside the project")
@pytest.mark.parametrize("kind", ["single", "multi"])
def test_machines_by_others(kind):
    command = [sys.executable, str(SHARED / "check_cases.py"), kind, "2000"]
    found = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[1], check=False)
    assert found.returncode == 0, found.stdout

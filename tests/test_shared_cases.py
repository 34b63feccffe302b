"""Machines written by others, where a folder of them stands beside the project."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.effort import THOROUGH
from tm import Machine, NotationWarning, outcome

SHARED = Path(__file__).parents[2] / "shared"
MACHINES = SHARED / "cases" / "machines"
STEPS = 200_000
"""Of the simulator: all cases but the longest take no more."""
beside = pytest.mark.skipif(not MACHINES.exists(), reason="no folder of cases by others beside the project")


@beside
@pytest.mark.parametrize("kind", ["single", "multi", "native"])
def test_machines_by_others_on_the_base_network(kind):
    """All of their cases that halt in time."""
    steps = "2000" if THOROUGH else "200"
    command = [sys.executable, "-W", "ignore", str(SHARED / "check_cases.py"), kind, steps]
    process = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[1], check=False)
    assert process.returncode == 0, process.stdout


def files() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every machine's file with what is expected of it; none where there is no such folder."""
    index = MACHINES / "index.json"
    return iter(json.loads(index.read_text(encoding="utf-8")).items() if index.exists() else [])


def typed(text: str, format: str) -> tuple[list[str], int]:
    """An input as it is typed into the tool: in Morphett's a space is the blank and a `*` marks the start cell."""
    if not format.startswith("morphett"):
        return list(text), 0
    head = max(0, text.find("*"))
    return list(text.replace("*", "", 1).replace(" ", "_")), head


@beside
@pytest.mark.parametrize(("file", "about"), [pytest.param(*found, id=found[0]) for found in files()])
def test_a_machine_by_others_in_the_simulator(file, about):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotationWarning)
        machine = Machine.read(MACHINES / file)
    for case in about["cases"]:
        if case["halts"] is None or (case["steps"] or 0) > STEPS:
            continue
        input, head = typed(case["input"], about["format"])
        run = outcome(machine, input, head=case["start_head"] or head, max_steps=(case["steps"] or 2_000) + 1)
        assert run.halted is case["halts"]
        if run.halted:
            assert run.steps == case["steps"]  # the rules applied; for `---` the published figure is one more
            assert "".join(run.tape) == case["final_tape"].strip(machine.blank)
            assert run.state == case["final_state"] or case["final_state"] == "HALT"
            assert case["accept"] is None or run.accepted is case["accept"]

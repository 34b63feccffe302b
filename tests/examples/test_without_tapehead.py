"""A checkpoint runs without this library: with numpy and what the file says of itself, as the simulator does."""

from __future__ import annotations

import ast
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from compiled_models import save
from construction import base_network, compile_machine
from tests.machines import TABLE, Case
from tm import Machine, Start, library, outcome

SCRIPT = Path(__file__).parents[2] / "examples" / "without_tapehead.py"
LONGEST = 120  # steps: the script keeps no sums, so it is slow
NETWORKS = {
    "joint": lambda: base_network(states=8, symbols=4),
    "joint in float32": lambda: base_network(states=8, symbols=4, dtype=torch.float32),
    "factored, two tapes": lambda: base_network(states=16, symbols=8, tapes=2),
}


def written(machine: Machine) -> str:
    """The rules as the script takes them, the start state's first, the blank as `_`."""
    rules = sorted(machine.rules, key=lambda rule: rule.state != machine.start)
    lines = []
    for rule in rules:
        read, write = (",".join("_" if a == machine.blank else a for a in part) for part in (rule.read, rule.write))
        lines.append(f"{rule.state} {read} -> {rule.next_state} {write} {','.join(rule.moves)}")
    return "\n".join(lines)


def fits(case: Case, config) -> bool:
    machine = case.machine
    sizes = (len(machine.states), len(machine.symbols), machine.tapes)
    plain = not machine.stochastic and case.head == 0 and not any("," in name for name in machine.symbols)
    return plain and all(n <= m for n, m in zip(sizes, (config.states, config.symbols, config.tapes), strict=True))


def compared(script, file: Path, case: Case, rules: str) -> None:
    machine = case.machine
    want = outcome(machine, case.input, max_steps=LONGEST)
    cells = [["_" if a == machine.blank else a for a in symbols] for symbols in Start.of(machine, case.input).input]
    steps, state, tapes, heads = script["run"](str(file), rules, cells, LONGEST)
    wanted = [want.tape] if machine.tapes == 1 else want.tape
    rows = [[tape[x] for x in sorted(tape)] for tape in tapes[: machine.tapes]]
    trimmed = [" ".join(symbols).strip("_ ").split() for symbols in rows]
    assert (steps, state) == (want.steps, want.state)
    assert trimmed == [["_" if a == machine.blank else a for a in symbols] for symbols in wanted]
    assert heads[: machine.tapes] == ([want.head] if machine.tapes == 1 else want.head)


@pytest.fixture(scope="module")
def script():
    return runpy.run_path(str(SCRIPT))


@pytest.mark.parametrize("kind", NETWORKS)
def test_machines_of_the_table_run_from_the_file_alone(kind, script, tmp_path):
    network = NETWORKS[kind]()
    save(network, tmp_path / "base.safetensors")
    cases = [case for case in TABLE if fits(case, network.config)]
    short = [case for case in cases if outcome(case.machine, case.input, max_steps=LONGEST).halted][::3]
    assert len({case.machine.name for case in short}) >= 5
    for case in short:
        compared(script, tmp_path / "base.safetensors", case, written(case.machine))


@pytest.mark.parametrize("name", ["increment", "sort_bits", "two_tape_copy"])
def test_the_library_files_run_as_they_are(name, script, tmp_path):
    """Comments, some with an arrow in them, and headers are passed over."""
    save(base_network(states=16, symbols=8, tapes=2), tmp_path / "base.safetensors")
    compared(script, tmp_path / "base.safetensors", Case(name, library.load(name), "1011"), library.text(name))


def test_a_tuned_network_runs_by_its_names(script, tmp_path):
    case = Case("increment", library.load("increment"), "1011")
    save(compile_machine(case.machine, states=6), tmp_path / "tuned.safetensors")
    compared(script, tmp_path / "tuned.safetensors", case, case.machine.start)


def test_the_script_uses_nothing_of_ours(tmp_path):
    """It runs where none of our packages can be imported, and prints the run."""
    names = [node for node in ast.walk(ast.parse(SCRIPT.read_text())) if isinstance(node, ast.Import | ast.ImportFrom)]
    imported = {alias.name for node in names if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in names if isinstance(node, ast.ImportFrom)}
    assert imported == {"__future__", "argparse", "json", "numpy", "pathlib", "safetensors", "typing"}
    save(base_network(states=8, symbols=4), tmp_path / "base.safetensors")
    (tmp_path / "rules").write_text(written(library.load("increment")))
    command = [sys.executable, "-I", str(SCRIPT), "base.safetensors", "rules", "1011"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == ["   8  done        1 1 0 0 _", "STOP after 8 steps, in state done"]

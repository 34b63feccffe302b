"""Capacity is free: large networks are built in place and run in under 2 GB."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import resource
from construction import base_network
from compiled_models import run
from tm import Machine, Rule, outcome
states, symbols = {states}, {symbols}
names, alphabet = [f"q{{i}}" for i in range(states)], [str(i) for i in range(symbols)]
rules = [
    Rule(q, (a,), names[(i + 1) % (states - 1) if j else i + 1], (alphabet[(j + 1) % symbols],), ("RLS"[(i + j) % 3],))
    for i, q in enumerate(names[:-1])
    for j, a in enumerate(alphabet)
]
machine = Machine(blank="0", rules=rules)
network = base_network(states=states, symbols=symbols)
result, expected = run(network, machine, max_steps=30, decoder="dense"), outcome(machine, max_steps=30)
assert (result.steps, result.tape, result.state, result.head) == (
    expected.steps, expected.tape, expected.state, expected.head
)
assert network.config.code == "factored"
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.parametrize(("states", "symbols"), [(1000, 2), (100, 20)])
def test_a_large_network_runs_in_under_2_gb(states, symbols):
    script = SCRIPT.format(states=states, symbols=symbols)
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    assert int(process.stdout) < 2 * 1024 * 1024  # kilobytes

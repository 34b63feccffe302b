"""Every example runs and prints what it promises."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
PROMISES = {
    "first_machine": "1011 + 1 = 1100 after 8 steps",
    "one_network_many_machines": "halted after 107 steps, tape 10111111111111 as the simulator",
    "compiled_weights": "Without a single example in its prompt: 6 steps, tape 1111",
    "wrong_example": "the simulator with that wrong rule: 1111 after 8 steps",
    "stochastic_policy": "P(toss/_>heads/R/toss) = 0.75",
}


@pytest.mark.parametrize("name", PROMISES)
def test_example(name, capsys):
    runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
    out = capsys.readouterr().out
    assert PROMISES[name] in out
    assert "NOT AS" not in out


def test_demo(capsys):
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(EXAMPLES / "demo.py"), run_name="__main__")
    out = capsys.readouterr().out
    assert end.value.code == 0
    assert "READ attended to" in out
    assert out.count("equal") >= 10
    assert "NOT EQUAL" not in out


def test_every_script_is_tested():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {*PROMISES, "demo", "without_tapehead"}

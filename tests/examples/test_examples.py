"""Every example runs and prints what it promises."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest
from rich.console import Console

from compiled_models import fingerprint
from compiled_models.cli import main
from construction import base_network

EXAMPLES = Path(__file__).parents[2] / "examples"
PROMISES = {
    "first_machine": "1011 + 1 = 1100 after 8 steps",
    "one_network_many_machines": "halted after 107 steps, tape 10111111111111 as the simulator",
    "compiled_weights": "Without a single example in its prompt: 6 steps, tape 1111",
    "wrong_example": "the simulator with that wrong rule: 1111 after 8 steps",
    "policies_as_functions": "<Machine three_tape_xor: 3 states, 3 symbols, 9 rules, 3 tapes>: equal to the library's",
    "induction_head": "induction score of DECIDE in 6 situations: 1.000000 or more",
    "stochastic_policy": "P(toss/_>heads/R/toss) = 0.75",
    "with_llama_cpp": "<halt>",
}
NEEDS = {"with_llama_cpp": "llama_cpp"}


@pytest.mark.parametrize("name", PROMISES)
def test_example(name, capsys):
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
    out = capsys.readouterr().out
    assert PROMISES[name] in out
    assert "NOT AS" not in out


def test_demo(capsys):
    """It ends well, and all that it shows is one network: the command line's, and that of the other examples."""
    main(["run", "increment", "1011", "--json"])
    digest = json.loads(capsys.readouterr().out)["network"]["sha256"]
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(EXAMPLES / "demo.py"), run_name="__main__")
    out = capsys.readouterr().out
    assert end.value.code == 0
    assert "READ attended to" in out
    assert out.count("equal") >= 10
    assert "NOT EQUAL" not in out
    assert out.count(digest[:12]) == 11
    assert "in one layer: blocks.3.mlp.W_gate, blocks.3.mlp.W_in, blocks.3.mlp.W_out" in " ".join(out.split())
    runpy.run_path(str(EXAMPLES / "one_network_many_machines.py"), run_name="__main__")
    assert capsys.readouterr().out.count(digest[:12]) == 6


def test_the_demo_says_what_is_machine_and_what_input_and_ends_with_a_weight_that_is_refused(capsys):
    demo = runpy.run_path(str(EXAMPLES / "demo.py"))
    network, console = base_network(states=16, symbols=8, tapes=2), Console(width=132)
    demo["step_by_step"](console, network, "increment", "1011")
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines[2:6] == [
        "  begin        <bos>",
        "  the machine  right/0:0/R/right right/1:1/R/right right/_:_/L/carry carry/1:0/L/carry carry/0:1/S/done "
        "carry/_:1/S/done",
        "  the input    [1] [0] [1] [1]",
        "  start state  <run right>",
    ]
    before = fingerprint(network)
    assert demo["refused"](console, network)
    out = " ".join(capsys.readouterr().out.split())
    assert "not certified after 0 steps: frame: blocks.2.attn.W_Q one -> READ 1 query [cell] is" in out
    assert "it says 11111 after 7 steps instead of 1100 after 8" in out
    assert fingerprint(network) == before


def test_every_script_is_tested():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {*PROMISES, "demo", "without_tapehead"}

"""The stock Llama from the command line."""

from __future__ import annotations

import json

import pytest

from tests.commands import tapehead


def test_run_compares_with_the_simulator(capsys):
    status, out, _ = tapehead(capsys, "run", "increment", "1011", "--network", "llama", "--trace")
    assert status == 0
    assert out.startswith("A1 1RA @1\nA2 2RA @2\n")
    assert "accepted after 8 steps: no rule applies in state done\n" in out
    assert "simulator  the same 26 words\n" in out


def test_run_as_json(capsys):
    status, out, _ = tapehead(capsys, "run", "bb2", "--network", "llama", "--dtype", "bfloat16", "--json")
    result = json.loads(out)
    assert (status, result["steps"], result["difference"], result["network"]["kind"]) == (0, 6, None, "llama")
    assert result["network"]["dtype"] == "bfloat16"


def test_a_run_that_leaves_the_tape(capsys):
    status, out, _ = tapehead(capsys, "run", "bb4", "--network", "llama", "--cells", "8")
    assert status == 0
    assert "in state B: edge of the tape" in out


def test_the_prompt(capsys):
    status, out, err = tapehead(capsys, "prompt", "increment", "10", "--for", "llama")
    assert (status, out.splitlines()[-3:]) == (0, ["@0 1", "@1 2", "A @0"])
    assert err == "A = right, B = carry, Z = done, 0 = _, 2 = 0\n"
    status, out, err = tapehead(capsys, "prompt", "bb2", "--for", "llama", "--json")
    assert json.loads(out)["text"] == "A0 1RB\nA1 1LB\nB0 1LA\nB1 1RZ\nA @0"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--dtype", "float64"], "float32, bfloat16, float16"),
        (["--decoder", "kernels"], "--decoder"),
        (["--seed", "1"], "--seed"),
        (["--tapes", "2"], "one tape"),
        (["--code", "joint"], "one code"),
        (["--cells", "5000"], "4,096 or 8,192"),
        (["--states", "1"], "--states 3"),
        (["--head", "4000"], "the tape is too short"),
    ],
)
def test_what_a_stock_llama_has_not(capsys, arguments: list[str], words: str):
    status, _, err = tapehead(capsys, "run", "bb2", "--network", "llama", *arguments)
    assert status == 2
    assert words in err


def test_float16_is_the_llamas_alone(capsys):
    status, _, err = tapehead(capsys, "run", "bb2", "--dtype", "float16")
    assert (status, "only --network llama" in err) == (2, True)

"""The stock Llama from the command line."""

from __future__ import annotations

import json
from pathlib import Path

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


def test_a_tuned_llama_is_told_the_tape_alone_and_runs_the_same_words(capsys):
    status, out, _ = tapehead(capsys, "prompt", "increment", "10", "--for", "tuned-llama")
    assert (status, out) == (0, "@0 1\n@1 2\nA @0\n")
    status, out, _ = tapehead(capsys, "run", "increment", "1011", "--network", "tuned-llama", "--trace")
    assert (status, "simulator  the same 26 words\n" in out, "\nnetwork    tuned llama" in out) == (0, True, True)
    status, other, _ = tapehead(capsys, "run", "increment", "1011", "--network", "llama", "--trace")
    assert other.splitlines()[:10] == out.splitlines()[:10]


def test_a_written_prompt_that_is_one_is_printed_again(capsys, tmp_path: Path):
    text = "A0 1RB; B0 1LA\n@5 1\nA @0\nA0 1RB @1\n"
    (tmp_path / "a").write_text(text)
    assert tapehead(capsys, "prompt", "--for", "llama", "--check", str(tmp_path / "a")) == (0, text, "")
    status, out, _ = tapehead(capsys, "prompt", "--for", "llama", "--check", str(tmp_path / "a"), "--json")
    assert (status, json.loads(out)) == (0, {"text": text, "words": 11})


@pytest.mark.parametrize(
    ("text", "words", "options"),
    [
        ("@0 1\n@0 1\nA @0", ":2: a cell is given twice", []),
        ("A0 1RB\nA0 1LB\nA @0", ":2: two rules contradict one another", []),
        ("A0 1RB\nB0 1LA", ":2: the prompt has no start", []),
        ("A0 B0\nhello", "2 problems", []),
        ("A0 1RB\nA @9", ":2: no such word", ["--cells", "16"]),
        ("B0 1RZ\nA @0", "states A to Z", ["--states", "2"]),
        ("A2 1RZ\nA @0", ":1: no such word", ["--symbols", "2"]),
        (b"\xff", "no text in UTF-8", []),
        (None, "No such file", []),
    ],
)
def test_what_is_wrong_with_a_written_prompt(capsys, tmp_path: Path, text: object, words: str, options: list[str]):
    file = tmp_path / "a"
    if text is not None:
        file.write_bytes(text if isinstance(text, bytes) else str(text).encode())
    status, out, err = tapehead(capsys, "prompt", "--for", "llama", "--check", str(file), *options)
    assert (status, out, err.startswith("tapehead: ")) == (2, "", True)
    assert words in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Missing argument 'MACHINE'"),
        (["--check", "-"], "--for llama beside it"),
        (["bb2", "--cells", "16"], "--for llama beside it"),
        (["bb2", "--for", "llama", "--check", "-"], "give one of them"),
        (["bb2", "--for", "llama", "--cells", "3"], "4 to 1,048,576"),
        (["bb2", "--for", "llama", "--cells", "5"], "4 or 8"),
        (["bb2", "--for", "llama", "--states", "2"], "3"),
        (["bb2", "1" * 9, "--for", "llama", "--cells", "16"], "the tape is too short"),
    ],
)
def test_prompts_that_cannot_be(capsys, arguments: list[str], words: str):
    status, _, err = tapehead(capsys, "prompt", *arguments)
    assert (status, words in err) == (2, True)

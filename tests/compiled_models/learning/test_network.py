"""The network learner on the base network: bit for bit NumPy's fixed point, near PyTorch's float32.

Its prompt has 6,158 rules. More of it: `test_what_is_learnt.py`, and `benchmarks/learners.py` with 20 problems, the
dense decoder and the network tuned to the learner.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from compiled_models.learning.network import NetworkLearner, NetworkSettings, pytorch_network, read_numbers
from tests.commands import tapehead
from tests.compiled_models.learning.one_network import SHA256

XOR = "0 0 0\n0 1 1\n1 0 1\n1 1 0\n"


def test_near_pytorch():
    data = [((float(a), float(b)), float(a != b)) for a in (0, 1) for b in (0, 1)]
    this = NetworkLearner(data, NetworkSettings(epochs=8, seed=1, bits=24, fraction=16))
    queries = [x for x, _ in data]
    weights, answers = pytorch_network(this, queries)
    reference = this.reference(queries)
    assert weights == pytest.approx(reference.weights, abs=1e-3)
    assert answers == pytest.approx(reference.answers, abs=1e-3)


def test_as_a_command(capsys, tmp_path: Path):
    path = tmp_path / "xor.txt"
    path.write_text(XOR, encoding="utf-8")
    few = ["--epochs", "1", "--units", "2", "--bits", "10", "--fraction", "6"]
    status, out, err = tapehead(capsys, "learn", "network", str(path), "--query", "0 1", "--test", str(path), *few)
    assert (status, err) == (0, "")
    assert "weights   8, all equal" in out
    assert "PyTorch   float32" in out
    assert "4 of 4 answers equal, mean squared error" in out
    status, out, _ = tapehead(capsys, "learn", "network", str(path), "--query", "0 1", "--json", *few)
    said = json.loads(out)
    assert status == 0
    assert said["network"]["sha256"] == SHA256
    assert said["weights"] == said["reference_weights"]
    assert said["answer"] == said["reference_answer"]


def test_texts_as_a_command(capsys, tmp_path: Path):
    """A text is as many inputs as there are words that tell; an output above 0 says +1."""
    path = tmp_path / "food.tsv"
    path.write_text("Good food\t+1\nbad food\t-1\n", encoding="utf-8")
    few = ["--words", "1", "--epochs", "3", "--units", "1", "--bits", "10", "--fraction", "6", "--rate", "0.5"]
    status, out, err = tapehead(
        capsys, "learn", "network", str(path), "--query", "BAD zebra!", "--test", str(path), *few
    )
    assert (status, err) == (0, "")
    assert "2 examples of 1 input, 1 hidden unit; 3 epochs, 10 bits" in out
    assert "query     'BAD zebra!': 1 word of it known: bad" in out
    assert re.search(r"answer    -1 \(output \S+\)    the same fixed point in NumPy: -1 ", out)
    assert "2 of 2 answers equal, " in out
    assert re.search(r", [12] right \(", out)


@pytest.mark.parametrize("text", ["good food\t+\nbad food\t-\n", "+\tgood food\n-\tbad food\n"])
def test_texts_as_inputs(tmp_path: Path, text: str):
    path = tmp_path / "food.tsv"
    path.write_text(text, encoding="utf-8")
    data = read_numbers(str(path), words=2)
    assert data.examples == (((0.0, 1.0), 1.0), ((1.0, 0.0), -1.0))
    assert data.inputs("GOOD, bad, or good?") == (1.0, 1.0)
    assert data.inputs("") == data.inputs("zebra") == (0.0, 0.0)
    path.write_text("zebra\t+\n", encoding="utf-8")
    assert read_numbers(str(path), like=data).examples == (((0.0, 0.0), 1.0),)


def test_numbers_with_tabs_between_are_numbers(tmp_path: Path):
    path = tmp_path / "data.tsv"
    path.write_text("1\t2\n-1\t0.5\n", encoding="utf-8")
    assert read_numbers(str(path)).examples == (((1.0,), 2.0), ((-1.0,), 0.5))


@pytest.mark.parametrize(
    ("data", "options", "said"),
    [
        ("", [], ["there is nothing to learn from"]),
        ("1 2 x\n", [], ["an entry that is no number", "data.txt:1", "found: x"]),
        ("1 2 3\n1 2\n", [], ["a row of another width", "data.txt:2"]),
        ("1 nan 3\n", [], ["an entry that is no number"]),
        ("1\n", [], ["an example has no inputs"]),
        ("1 99\n", [], ["words of 16 bits, 10 of them behind the point, are too small", "more --bits"]),
        ("1 20\n" * 3, ["--rate", "4"], ["are too small"]),
        (XOR, ["--query", "1"], ["the query does not fit the data", "2 numbers"]),
        (XOR, ["--query", "99 0"], ["words of 16 bits, 10 of them behind the point, are too small"]),
        (XOR, ["--rate", "nan"], ["the learning rate is a finite number"]),
        (XOR, ["--rate", "inf"], ["the learning rate is a finite number"]),
        (XOR, ["--rate", "0.0001"], ["the learning rate is 0 in this fixed point", "more --fraction"]),
        (XOR, ["--epochs", "10000"], ["this training takes more tokens than are certified", "134,142,570 at most"]),
        ("1,2\n", [], ["an example has no inputs", "white space stands between"]),
        (XOR, ["--query", ""], ["the query does not fit the data", "2 numbers"]),
        (XOR, ["--test", "nothing.txt"], ["no such file", "nothing.txt"]),
        ("good\t+\nfine\tmaybe\n", [], ["a label that is neither +1 nor -1", "data.txt:2", "'maybe'"]),
        ("good\t+\nfine\t+\tx\n", [], ["wrong number of columns", "data.txt:2"]),
        (XOR, ["--bits", "8", "--fraction", "8"], ["a number needs digits before the point"]),
    ],
)
def test_bad_data_is_one_clear_error(capsys, tmp_path: Path, data: str, options: list[str], said: list[str]):
    path = tmp_path / "data.txt"
    path.write_text(data, encoding="utf-8")
    status, out, err = tapehead(capsys, "learn", "network", str(path), *options)
    assert (status, out) == (2, "")
    for part in said:
        assert part in err

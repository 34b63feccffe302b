"""`tapehead learn`: what it prints, what it refuses, and that bad data is one clear error each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compiled_models.learning.data import read_dataset
from tests.commands import tapehead

ROOT = Path(__file__).parents[3]
ROWS = "1 0 1 +1\n0 1 1 -1\n\n1 1 1 +1\n"
SHORT = ("--epochs", "4", "--bits", "4")
FIELDS = "learner network rules cells tokens seconds weights reference_weights answer reference_answer equal certified"


@pytest.fixture
def rows(tmp_path: Path) -> str:
    return written(tmp_path, ROWS)


def written(folder: Path, text: str) -> str:
    path = folder / "data.txt"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_rows_as_json(capsys, rows: str):
    status, out, err = tapehead(capsys, "learn", "perceptron", rows, "--query", "1 0 1", "--json", *SHORT)
    said = json.loads(out)
    assert (status, err) == (0, "")
    assert list(said)[:12] == FIELDS.split()
    assert set(said["network"]) == {"sha256", "states", "symbols", "tapes"}
    assert said["weights"] == said["reference_weights"]
    assert (said["answer"], said["reference_answer"]) == (1, 1)
    assert said["equal"] is said["certified"] is True


def test_rows_as_text_with_a_test_set(capsys, rows: str):
    status, out, _ = tapehead(capsys, "learn", "perceptron", rows, "--query", "011", "--test", rows, *SHORT)
    assert status == 0
    assert "3 examples of 3 features" in out
    assert "3 of 3 answers equal, 3 right (100.0%)" in out
    assert "sha256 c37a26a230999355" in out
    assert out.endswith("equal\n")


def test_texts(capsys, tmp_path: Path):
    path = written(tmp_path, "good food\t+\nbad food\t-\n")
    status, out, _ = tapehead(
        capsys, "learn", "perceptron", path, "--query", "Good zebra!", "--features", "4", "--bits", "4"
    )
    assert status == 0
    assert "1 word of it known: good" in out
    assert "answer    +1" in out


@pytest.mark.parametrize("text", ["{0}\tgood food\n{1}\tbad food\n", "good food\t{0}\nbad food\t{1}\n"])
@pytest.mark.parametrize("labels", ["+ -", "+1 -1", "1 -1"])
def test_texts_with_the_label_in_either_column(tmp_path: Path, text: str, labels: str):
    data = read_dataset(written(tmp_path, text.format(*labels.split())), features=4)
    assert data.words == ("bad", "good", "food")
    assert data.examples == (((0, 1, 1, 1), 1), ((1, 0, 1, 1), -1))


@pytest.mark.parametrize("query", ["", "zebra"])
def test_a_query_without_a_known_word_has_the_constant_feature_alone(tmp_path: Path, query: str):
    data = read_dataset(written(tmp_path, "good\t+\nbad\t-\n"))
    assert data.vector(query) == (0, 0, 1)


@pytest.mark.parametrize(
    ("data", "options", "said"),
    [
        ("1 0 yes\n", [], ["a label that is neither +1 nor -1", "data.txt:1", "'yes'"]),
        ("1 0 +1\n1 +1\n", [], ["a row of another width", "data.txt:2", "found: 2"]),
        ("1 0 +1\n1 2 +1\n", [], ["a feature that is neither 0 nor 1", "data.txt:2", "found: 2"]),
        ("1 0 +1\n1 0.5 +1\nx y z\n", [], ["3 problems", "data.txt:2", "data.txt:3"]),
        ("", [], ["there is nothing to learn from", "data.txt"]),
        ("\n \n", [], ["there is nothing to learn from"]),
        ("+1\n", [], ["an example has no features"]),
        ("1,0,+1\n", [], ["an example has no features", "white space stands between"]),
        (
            "1 +1\n1 -1\n",
            ["--epochs", "12000", "--bits", "15"],
            ["takes more tokens than are certified", "fewer epochs"],
        ),
        ("good\t+\nfine\tmaybe\n", [], ["a label that is neither +1 nor -1", "data.txt:2", "'maybe'"]),
        ("good\t+\nfine\t+\tx\n", [], ["wrong number of columns", "data.txt:2"]),
        ("good\tpos\nfine\tneg\n", [], ["2 problems", "data.txt:1", "data.txt:2", "+1 and the other as -1"]),
        ("# rows\n1 0 +1\n", [], ["a label that is neither +1 nor -1", "data.txt:1", "a row of another width"]),
        ("1 yes\n", [], ["a label that is neither +1 nor -1", "the label stands last"]),
        (ROWS, ["--query", "1 0"], ["the query does not fit the data", "3 features"]),
        (ROWS, ["--query", "1 0 7"], ["the query does not fit the data"]),
        (ROWS, ["--query", ""], ["the query does not fit the data"]),
        ("0 1 1 +1\n1 1 1 -1\n1 0 1 +1\n" * 3, ["--bits", "2"], ["words of 2 bits are too small", "more --bits"]),
        (ROWS, ["--bits", "1"], ["--bits"]),
        (ROWS, ["--test", "nothing.txt"], ["no such file", "nothing.txt"]),
    ],
)
def test_bad_data_is_one_clear_error(capsys, tmp_path: Path, data: str, options: list[str], said: list[str]):
    status, out, err = tapehead(capsys, "learn", "perceptron", written(tmp_path, data), *options)
    assert (status, out) == (2, "")
    assert err.startswith("tapehead: ")
    for part in said:
        assert part in err


def test_a_missing_file(capsys, tmp_path: Path):
    assert tapehead(capsys, "learn", "perceptron", str(tmp_path / "none"))[0] == 2
    assert tapehead(capsys, "learn", "perceptron", str(tmp_path))[0] == 2
    assert tapehead(capsys, "learn", "perceptron", "")[0] == 2


@pytest.mark.parametrize("data", ["1 +1\n", "1 0 +1\n0 1 +1\n", "1 1 +1\n1 1 -1\n"])
def test_the_smallest_data(capsys, tmp_path: Path, data: str):
    """One example, one feature, one label, equal examples with opposite labels."""
    path = written(tmp_path, data)
    for epochs in ("0", "2"):
        options = ("--epochs", epochs, "--bits", "3")
        status, out, err = tapehead(capsys, "learn", "perceptron", path, *options, "--test", path)
        assert (status, err) == (0, ""), out

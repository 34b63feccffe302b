"""The averaged perceptron and counting through the same base network as the perceptron."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from compiled_models import fingerprint
from compiled_models.comparison import compare
from compiled_models.learning.count import CountLearner, decide_distribution
from compiled_models.learning.data import Dataset
from compiled_models.learning.learner import Learner, learn
from compiled_models.learning.perceptron import AveragedLearner
from tests.commands import tapehead
from tests.compiled_models.learning.one_network import NETWORK, SHA256
from tests.tm.learners.datasets import random_dataset
from tm.learners.count import names_of


def averaged(rng: Random, size: int) -> tuple[Learner, list[list[int]]]:
    examples, queries = random_dataset(rng, most=size, features=max(1, size // 2))
    data = Dataset(tuple((tuple(x), y) for x, y in examples))
    return AveragedLearner(data, bits=4 + size, epochs=min(size, 4)), queries[:size]


def counting(rng: Random, size: int) -> tuple[Learner, list[str]]:
    pairs = [(rng.choice("abc"), rng.choice("xyz")) for _ in range(rng.randint(1, size))]
    return CountLearner(pairs, bits=5), [rng.choice(names_of(pairs)[0]) for _ in range(min(size, 3))]


@pytest.mark.parametrize("kind", [averaged, counting])
def test_equal_to_the_reference_by_kernels(kind):
    """On random data; `benchmarks/learners.py` tries 20, `test_what_is_learnt.py` data with something in them."""
    learner, queries = kind(Random(1), 8)
    done = learn(learner, queries, NETWORK, decoder="kernels")
    assert done.equal, (done.learnt, done.reference)
    assert done.result.decoder == "kernels"
    assert fingerprint(NETWORK).sha256 == SHA256


@pytest.mark.parametrize("kind", [averaged, counting])
def test_equal_to_the_reference_by_the_dense_decoder(kind):
    """`benchmarks/learners.py` tries 2."""
    learner, queries = kind(Random(2), 1)
    done = learn(learner, queries[:1], NETWORK, decoder="dense")
    assert done.equal
    assert done.result.decoder == "dense"


@pytest.mark.parametrize("kind", [averaged, counting])
def test_the_learner_in_the_weights_generates_the_same_tokens(kind):
    learner, queries = kind(Random(2), 2)
    comparison = compare(NETWORK, learner.machine(), learner.tapes(queries), max_steps=150, decoder="streaming")
    assert comparison.equal


def test_the_decide_head_gives_the_distribution_that_was_counted():
    rng = Random(0)
    pairs = [(rng.choice("ab"), rng.choice("xyz")) for _ in range(20)]
    for context in "ab":
        row = [token for name, token in pairs if name == context]
        shares = decide_distribution(pairs, context)
        assert shares == pytest.approx({token: row.count(token) / len(row) for token in set(row)}, abs=1e-12)


def test_count_as_a_command(capsys, tmp_path: Path):
    path = tmp_path / "weather.txt"
    path.write_text("rain wet\nrain wet\nsun dry\nrain dry\n", encoding="utf-8")
    status, out, err = tapehead(capsys, "learn", "count", str(path), "--query", "rain", "--bits", "3")
    assert (status, err) == (0, "")
    assert "after     rain: wet 2 (0.667), dry 1 (0.333)" in out
    assert "answer    wet" in out
    asked = tmp_path / "asked.txt"
    asked.write_text("rain wet\nrain dry\nsun dry\n", encoding="utf-8")
    for query in ([], ["--query", "sun"]):
        status, out, err = tapehead(capsys, "learn", "count", str(path), "--test", str(asked), *query, "--bits", "3")
        assert (status, err) == (0, "")
        assert "test      3 of 3 answers equal, 2 right (66.7%)" in out
    status, out, err = tapehead(capsys, "learn", "count", str(path), "--test", str(asked), "--bits", "3", "--json")
    assert json.loads(out)["test"] == {"queries": 3, "equal": 3, "right": 2}
    asked.write_text("rain wet\nsnow cold\nsun\nfog wet\n", encoding="utf-8")
    status, out, err = tapehead(capsys, "learn", "count", str(path), "--test", str(asked))
    assert (status, out) == (2, "")
    assert err.count("this context was never seen") == 2
    assert "this is no pair" in err
    for text, options, said in [
        ("rain wet\nsun\n", [], "this is no pair"),
        ("rain wet\n", ["--query", "snow"], "this context was never seen"),
        ("rain wet\n" * 2, ["--bits", "1"], "words of 1 bits are too small"),
        ("\n".join(f"{i} x" for i in range(10)), [], "too many names"),
        ("", [], "expected: a pair a line"),
    ]:
        path.write_text(text, encoding="utf-8")
        status, out, err = tapehead(capsys, "learn", "count", str(path), *options)
        assert (status, out) == (2, "")
        assert said in err


def test_averaged_as_a_command(capsys, tmp_path: Path):
    path = tmp_path / "rows.txt"
    path.write_text("1 0 +1\n0 1 -1\n1 1 +1\n", encoding="utf-8")
    status, out, err = tapehead(capsys, "learn", "averaged", str(path), "--query", "10", "--epochs", "2", "--bits", "6")
    assert (status, err) == (0, "")
    assert "answer    +1" in out
    path.write_text("1 1 +1\n1 0 -1\n0 1 +1\n" * 2, encoding="utf-8")
    status, out, err = tapehead(capsys, "learn", "averaged", str(path), "--bits", "3")
    assert (status, out) == (2, "")
    assert "words of 3 bits are too small" in err

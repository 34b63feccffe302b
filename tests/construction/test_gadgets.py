"""Each gadget alone, in a network of its own, does what its proof says, with the margin that it claims."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

from construction import Blueprint, Vocabulary, gadgets
from construction.number_format import Constants
from construction.residual import ResidualStream, SpaceMismatch

CONSTANTS = Constants.of(torch.float64)


class Bench:
    """A network of one block with one gadget in it; a token's fields set directions to numbers."""

    def __init__(self, **spaces: Any) -> None:
        self.stream = ResidualStream()
        for name, (type_, labels) in {"one": ("flag", [""]), "t": ("integer", [""]), **spaces}.items():
            self.stream.add(name, type_, labels)
        self.vocabulary = Vocabulary({"NONE": {}})
        self.blueprint = Blueprint(self.vocabulary, self.stream, ("ONLY",))
        self.block = self.blueprint.blocks["ONLY"]

    def __getitem__(self, name: str) -> Any:
        space = self.stream[name]
        return space.only if len(space) == 1 else space

    def stream_after(self, rows: list[dict[str, Any]]) -> list[dict[str, np.ndarray]]:
        """The residual stream after the block, when each token brings these values."""
        if not self.block.heads:
            self.block.head("nothing")
        network = self.blueprint.network(constants=CONSTANTS)
        brought = torch.zeros(1, len(rows), self.stream.width, dtype=torch.float64)
        for t, row in enumerate(rows):
            for name, value in {"one": 1, "t": t + 1, **row}.items():
                for direction, number in zip(self.stream[name], np.atleast_1d(value), strict=True):
                    brought[0, t, direction.column] = float(number)
        from construction import KeyValueCache

        with torch.inference_mode():
            after = network.blocks[0](brought, 0, KeyValueCache())[0].numpy()
        return [{name: row[[d.column for d in space]] for name, space in self.stream.spaces.items()} for row in after]


def test_running_mean():
    bench = Bench(x=("integer", [""]), mean=("fraction", [""]))
    gadgets.running_mean(bench.block.head("mean"), bench["x"], bench["mean"], "")
    xs = [3, -1, 4, 1, -5]
    means = [row["mean"][0] for row in bench.stream_after([{"x": x} for x in xs])]
    assert means == pytest.approx([np.mean(xs[: t + 1]) for t in range(5)], abs=1e-15)


@pytest.mark.parametrize("x", [-2.5, 0, 7])
def test_product(x):
    bench = Bench(x=("fraction", [""]), out=("integer", [""]))
    gadgets.product(bench.block.feed_forward, bench["t"], bench["x"], out=bench["out"], because="")
    assert [row["out"][0] for row in bench.stream_after([{"x": x}] * 4)] == [x, 2 * x, 3 * x, 4 * x]


@pytest.mark.parametrize("flag", [0, 1])
@pytest.mark.parametrize("t", [1, 2**20 + 1, 2**40])
def test_gated_product(flag, t):
    bench = Bench(x=("fraction", [""]), flag=("flag", [""]), out=("integer", [""]))
    names = {name: bench[name] for name in ("flag", "one", "out")}
    gadgets.gated_product(bench.block.feed_forward, bench["t"], bench["x"], **names, because="")
    assert bench.stream_after([{"x": -3, "flag": flag, "t": t}])[0]["out"][0] == -3.0 * t * flag


@pytest.mark.parametrize("x", [0, 1, -1, 12345, -67_108_864])
def test_square(x):
    bench = Bench(x=("integer", [""]), out=("integer", [""]))
    gadgets.square(bench.block.feed_forward, bench["x"], bench["one"], bench["out"], "")
    assert bench.stream_after([{"x": x + int(CONSTANTS.M)}])[0]["out"][0] == x * x


@pytest.mark.parametrize("visits", [1, 2, 3, 7, 10_007, 2**27])
def test_saturate_makes_a_clean_one_hot(visits):
    bench = Bench(found=("fraction", "12"), symbol=("one-hot", "012"))
    symbol = bench.stream["symbol"]
    gadgets.saturate(bench.block.feed_forward, bench["one"], bench.stream["found"], symbol, symbol[0], "")
    assert bench.stream_after([{"found": [0, 1 / visits]}])[0]["symbol"].tolist() == [0, 0, 1]
    assert bench.stream_after([{"found": [0, 0]}])[0]["symbol"].tolist() == [1, 0, 0]


def lookup_bench() -> Bench:
    scalars = dict.fromkeys(["p", "p2", "c", "c2", "write", "bos", "value", "found"], ("integer", [""]))
    bench = Bench(**scalars)
    head = bench.block.head("look-up")
    gadgets.integer_lookup(
        head,
        wanted=bench["p"],
        wanted_square=bench["p2"],
        address=bench["c"],
        address_square=bench["c2"],
        writes=(bench["write"],),
        sink=bench["bos"],
        one=bench["one"],
    )
    head.move(bench["value"], bench["found"], "")
    return bench


def written(cell: int, value: int) -> dict[str, Any]:
    return {"c": cell + int(CONSTANTS.M), "c2": cell**2, "write": 1, "value": value, "p": int(CONSTANTS.M)}


NO_WRITE: dict[str, Any] = {"c": int(CONSTANTS.M), "p": int(CONSTANTS.M), "value": 1000}
SINK = {**NO_WRITE, "bos": 1, "value": 0}


@pytest.mark.parametrize("p", [0, 1, -1, 5, -100_000])
def test_integer_lookup_averages_the_exact_matches(p):
    asks = {"p": p + int(CONSTANTS.M), "p2": p * p, "c": int(CONSTANTS.M), "value": 1000}
    past = [SINK, NO_WRITE, written(p - 1, 7), written(p, 1), written(p + 1, 9), written(p, 4)]
    mean = lookup_bench().stream_after([*past, asks])[-1]["found"][0]
    assert mean == pytest.approx(2.5, abs=1e-24 * 1000)


@pytest.mark.parametrize("p", [0, 1, -1, 5, -100_000])
def test_integer_lookup_falls_to_the_sink(p):
    asks = {"p": p + int(CONSTANTS.M), "p2": p * p, "c": int(CONSTANTS.M), "value": 1000}
    past = [SINK, NO_WRITE, written(p - 1, 7), written(p + 1, 9)]
    leak = 3 * 1000 * np.exp(-float(CONSTANTS.beta * gadgets.LOOKUP_MARGIN))
    assert abs(lookup_bench().stream_after([*past, asks])[-1]["found"][0]) <= leak


def test_exact_match_averages_full_matches_and_falls_to_the_sink():
    bench = Bench(
        a=("one-hot", "xyz"),
        b=("one-hot", "uv"),
        key_a=("one-hot", "xyz"),
        key_b=("one-hot", "uv"),
        bos=("flag", [""]),
        value=("fraction", [""]),
        out=("fraction", [""]),
    )
    head = bench.block.head("match")
    pairs = [(bench.stream["a"], bench.stream["key_a"]), (bench.stream["b"], bench.stream["key_b"])]
    gadgets.exact_match(head, pairs=pairs, sink=bench["bos"], one=bench["one"], because="")
    head.move(bench["value"], bench["out"], "")
    sink = {"bos": 1, "value": -1}
    examples: list[dict[str, Any]] = [
        {"key_a": [1, 0, 0], "key_b": [1, 0], "value": 3},
        {"key_a": [1, 0, 0], "key_b": [1, 1], "value": 5},  # a wildcard
        {"key_a": [0, 1, 0], "key_b": [1, 0], "value": 100},
    ]
    matched = bench.stream_after([sink, *examples, {"a": [1, 0, 0], "b": [1, 0]}])[-1]["out"][0]
    unmatched = bench.stream_after([sink, *examples, {"a": [0, 0, 1], "b": [0, 1]}])[-1]["out"][0]
    leak = 200 * np.exp(-float(CONSTANTS.beta * gadgets.MATCH_MARGIN))
    assert matched == pytest.approx(4, abs=leak)
    assert unmatched == pytest.approx(-1, abs=leak)


def test_spaces_that_do_not_fit_are_refused():
    bench = Bench(a=("one-hot", "xyz"), b=("one-hot", "xy"), n=("integer", "xyz"))
    head = bench.block.head("match")
    for pair in (("a", "b"), ("a", "n")):
        with pytest.raises(SpaceMismatch):
            gadgets.exact_match(
                head,
                pairs=[(bench.stream[pair[0]], bench.stream[pair[1]])],
                sink=bench["one"],
                one=bench["one"],
                because="",
            )


def test_margins_are_what_the_proofs_say():
    assert gadgets.LOOKUP_MARGIN == gadgets.MATCH_MARGIN == Fraction(1, 2)

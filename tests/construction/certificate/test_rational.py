"""In exact arithmetic with hard attention the network does what the machine does, and whole numbers are whole."""

from __future__ import annotations

from fractions import Fraction

import pytest

from construction import Codec, base_network, compile_machine
from construction.base_network import BLOCKS, residual_stream
from construction.certificate.rational import RationalNetwork, Vector
from tests.effort import some
from tests.emulation import base_for, run_of
from tests.machines import TABLE, Case, random_case
from tm import Machine, library

SHORT = [Case(case.name, case.machine, case.input, case.head, case.seed, max_steps=40) for case in TABLE]


def generated(network, codec: Codec, case: Case, limit: int, watch=None) -> list[tuple[int, ...]]:
    examples = None if codec.config.kind == "base" else ()
    prompt = codec.prompt(case.input, head=case.head, examples=examples)
    return list(RationalNetwork(network, watch).generate(prompt.tokens, codec.vocabulary.best, codec.stop, limit))


class Typed:
    """Checks every direction against its type: flags and one-hots are 0 or 1, integers whole."""

    def __init__(self, config) -> None:
        self.stream = residual_stream(config)
        self.seen = 0

    def __call__(self, block: int, x: Vector) -> None:
        for column, value in x.items():
            direction, type = self.stream.direction(column), self.stream.type_of(column)
            if type == "integer":
                assert value.denominator == 1, f"after {BLOCKS[block]}: {direction.name} is {value}"
            elif type in ("flag", "one-hot"):
                assert value == 1, f"after {BLOCKS[block]}: {direction.name} is {value}"
            self.seen += 1


@pytest.mark.parametrize("case", some([case for case in SHORT if case.seed is None], every=2), ids=str)
def test_library(case: Case):
    network = base_for(case)
    codec, typed = Codec(network.config, case.machine), Typed(network.config)
    run = run_of(codec, case)
    assert generated(network, codec, case, len(run), typed) == [tuple(token) for token in run.tolist()]
    assert typed.seen > 0


@pytest.mark.parametrize("seed", some(range(0, 60, 5), every=2))
def test_random_machines(seed: int):
    case = random_case(seed)
    case = Case(case.name, case.machine, case.input, case.head, case.seed, max_steps=25)
    network = base_for(case)
    codec = Codec(network.config, case.machine)
    run = run_of(codec, case)
    assert generated(network, codec, case, len(run), Typed(network.config)) == [tuple(token) for token in run.tolist()]


def test_busy_beaver_whole():
    case = Case("bb4", library.load("bb4"))
    for network in (base_network(8, 4), compile_machine(case.machine)):
        codec = Codec(network.config, case.machine)
        output = generated(network, codec, case, 200)
        assert len(output) == 108
        assert output[-1] == codec.stop


def test_distribution_is_exact():
    machine = Machine.read("a _ -> b 0 R x 1\na _ -> c 0 R x 2")
    network = base_network(4, 2, code="joint")
    codec = Codec(network.config, machine)
    rational = RationalNetwork(network)
    for token in codec.prompt().tokens:
        logits = rational.advance(token)
    positive = codec.vocabulary.positive(logits)
    assert [probability for _, probability in positive] == [pytest.approx(1 / 3), pytest.approx(2 / 3)]
    step = codec.vocabulary["STEP"]
    assert sorted(logits[step["action"].rows])[-2:] == [Fraction(1, 3), Fraction(2, 3)]

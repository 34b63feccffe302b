"""`run` stops where its decoder's certificate ends, not a token later, and says which lemma it was."""

from __future__ import annotations

import json

import pytest
import torch

from compiled_models import run
from compiled_models.cli import main
from construction import Codec, base_network, compile_machine
from construction.certificate import certified_budget
from tests.compiled_models.decoding import interpreted
from tests.constants import with_constants
from tm import Machine, library

FLIP = Machine.read("on _ -> off 1 S\noff 1 -> on _ S")
RIGHT = Machine.read("on _ -> on 1 R")
DECODERS = ["dense", "streaming", "kernels"]


@pytest.fixture(autouse=True)
def by_python(monkeypatch) -> None:
    """Kernels are interpreted: each network here has constants of its own, and would be compiled."""
    interpreted.use(monkeypatch)


@pytest.mark.parametrize("decoder", DECODERS)
def test_stops_at_the_last_certified_token(decoder):
    network = with_constants(K=2**8)
    budget = certified_budget(network, decoder)
    result = run(network, FLIP, decoder=decoder)
    assert (result.reason, result.lemma, result.halted) == ("not certified", budget.beyond_tokens, False)
    assert result.lemma == "saturation, present"
    assert result.steps == budget.tokens - len(Codec(network.config, FLIP).prompt()) > 100
    assert len(list(result.trace())) == result.steps


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("head", [0, 20, -9])
def test_stops_at_the_last_certified_cell(decoder, head):
    network = with_constants(M=2**52 + 40)
    result = run(network, RIGHT, head=head, decoder=decoder)
    assert (result.reason, result.lemma) == ("not certified", "rounding shift")
    assert (result.head, result.steps) == (39, 39 - head)


@pytest.mark.parametrize("decoder", DECODERS)
def test_input_and_start_beyond_the_radius(decoder):
    network = with_constants(M=2**52 + 40)
    machine = Machine.read("on 1 -> on 1 S")
    for input, head, steps in (("1" * 40, 0, 30), ("1" * 41, 0, 0), ("", 40, 0), ("", -40, 0)):
        result = run(network, machine, input, head=head, decoder=decoder, max_steps=30)
        assert result.steps == steps
        assert result.reason == ("step limit" if steps else "not certified")


@pytest.mark.parametrize("decoder", DECODERS)
def test_goes_on_when_told_to(decoder):
    network = with_constants(K=2**8)
    result = run(network, FLIP, decoder=decoder, max_steps=150, uncertified=True)
    assert (result.reason, result.lemma, result.steps) == ("step limit", None, 150)


def test_a_limit_that_the_run_does_not_reach_changes_nothing():
    network = with_constants(K=2**8)
    steps = run(network, FLIP).steps
    assert run(network, FLIP, max_steps=steps).reason == "step limit"
    assert run(network, FLIP, max_steps=steps - 1).reason == "step limit"
    halting = run(network, library.load("bb3"))
    assert (halting.halted, halting.reason, halting.lemma) == (True, "no rule", None)


def test_wrong_weights_run_no_step_unless_told():
    network = base_network(4, 2)
    network.get_parameter("blocks.3.attn.W_K").data[0, 5, 0] = 1
    result = run(network, library.load("bb2"))
    assert (result.reason, result.steps, result.halted) == ("not certified", 0, False)
    assert result.lemma is not None
    assert result.lemma.startswith("frame: blocks.3.attn.W_K ")
    assert run(network, library.load("bb2"), uncertified=True, max_steps=3).reason != "not certified"


def test_bfloat16_is_certified_for_next_to_nothing():
    result = run(base_network(3, 2, dtype=torch.bfloat16), library.load("bb2"))
    assert (result.reason, result.lemma, result.steps) == ("not certified", "saturation, absent", 0)
    tuned = run(compile_machine(library.load("bb2"), dtype=torch.bfloat16), library.load("bb2"))
    assert (tuned.reason, tuned.steps) == ("not certified", 4)


def test_busy_beaver_5_fits_the_merging_decoders():
    network, machine = base_network(8, 4), library.load("bb5")
    tokens = len(Codec(network.config, machine).prompt()) + 47_176_870 + 1
    assert certified_budget(network, "streaming").tokens > tokens
    assert certified_budget(network, "kernels").tokens > tokens
    assert certified_budget(network, "kernels").radius > 12_289


def test_command_line(capsys):
    small = "--states", "8", "--symbols", "4", "--tapes", "1"
    for sizes, lemma in ((small, "saturation, absent"), ((), "logit margin")):
        asked = ["run", "bb2", "--dtype", "bfloat16", *sizes]
        assert main([*asked, "--json"]) == 1
        report = json.loads(capsys.readouterr().out)
        assert (report["reason"], report["lemma"]) == ("not certified", lemma)
        assert main(asked) == 1
        assert lemma in capsys.readouterr().out
        assert main([*asked, "--uncertified", "--max-steps", "2"]) == 0
        assert "not certified" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--tokens", "10000000", "--radius", "100000"], 0),
        (["--tokens", "100000000"], 1),
        (["--tokens", "100000000", "--decoder", "kernels"], 0),
        (["--dtype", "float32", "--tokens", "2000", "--radius", "1000"], 0),
        (["--tuned", "bb4", "--states", "8"], 0),
        (["--dtype", "bfloat16", "--tokens", "9"], 1),
        (["--tokens", "0"], 2),
        (["--dtype", "bfloat16", "--decoder", "streaming"], 2),
        (["no such file"], 2),
    ],
)
def test_certify(capsys, arguments, status):
    assert main(["certify", *arguments]) == status
    text = capsys.readouterr().out
    assert main(["certify", *arguments, "--json"]) == status
    if status < 2:
        report = json.loads(capsys.readouterr().out)
        assert report["certified"] == (status == 0)
        assert report["certified"] == all(lemma["holds"] for lemma in report["lemmas"])
        assert ("NOT CERTIFIED" in text) == (status == 1)
        assert f"{report['largest']['tokens']:,}" in text

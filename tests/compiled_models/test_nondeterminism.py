"""Nondeterministic machines on networks: a run is searched for, and the network checks it; with a seed it draws."""

from __future__ import annotations

import json

import pytest
import torch

from compiled_models import GenerationError, assert_emulates, run
from compiled_models.comparison import compare
from compiled_models.decoding import CheckingDecoder
from compiled_models.machine_run import MachineRun
from construction import CapacityError, Codec, base_network, compile_machine
from tests.commands import tapehead
from tests.tm.test_run_tree import CIRCLE, ENDLESS, GUESS, HALTS, random_choices
from tm import InputError, Machine, Start, outcome, search

TWO = Machine.read(
    "nondeterministic: yes\ntapes: 2\naccept: yes\n"
    "a 1,_ -> a 1,1 R,R\na 1,_ -> b 1,_ S,L\nb 1,1 -> b 1,1 R,L\nb _,_ -> yes _,_ S,S"
)
"""Whether there is an even number of 1s: half of them are copied, the other half compared with the copy."""


@pytest.mark.parametrize(("machine", "input"), [(GUESS, "111"), (TWO, "1111"), (HALTS, "")])
def test_the_run_that_is_found_is_what_the_network_checks(machine, input):
    network = base_network(states=8, symbols=4, tapes=machine.tapes, code="joint")
    tuned = compile_machine(machine, states=8, symbols=4, tapes=machine.tapes, code="joint")
    expected = search(machine, input)
    for each in (network, tuned):
        result = run(each, machine, input)
        assert result.search == expected
        assert (result.halted, result.accepted, result.reason) == (True, expected.accepted, "no rule")
        assert (result.steps, result.state) == (expected.run[-1].step, expected.run[-1].state)
        assert result.decoder == "dense"
        texts = [step.text for step in result.trace()]
        assert (len(texts), texts[-1]) == (result.steps + 1, "<stop>")
        assert_emulates(each, machine, [input])
    assert compare(network, machine, input).equal


@pytest.mark.parametrize("seed", range(12))
def test_random_choices_on_networks(seed):
    machine = random_choices(seed)
    network = base_network(states=4, symbols=4)
    expected = search(machine, "01", max_steps=6)
    result = run(network, machine, "01", max_steps=6)
    assert (result.accepted, result.steps, result.halted) == (expected.accepted, expected.run[-1].step, expected.halted)
    assert_emulates(network, machine, ["01"], max_steps=6)
    assert compare(network, machine, "01", max_steps=6).accepted is expected.accepted


def test_rejected_only_once_the_whole_tree_was_searched():
    network = base_network(states=8, symbols=4)
    result = run(network, GUESS, ["1", "x"])
    assert (result.accepted, result.halted, result.reason) == (False, True, "no rule")
    result = run(network, ENDLESS, max_steps=5)
    assert (result.accepted, result.halted, result.reason, result.steps) == (None, False, "undecided", 5)
    result = run(network, CIRCLE)
    assert (result.accepted, result.halted, result.reason) == (False, False, "no run accepts")


def test_with_a_seed_a_run_is_drawn_and_rejects_nothing():
    network = base_network(states=8, symbols=4)
    results = [run(network, GUESS, "11", seed=seed, decoder="streaming") for seed in range(12)]
    assert {result.accepted for result in results} == {True, None}
    for seed, result in enumerate(results):
        expected = outcome(GUESS, "11", seed=seed)
        assert (result.steps, result.accepted, result.search) == (expected.steps, expected.accepted, None)


def test_a_step_without_a_chance_is_refused():
    network = base_network(states=8, symbols=4)
    start = Start.of(GUESS, "11")
    codec = Codec(network.config, GUESS)
    known = MachineRun.of(codec, start, max_steps=10)
    rules = GUESS.rules
    poorer = codec.prompt("11", examples=[rule for rule in rules if rule.next_state != "b"])  # nothing leads to b
    decoder = CheckingDecoder(network, codec.vocabulary, poorer, known.tokens)
    texts = [codec.text(token) for (token,) in decoder.generate(4)]
    assert (texts[0], decoder.refused) == (codec.text(known.tokens[0]), 1)
    assert texts[1] != codec.text(known.tokens[1])
    broken = compile_machine(GUESS, states=8, symbols=4)
    broken.get_parameter("blocks.3.mlp.W_out").data[1] = 0  # the second rule's unit
    with pytest.raises(GenerationError, match="has no chance by this network"):
        run(broken, GUESS, "11", uncertified=True)
    with pytest.raises(AssertionError, match="does not do what the machine"):
        assert_emulates(broken, GUESS, ["11"])


def test_the_certificate_holds_for_a_run_that_is_checked():
    result = run(base_network(4, 4, dtype=torch.float32), GUESS, "1" * 3000)
    assert (result.reason, result.accepted) == ("not certified", None)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"decoder": "kernels"}, "the dense decoder"),
        ({"examples": GUESS.rules}, "own rules"),
        ({"snapshot": "x"}, "no snapshot"),
    ],
)
def test_what_does_not_go_with_a_search_is_refused(asked, reason):
    with pytest.raises(InputError, match=reason):
        run(base_network(4, 4), GUESS, "11", **asked)


def test_factored_code_can_neither_draw_nor_check_and_says_why():
    network = base_network(states=8, symbols=4, tapes=2, code="factored")
    for seed in (None, 1):
        with pytest.raises(CapacityError, match="the actions would mix"):
            run(network, GUESS, "11", seed=seed)


def test_the_command_line_says_what_was_searched(capsys, tmp_path):
    path = tmp_path / "guess.tm"
    path.write_text(GUESS.write())
    status, out, _ = tapehead(capsys, "run", str(path), "11", "--trace")
    assert status == 0
    assert "accepted after 3 steps" in out
    assert "search   this run accepts: found among 6 configurations, up to 3 steps deep" in out
    assert "it cannot guess, it can check" in out
    status, out, _ = tapehead(capsys, "run", str(path), "", "--json")
    result = json.loads(out)
    assert (status, result["accepted"], result["search"]["complete"]) == (1, False, True)
    status, out, _ = tapehead(capsys, "run", str(path), "11", "--seed", "0")
    assert "one run, drawn from the seed" in out
    assert "rejected" not in out
    path.write_text(ENDLESS.write())
    status, out, _ = tapehead(capsys, "run", str(path), "--max-steps", "4")
    assert (status, "undecided: no run accepts among 31 configurations" in out, "rejected" in out) == (0, True, False)
    status, out, _ = tapehead(capsys, "check", str(path))
    assert "it is nondeterministic" in out
    status, out, _ = tapehead(capsys, "compare", str(path), "--max-steps", "4")
    assert (status, "both networks check it" in out) == (0, True)
    assert tapehead(capsys, "compile", str(path), "-o", str(tmp_path / "net"))[0] == 0
    status, out, _ = tapehead(capsys, "run", str(path), "--network", str(tmp_path / "net"), "--max-steps", "3")
    assert (status, "undecided" in out) == (0, True)
    assert tapehead(capsys, "prompt", str(path))[1].count("a_:") == 2
